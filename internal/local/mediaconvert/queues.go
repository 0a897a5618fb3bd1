package mediaconvert

import (
	"cmp"
	"time"
	"unicode/utf8"
)

// The service's queue statuses and types.
const (
	active       = "ACTIVE"
	paused       = "PAUSED"
	defaultQueue = "Default"
	system       = "SYSTEM"
	custom       = "CUSTOM"
)

// maxName bounds names of queues and templates; file names are made of them.
const maxName = 80

// Queue is the service's Queue in its wire form.
type Queue struct {
	ARN                  string `json:"arn"`
	ConcurrentJobs       int    `json:"concurrentJobs,omitempty"`
	CreatedAt            int64  `json:"createdAt"`
	Description          string `json:"description,omitempty"`
	LastUpdated          int64  `json:"lastUpdated"`
	Name                 string `json:"name"`
	PricingPlan          string `json:"pricingPlan"`
	ProgressingJobsCount int    `json:"progressingJobsCount"`
	Status               string `json:"status"`
	SubmittedJobsCount   int    `json:"submittedJobsCount"`
	Type                 string `json:"type"`
}

// queueRequest is the body of CreateQueue and UpdateQueue.
type queueRequest struct {
	ConcurrentJobs          *int              `json:"concurrentJobs"`
	Description             *string           `json:"description"`
	MaximumConcurrentFeeds  *int              `json:"maximumConcurrentFeeds"`
	Name                    string            `json:"name"`
	PricingPlan             string            `json:"pricingPlan"`
	ReservationPlanSettings any               `json:"reservationPlanSettings"`
	Status                  string            `json:"status"`
	Tags                    map[string]string `json:"tags"`
}

func (q queueRequest) check() error {
	switch {
	case q.MaximumConcurrentFeeds != nil:
		return notCarriedOut("/maximumConcurrentFeeds", "Elemental Inference")
	case q.ReservationPlanSettings != nil:
		return notCarriedOut("/reservationPlanSettings", "a reserved queue")
	case q.PricingPlan != "" && q.PricingPlan != "ON_DEMAND":
		return notCarriedOut("/pricingPlan", "a reserved queue")
	case q.Status != "" && q.Status != active && q.Status != paused:
		return badRequest("/status: must be ACTIVE or PAUSED, not %q", q.Status)
	case q.ConcurrentJobs != nil && *q.ConcurrentJobs < 1:
		return badRequest("/concurrentJobs: must be at least 1")
	}
	return nil
}

// apply puts what the request says into a queue.
func (q queueRequest) apply(to *Queue) {
	if q.ConcurrentJobs != nil {
		to.ConcurrentJobs = *q.ConcurrentJobs
	}
	if q.Description != nil {
		to.Description = *q.Description
	}
	to.Status = cmp.Or(q.Status, to.Status)
	to.LastUpdated = time.Now().Unix()
}

func (s *state) ensureDefaultQueue(arn func(string) string) error {
	if s.queues[defaultQueue] != nil {
		return nil
	}
	now := time.Now().Unix()
	q := &Queue{
		ARN: arn("queues/" + defaultQueue), Name: defaultQueue, Status: active, Type: system,
		PricingPlan: "ON_DEMAND", CreatedAt: now, LastUpdated: now,
	}
	s.queues[defaultQueue] = q
	return s.queueFiles.save(defaultQueue, q)
}

func checkName(name string) error {
	if name == "" {
		return badRequest("name is a required property")
	}
	if len(name) > maxName || !utf8.ValidString(name) {
		return badRequest("/name: must not be longer than %d bytes", maxName)
	}
	return nil
}

// counted is a queue with its jobs counted; the caller holds the lock.
func (s *state) counted(q *Queue) Queue {
	answer := *q
	for _, r := range s.jobs {
		switch {
		case r.Queue != q.ARN:
		case r.Status == submitted:
			answer.SubmittedJobsCount++
		case r.Status == progressing:
			answer.ProgressingJobsCount++
		}
	}
	return answer
}

// queue finds a queue by name or ARN; the caller holds the lock.
func (s *state) queue(nameOrARN string) (*Queue, error) {
	q := s.queues[nameOf(nameOrARN)]
	if q == nil || (nameOrARN != q.Name && nameOrARN != q.ARN) {
		return nil, notFound("The queue %s does not exist.", nameOrARN)
	}
	return q, nil
}

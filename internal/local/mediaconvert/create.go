package mediaconvert

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"
)

type jobAnswer struct {
	Job Job `json:"job"`
}

func (s *Server) createJob(r *http.Request) (int, any, error) {
	var request jobRequest
	if err := s.decodeChecked(r, "CreateJob", &request); err != nil {
		return 0, nil, err
	}
	if err := request.check(); err != nil {
		return 0, nil, err
	}
	digest := request.digest()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if known := s.known(request.ClientRequestToken); known != nil {
		if known.Digest != digest {
			return 0, nil, conflict("The client request token %s was used for job %s with other parameters.",
				request.ClientRequestToken, known.ID)
		}
		return http.StatusCreated, jobAnswer{s.live(known)}, nil
	}
	job, err := s.submit(request, digest)
	if err != nil {
		return 0, nil, err
	}
	s.nudge()
	return http.StatusCreated, jobAnswer{job}, nil
}

// known is the job that a token already made; the caller holds the lock.
func (s *Server) known(token string) *record {
	r := s.state.jobs[s.state.tokens[token]]
	if token == "" || r == nil {
		return nil
	}
	if time.Since(r.SubmittedAt) > s.TokenLifetime && !s.outlivesRestart(r) {
		return nil
	}
	return r
}

// restartTokens is how long after a start the tokens of earlier jobs hold. A
// crash may have made the caller forget that it submitted one: it does so again
// once it is up, later than a token's minute.
const restartTokens = 15 * time.Minute

func (s *Server) outlivesRestart(r *record) bool {
	return r.Sequence <= s.earlier && time.Since(s.started) < restartTokens
}

// submit makes a job of a request; the caller holds the lock.
func (s *Server) submit(q jobRequest, digest string) (Job, error) {
	if err := s.useTemplate(&q); err != nil {
		return Job{}, err
	}
	queue, err := s.state.queue(cmp.Or(q.Queue, defaultQueue))
	if err != nil {
		return Job{}, err
	}
	if err := s.checkMerged(q); err != nil {
		return Job{}, err
	}
	r := s.newRecord(q, queue)
	r.Digest = digest
	if err := s.state.setTags(r.ARN, q.Tags); err != nil {
		return Job{}, err
	}
	if err := s.state.add(r); err != nil {
		return Job{}, err
	}
	return r.Job, nil
}

// checkMerged checks what a request says together with its template.
func (s *Server) checkMerged(q jobRequest) error {
	if err := s.checkSettings(q.Settings); err != nil {
		return err
	}
	uris, err := inputURIs(q.Settings)
	if err != nil {
		return err
	}
	for i, uri := range uris {
		if _, err := parseURI(uri); err != nil {
			return badRequest("/inputs/%d/fileInput: %v", i, err)
		}
	}
	return nil
}

func (s *Server) newRecord(q jobRequest, queue *Queue) *record {
	now := time.Now()
	id := fmt.Sprintf("%d-%s", now.UnixMilli(), randomLetters(6))
	r := &record{SubmittedAt: now, Job: Job{
		ARN: s.arn("jobs/" + id), ID: id, Status: submitted, Queue: queue.ARN, Role: q.Role,
		AccelerationSettings: cmp.Or(q.AccelerationSettings, &Acceleration{Mode: "DISABLED"}),
		AccelerationStatus:   "NOT_APPLICABLE", BillingTagsSource: q.BillingTagsSource,
		ClientRequestToken: q.ClientRequestToken, CreatedAt: now.Unix(), JobTemplate: q.JobTemplate,
		Messages: &Messages{Info: []string{}, Warning: []string{}}, Settings: q.Settings,
		StatusUpdateInterval: cmp.Or(q.StatusUpdateInterval, defaultInterval),
		Timing:               Timing{SubmitTime: now.Unix()}, UserMetadata: q.UserMetadata,
	}}
	set(&r.Priority, q.Priority)
	if r.AccelerationSettings.Mode != "DISABLED" {
		r.AccelerationStatus = "NOT_ACCELERATED" // jobs run at the machine's own speed
	}
	return r
}

// randomLetters ends a job id, as in 1735300000000-abcdef.
func randomLetters(n int) string { return strings.ToLower(rand.Text())[:n] }

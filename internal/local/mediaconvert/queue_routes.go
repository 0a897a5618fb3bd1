package mediaconvert

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

func (s *Server) createQueue(r *http.Request) (int, any, error) {
	var request queueRequest
	if err := s.decodeChecked(r, "CreateQueue", &request); err != nil {
		return 0, nil, err
	}
	if err := checkName(request.Name); err != nil {
		return 0, nil, err
	}
	if err := request.check(); err != nil {
		return 0, nil, err
	}
	q := &Queue{
		ARN: s.arn("queues/" + request.Name), Name: request.Name, Type: custom, Status: active,
		PricingPlan: "ON_DEMAND", CreatedAt: time.Now().Unix(),
	}
	request.apply(q)
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.state.queues[q.Name] != nil {
		return 0, nil, conflict("A queue with the name %s already exists.", q.Name)
	}
	if err := s.state.setTags(q.ARN, request.Tags); err != nil {
		return 0, nil, err
	}
	return s.saveQueue(http.StatusCreated, q)
}

// saveQueue keeps a queue and answers with it; the caller holds the lock.
func (s *Server) saveQueue(status int, q *Queue) (int, any, error) {
	if err := s.state.queueFiles.save(q.Name, q); err != nil {
		return 0, nil, err
	}
	s.state.queues[q.Name] = q
	s.nudge()
	return status, queueAnswer{s.state.counted(q)}, nil
}

type queueAnswer struct {
	Queue Queue `json:"queue"`
}

func (s *Server) getQueue(r *http.Request) (int, any, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	q, err := s.state.queue(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, queueAnswer{s.state.counted(q)}, nil
}

func (s *Server) listQueues(r *http.Request) (int, any, error) {
	page, err := pagingOf(r, false)
	if err != nil {
		return 0, nil, err
	}
	by, err := oneOf(r, "listBy", "NAME", "CREATION_DATE")
	if err != nil {
		return 0, nil, err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	all := slices.SortedFunc(maps.Values(s.state.queues), func(a, b *Queue) int {
		if by == "NAME" {
			return cmp.Compare(a.Name, b.Name)
		}
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.Name, b.Name))
	})
	all, next, err := cut(all, page, func(q *Queue) string { return q.Name })
	if err != nil {
		return 0, nil, err
	}
	answer := struct {
		Queues    []Queue `json:"queues"`
		NextToken string  `json:"nextToken,omitempty"`
	}{make([]Queue, len(all)), next}
	for i, q := range all {
		answer.Queues[i] = s.state.counted(q)
	}
	return http.StatusOK, answer, nil
}

func (s *Server) updateQueue(r *http.Request) (int, any, error) {
	var request queueRequest
	if err := s.decodeChecked(r, "UpdateQueue", &request); err != nil {
		return 0, nil, err
	}
	if err := request.check(); err != nil {
		return 0, nil, err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old, err := s.state.queue(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	q := *old
	request.apply(&q)
	return s.saveQueue(http.StatusOK, &q)
}

func (s *Server) deleteQueue(r *http.Request) (int, any, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	q, err := s.state.queue(r.PathValue("name"))
	if err != nil {
		return 0, nil, err
	}
	if q.Type == system {
		return 0, nil, badRequest("The queue %s is a system queue and cannot be deleted.", q.Name)
	}
	if counted := s.state.counted(q); counted.SubmittedJobsCount+counted.ProgressingJobsCount > 0 {
		return 0, nil, conflict("The queue %s still has %d submitted and %d progressing jobs.",
			q.Name, counted.SubmittedJobsCount, counted.ProgressingJobsCount)
	}
	if err := s.state.queueFiles.remove(q.Name); err != nil {
		return 0, nil, fmt.Errorf("delete queue %s: %w", q.Name, err)
	}
	delete(s.state.queues, q.Name)
	return http.StatusAccepted, struct{}{}, s.state.setTags(q.ARN, nil)
}

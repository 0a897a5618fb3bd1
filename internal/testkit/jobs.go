package testkit

import (
	"context"
	"fmt"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// Jobs is an encoder that takes jobs and remembers them.
type Jobs struct {
	// SubmitFunc, LookFunc and CancelFunc take the place of what follows.
	SubmitFunc func(encoding.Job) (string, error)
	LookFunc   func(id string) (contract.JobDetail, error)
	CancelFunc func(id string) error

	mu        sync.Mutex
	submitted []encoding.Job
	cancelled []string
}

// Submit takes a job. The ids are job-1, job-2 and so on; a client request
// token that has come before gives the id that it gave then.
func (j *Jobs) Submit(_ context.Context, job encoding.Job) (string, error) {
	if j.SubmitFunc != nil {
		return j.SubmitFunc(job)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, known := range j.submitted {
		if job.ClientRequestToken != "" && known.ClientRequestToken == job.ClientRequestToken {
			return fmt.Sprintf("job-%d", i+1), nil
		}
	}
	j.submitted = append(j.submitted, job)
	return fmt.Sprintf("job-%d", len(j.submitted)), nil
}

// Look says that a job is being worked on.
func (j *Jobs) Look(_ context.Context, id string) (contract.JobDetail, error) {
	if j.LookFunc != nil {
		return j.LookFunc(id)
	}
	return contract.JobDetail{JobID: id, Status: contract.JobProgressing}, nil
}

// Cancel stops a job.
func (j *Jobs) Cancel(_ context.Context, id string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cancelled = append(j.cancelled, id)
	if j.CancelFunc != nil {
		return j.CancelFunc(id)
	}
	return nil
}

// Submitted are the jobs that were taken, Cancelled the ids that were
// stopped.
func (j *Jobs) Submitted() []encoding.Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]encoding.Job(nil), j.submitted...)
}

// Cancelled are the ids of the jobs that were stopped.
func (j *Jobs) Cancelled() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.cancelled...)
}

package testkit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// Jobs is an encoder that takes jobs and remembers them.
type Jobs struct {
	// SubmitFunc, FindFunc, LookFunc and CancelFunc take the place of what
	// follows.
	SubmitFunc func(encoding.Job) (string, error)
	FindFunc   func(encoding.Job) (string, error)
	LookFunc   func(id string) (contract.JobDetail, error)
	CancelFunc func(id string) error
	// After, where set, is called after a job was taken; its error is returned
	// in place of the answer, as when that is lost.
	After func() error
	// Now tells when a client request token has been forgotten, which is a
	// minute after it came; where it is not set, time stands still.
	Now func() time.Time

	mu        sync.Mutex
	submitted []takenJob
	cancelled []string
}

type takenJob struct {
	encoding.Job
	at time.Time
}

// tokenLife is how long the service remembers a ClientRequestToken (botocore's
// model of CreateJob).
const tokenLife = time.Minute

func (j *Jobs) now() time.Time {
	if j.Now == nil {
		return time.Time{}
	}
	return j.Now()
}

// Submit takes a job. The ids are job-1, job-2 and so on; a client request
// token that came within the last minute gives the id that it gave then.
func (j *Jobs) Submit(_ context.Context, job encoding.Job) (string, error) {
	if j.SubmitFunc != nil {
		return j.SubmitFunc(job)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.now()
	for i, known := range j.submitted {
		if job.ClientRequestToken != "" && known.ClientRequestToken == job.ClientRequestToken && now.Sub(known.at) < tokenLife {
			return jobID(i), j.after()
		}
	}
	j.submitted = append(j.submitted, takenJob{job, now})
	return jobID(len(j.submitted) - 1), j.after()
}

func (j *Jobs) after() error {
	if j.After == nil {
		return nil
	}
	return j.After()
}

func jobID(i int) string { return fmt.Sprintf("job-%d", i+1) }

// Find looks for the newest job with the same user metadata.
func (j *Jobs) Find(_ context.Context, job encoding.Job, since time.Time) (string, error) {
	if j.FindFunc != nil {
		return j.FindFunc(job)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := len(j.submitted) - 1; i >= 0; i-- {
		known := j.submitted[i]
		if known.UserMetadata["guid"] == job.UserMetadata["guid"] && !known.at.Before(since) {
			return jobID(i), nil
		}
	}
	return "", contract.ErrNotFound
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
	jobs := make([]encoding.Job, len(j.submitted))
	for i, taken := range j.submitted {
		jobs[i] = taken.Job
	}
	return jobs
}

// Cancelled are the ids of the jobs that were stopped.
func (j *Jobs) Cancelled() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.cancelled...)
}

// Package step is what the functions do: one type per function, with a typed
// Handle. It talks to the world through the small interfaces below and never
// sees a cloud service's client.
package step

import (
	"context"
	"errors"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
)

// Records is the tracking table.
type Records interface {
	// Create writes a new record. Where there is one already it returns that,
	// else nil.
	Create(ctx context.Context, rec contract.Record) (existing *contract.Record, err error)
	// Get reads a record as it is now, or returns contract.ErrUnknownVideo.
	Get(ctx context.Context, guid string) (contract.Record, error)
	// Update carries out a change and returns the record after it. When a
	// condition fails, done is false and the record is the one that stands;
	// when there is none the error is contract.ErrUnknownVideo.
	Update(ctx context.Context, guid string, change contract.Change) (rec contract.Record, done bool, err error)
}

// RunningJobs remembers of each video's job, while it runs, what changes too
// often for the record.
type RunningJobs interface {
	// Get reads what is remembered as it is now; nothing is an empty job.
	Get(ctx context.Context, guid string) (contract.RunningJob, error)
	// Await stores the token of the waiting task, in the place of an older one,
	// and notes that CreateJob may be called from this moment on, unless it may
	// have been called before. It returns what was remembered until then.
	Await(ctx context.Context, guid, token, at string) (before contract.RunningJob, err error)
	// BeginSubmit notes that CreateJob is about to be called again, EndSubmit
	// that it was not called or has refused.
	BeginSubmit(ctx context.Context, guid, at string) error
	EndSubmit(ctx context.Context, guid string) error
	// Advance raises the progress of a job that is remembered; false where
	// that is known to be as far already.
	Advance(ctx context.Context, guid string, percent int) (job contract.RunningJob, advanced bool, err error)
	// Recorded notes which progress the record was told, and when.
	Recorded(ctx context.Context, guid string, percent int, at string) error
	// Delete forgets a job.
	Delete(ctx context.Context, guid string) error
}

// Topic is where the messages go.
type Topic interface {
	Publish(ctx context.Context, m contract.Message) error
}

// Queue is where the results go.
type Queue interface {
	Send(ctx context.Context, result contract.Message) error
}

// Tasks completes the state machine's waiting task. A task that is complete
// already, timed out or gone counts as done.
type Tasks interface {
	Succeed(ctx context.Context, token, output string) error
	Fail(ctx context.Context, token, name, cause string) error
}

// together runs functions at once and returns when all are done, with the
// error of the first in the list that has one. The last one runs here: a new
// goroutine's stack grows again and again on its way through the SDK.
func together(fns ...func() error) error {
	errs := make([]error, len(fns))
	var wg sync.WaitGroup
	last := len(fns) - 1
	for i, fn := range fns[:last] {
		wg.Go(func() { errs[i] = fn() })
	}
	errs[last] = fns[last]()
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkVersion compares what is in the bucket now with the version that the
// guid stands for: MediaConvert reads by key, so another version must never
// pass for it. An object without version ids is told by its ETag.
func checkVersion(now contract.Object, err error, key, version, etag string) error {
	if errors.Is(err, contract.ErrNotFound) {
		return contract.Failf(contract.CodeSourceGone, "the video %q is no longer in the source bucket", key)
	}
	if err != nil {
		return err
	}
	same := now.VersionID == version
	if version == "" || version == "null" {
		same = etag == "" || now.ETag == etag
	}
	if !same {
		return contract.Failf(contract.CodeSourceReplaced, "a newer upload to %q took this one's place", key)
	}
	return nil
}

package library

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
)

// Sweep does what requests have left to do: it marks uploads that never came,
// starts encodes that were promised, and deletes what deleted videos have
// left behind, and the outputs of failed ones. Every step may be repeated, by several at once; whatever it
// dies at, the next try finishes.
type Sweep struct {
	SourceBucket string
	Rows         SweepRows
	History      SweepHistory
	Records      SweepRecords
	Running      SweepRunningJobs
	Source       SweepSource
	Destination  SweepDestination
	Executions   Executions
	Jobs         Jobs
	CDN          CDN
	Work         SweepWork
	Now          func() time.Time
	Log          *slog.Logger
}

// SweepRows is the video table as Sweep needs it.
type SweepRows interface {
	Rows
	// Due is a page of up to limit rows whose work is due before or at a
	// moment; the first page where after is nil.
	Due(ctx context.Context, work contract.Work, before string, after *contract.DuePosition, limit int) (contract.DuePage, error)
}

// SweepHistory removes a deleted video's messages.
type SweepHistory interface {
	// Clear removes up to limit messages and tells whether there may be more.
	Clear(ctx context.Context, id string, limit int) (more bool, err error)
}

// SweepRecords removes a deleted video's records.
type SweepRecords interface {
	Records
	Delete(ctx context.Context, guid string) error
}

// SweepRunningJobs removes what is remembered of a deleted video's job.
type SweepRunningJobs interface {
	Delete(ctx context.Context, guid string) error
}

// SweepSource is the source bucket.
type SweepSource interface {
	// Head looks the current version up, or returns contract.ErrNotFound.
	Head(ctx context.Context, key string) (contract.Object, error)
	// AbortUploads ends all multipart uploads under a prefix.
	AbortUploads(ctx context.Context, prefix string) error
	// Versions are some of the versions and delete markers under a prefix;
	// none when there are none left.
	Versions(ctx context.Context, prefix string) (versions, markers []contract.Object, err error)
	// Remove removes versions and delete markers for good.
	Remove(ctx context.Context, versions []contract.Object) error
}

// SweepDestination is the destination bucket.
type SweepDestination interface {
	// Clear deletes some of the objects under a prefix and returns how many;
	// none when there are none left.
	Clear(ctx context.Context, prefix string) (deleted int, err error)
}

// Executions are the state machine's.
type Executions interface {
	// Start starts one. A name that is taken counts as started.
	Start(ctx context.Context, name, input string) error
	// Running tells whether there is one of that name that has not ended.
	Running(ctx context.Context, name string) (bool, error)
}

// Jobs are the encoder's.
type Jobs interface {
	// Look tells how a job is doing, or returns contract.ErrNotFound.
	Look(ctx context.Context, id string) (contract.JobDetail, error)
	// Cancel stops a job; one that has ended already counts as stopped.
	Cancel(ctx context.Context, id string) error
}

// CDN delivers the outputs.
type CDN interface {
	// Invalidate makes it forget paths. The same reference again counts as
	// the same request.
	Invalidate(ctx context.Context, reference string, paths []string) error
}

// task is a message of the work queue: about a row, or about the outputs of a
// video that has failed, which may have no row.
type task struct {
	ID string `json:"id"`
	contract.OutputRemoval
}

// WorkBody is the message of the work queue that asks to look at a video now.
func WorkBody(id string) string { return `{"id":"` + id + `"}` }

const (
	// dueAtOnce is how many rows of a kind of work are looked up at a time.
	dueAtOnce = 50
	// reserve is kept of a function's time: nothing new is begun in it.
	reserve = 15 * time.Second
	// afterFailure is when a row that cannot be swept is tried again, so that
	// it does not stand in the way of others.
	afterFailure = 5 * time.Minute
	// afterThrottle is when one is tried again for which a service is busy.
	afterThrottle = time.Minute
)

// Handle takes messages of the work queue or the schedule's event, which has
// no messages.
func (s *Sweep) Handle(ctx context.Context, batch inbox.Batch) (inbox.Failures, error) {
	if len(batch.Records) > 0 {
		return batch.Each(ctx, s.Log, s.take), nil
	}
	return inbox.Failures{BatchItemFailures: []inbox.Failure{}}, s.round(ctx)
}

func (s *Sweep) take(ctx context.Context, body string) error {
	var t task
	err := json.Unmarshal([]byte(body), &t)
	switch {
	case err != nil || t.ID == "" && t.GUID == "":
		return fmt.Errorf("work %q names no video", clip(body, 200)) // ends in the queue of lost work
	case t.ID != "":
		return s.sweep(ctx, t.ID)
	}
	return s.removeOutputs(ctx, t.OutputRemoval)
}

// round does all work that is due. What fails is tried again later and does
// not keep the rest from being done.
func (s *Sweep) round(ctx context.Context) error {
	var errs []error
	for _, work := range []contract.Work{contract.WorkDeletion, contract.WorkEncode, contract.WorkUpload} {
		errs = append(errs, s.sweepDue(ctx, work))
	}
	return errors.Join(errs...)
}

// sweepDue sweeps the rows that are due now, each once: it pages on past those
// that stay due, whether they cannot be swept or their index lags behind.
func (s *Sweep) sweepDue(ctx context.Context, work contract.Work) error {
	now := contract.Time(s.Now())
	var errs []error
	var after *contract.DuePosition
	for inTime(ctx) {
		page, err := s.Rows.Due(ctx, work, now, after, dueAtOnce)
		if err != nil {
			errs = append(errs, fmt.Errorf("look for rows with %s due: %w", work, err))
			break
		}
		errs = append(errs, s.sweepAll(ctx, page.IDs))
		if after = page.Next; after == nil {
			break
		}
	}
	return errors.Join(errs...)
}

func (s *Sweep) sweepAll(ctx context.Context, ids []string) error {
	var errs []error
	for _, id := range ids {
		if !inTime(ctx) {
			break
		}
		if err := s.sweep(ctx, id); err != nil {
			s.Log.Error("not swept", "video", id, "error", err)
			errs = append(errs, err, s.postpone(ctx, id, afterFailure))
		}
	}
	return errors.Join(errs...)
}

// inTime tells whether there is time to begin something.
func inTime(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(deadline) > reserve)
}

// sweep does what is left to do about one video.
func (s *Sweep) sweep(ctx context.Context, id string) error {
	row, err := s.Rows.Get(ctx, id)
	if errors.Is(err, contract.ErrUnknownRow) {
		s.Log.Info("nothing to sweep: there is no such row", "video", id)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read row of video %s: %w", id, err)
	}
	due := row.DueAt <= contract.Time(s.Now())
	switch {
	case row.PendingWork == contract.WorkDeletion && row.DeletedAt != "":
		err = s.delete(ctx, row)
	case row.PendingWork == contract.WorkEncode && due:
		err = s.encode(ctx, row)
	case row.PendingWork == contract.WorkUpload && due:
		err = s.upload(ctx, row)
	}
	if errors.Is(err, contract.ErrThrottled) {
		s.Log.Warn("swept later", "video", id, "why", err.Error())
		return s.postpone(ctx, id, afterThrottle)
	}
	return err
}

// postpone has a row looked at again later.
func (s *Sweep) postpone(ctx context.Context, id string, wait time.Duration) error {
	_, err := Change(ctx, s.Rows, id, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		row.DueAt = contract.Time(s.Now().Add(wait))
		return row, row.PendingWork != "", nil
	})
	if errors.Is(err, contract.ErrUnknownRow) {
		return nil
	}
	return err
}

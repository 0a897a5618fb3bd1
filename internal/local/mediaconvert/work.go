package mediaconvert

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// errCanceled is why work stops when a client cancels the job.
var errCanceled = errors.New("the job is canceled")

// task is one job while a worker has it.
type task struct {
	*Server
	job Job
	run *running
	dir string // scratch

	inputs  []transcode.Input
	origins []*source // of the inputs
}

// work does a job from its beginning to its end. What it leaves behind is
// the job's record; the scratch space is gone.
func (s *Server) work(ctx context.Context, id string, run *running) {
	t := &task{Server: s, run: run, dir: filepath.Join(s.scratch(), id)}
	defer os.RemoveAll(t.dir)
	if t.begin(ctx, id) != nil {
		return // cancelled meanwhile
	}
	stop := t.report(ctx)
	result, err := t.persevere(ctx)
	stop()
	if cause := context.Cause(ctx); errors.Is(cause, errClosing) || errors.Is(cause, errCanceled) {
		return
	}
	if err != nil {
		s.Log.Error("mediaconvert: job failed", "job", id, "error", err)
	}
	_ = t.end(ctx, func(r *record, now time.Time) error { // cancelled meanwhile, or done
		if err != nil {
			return r.fail(asJobError(err), now)
		}
		return r.complete(result, now)
	})
}

// begin marks a job as running. One that an earlier server had begun counts
// a retry and sends no second event.
func (t *task) begin(ctx context.Context, id string) error {
	return t.persist(ctx, id, func(r *record) error {
		if r.over() {
			return errCanceled // between the scheduler's look and now
		}
		now := time.Now()
		var err error
		if r.Status == progressing {
			r.RetryCount++
		} else {
			r.Status = progressing
			r.Timing.StartTime = now.Unix()
			err = r.post(now, r.basics(progressing, now))
		}
		r.CurrentPhase, r.JobPercentComplete = transcode.PhaseProbing, 0
		t.job = r.Job
		return err
	})
}

// end writes the last status, unless a client has cancelled meanwhile.
func (t *task) end(ctx context.Context, change func(*record, time.Time) error) error {
	return t.persist(ctx, t.job.ID, func(r *record) error {
		if r.over() {
			return errCanceled
		}
		now := time.Now()
		r.CurrentPhase = ""
		r.Timing.FinishTime = now.Unix()
		return change(r, now)
	})
}

// persist changes the job's record. A disk that is full for a while must not
// lose an encode, so it is tried until it works, or the work is called off.
func (t *task) persist(ctx context.Context, id string, change func(*record) error) error {
	for {
		err := t.state.update(id, change)
		if err == nil || errors.Is(err, errCanceled) {
			return err
		}
		t.Log.Error("mediaconvert: keep job", "job", id, "error", err)
		select {
		case <-ctx.Done():
			return errCanceled
		case <-time.After(time.Second):
		}
	}
}

func (r *record) complete(result *transcode.Result, now time.Time) error {
	r.Status, r.JobPercentComplete = complete, 100
	r.OutputGroupDetails, r.Warnings = shortDetails(result.OutputGroupDetails), result.Warnings
	return r.post(now, completeDetail{
		detail: r.basics(complete, now), Warnings: result.Warnings, OutputGroupDetails: result.OutputGroupDetails,
	})
}

func (r *record) fail(why *jobError, now time.Time) error {
	r.Status, r.ErrorCode, r.ErrorMessage = failed, why.Code, why.Message
	return r.post(now, errorDetail{r.basics(failed, now), why.Code, why.Message})
}

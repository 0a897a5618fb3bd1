package mediaconvert

import (
	"context"
	"os"
	"time"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

const (
	// tries is how often a job is begun that this machine fails. With the
	// pauses between them they take a minute.
	tries = 7
	// maxRetryPause bounds a pause, each of which is twice the one before.
	maxRetryPause = 15 * time.Second
)

// persevere performs the job, again where the failure was the machine's: an
// encoder that was killed, a disk that is full for a while. The service does so
// too, and nobody hears of it but by the job's retryCount.
func (t *task) persevere(ctx context.Context) (*transcode.Result, error) {
	pause := t.RetryPause
	for try := 1; ; try++ {
		result, err := t.perform(ctx)
		if err == nil || ctx.Err() != nil || try == tries || !ofMachine(err) {
			return result, err
		}
		t.Log.Warn("mediaconvert: job is tried again", "job", t.job.ID, "in", pause, "error", err)
		if err := t.restart(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, maxRetryPause)
	}
}

// restart makes room at once, and the job ready for another try after a pause.
func (t *task) restart(ctx context.Context, pause time.Duration) error {
	if err := os.RemoveAll(t.dir); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pause):
	}
	return t.persist(ctx, t.job.ID, func(r *record) error {
		if r.over() {
			return errCanceled
		}
		r.RetryCount++
		return nil
	})
}

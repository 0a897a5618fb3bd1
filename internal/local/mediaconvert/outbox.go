package mediaconvert

import (
	"context"
	"log/slog"
	"time"

	"github.com/vodstack/vodstack/internal/local/events"
)

// outbox hands events over, one after the other, each job's in their order.
// An event leaves its job's record only when it was taken, so that a stop or
// a kill loses none; one may then be sent twice, as on AWS.
type outbox struct {
	state *state
	emit  func(events.Event) error
	log   *slog.Logger
	wake  chan struct{}
}

func (o *outbox) nudge() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outbox) run(ctx context.Context) {
	const again = time.Second
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-retry:
		}
		retry = nil
		if !o.flush(ctx) {
			retry = time.After(again)
		}
	}
}

// flush sends what waits, and says whether all of it was taken.
func (o *outbox) flush(ctx context.Context) bool {
	done := true
	for _, r := range o.state.all() {
		if len(r.Outbox) > 0 {
			done = o.send(ctx, r) && done
		}
	}
	return done
}

func (o *outbox) send(ctx context.Context, r *record) bool {
	for _, e := range r.Outbox {
		if ctx.Err() != nil {
			return false
		}
		if err := o.emit(e); err != nil {
			o.log.Warn("mediaconvert: hand over event", "job", r.ID, "error", err)
			return false
		}
		err := o.state.update(r.ID, func(draft *record) error {
			draft.Outbox = draft.Outbox[1:]
			return nil
		})
		if err != nil {
			o.log.Error("mediaconvert: note event as sent", "job", r.ID, "error", err)
			return false
		}
	}
	return true
}

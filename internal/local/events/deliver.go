package events

import (
	"context"
	"errors"
	"time"
)

const (
	firstRetry = time.Second
	maxRetry   = time.Minute
	// outageRetry is how soon a control plane that does not answer is
	// asked again.
	outageRetry = time.Second
)

// process does what can be done for a record now, and returns how long to
// wait for the rest; zero when there is none.
func (b *Bus) process(r *record) time.Duration {
	wire, err := r.Event.wire(b.Account, b.Region)
	if err != nil {
		b.Log.Error("an event cannot be sent", "error", err)
		b.forget(r)
		return 0
	}
	if r.unkept {
		b.keep(r)
	}
	if !r.Routed {
		if wait := b.route(r, wire); wait > 0 {
			return wait
		}
	}
	var wait time.Duration
	for i := range r.Deliveries {
		d := &r.Deliveries[i]
		if !d.Over.IsZero() {
			continue
		}
		left := b.deliver(d, wire)
		switch {
		case left == 0:
			d.Over = time.Now()
		case wait == 0 || left < wait:
			wait = left
		}
	}
	if wait == 0 {
		b.settle(r)
		return 0
	}
	b.keep(r)
	return wait
}

// route finds the targets. As with EventBridge, an event that no rule
// matches is dropped; one that nobody could look at waits.
func (b *Bus) route(r *record, wire []byte) time.Duration {
	targets, err := b.Router.Route(b.ctx, wire)
	if err != nil {
		b.Log.Warn("an event waits for the control plane", "event", r.Event.ID, "error", err)
		return outageRetry
	}
	for _, t := range targets {
		r.Deliveries = append(r.Deliveries, delivery{Target: t, First: time.Now()})
	}
	r.Routed = true
	// With one target a crash only repeats the search for it.
	if len(targets) > 1 {
		b.keep(r)
	}
	return 0
}

// deliver makes one attempt, if it is time; it returns how long to wait for
// the next, or zero when the delivery is over, one way or the other.
func (b *Bus) deliver(d *delivery, wire []byte) time.Duration {
	if wait := time.Until(d.next); wait > 0 {
		return wait
	}
	err := b.Carrier.Carry(b.ctx, d.Target, wire)
	if err == nil {
		return 0
	}
	wait, burial := d.failed(err, wire, time.Now())
	if burial == nil {
		b.Log.Warn("an event is tried again", "target", d.Target.ARN, "in", wait, "error", err)
		d.next = time.Now().Add(wait)
		return wait
	}
	return b.bury(d, *burial)
}

func (b *Bus) bury(d *delivery, burial Burial) time.Duration {
	b.Log.Error("an event is given up", "target", d.Target.ARN, "after", burial.Attempts, "error", burial.Cause)
	if err := b.Carrier.Bury(b.ctx, burial); err != nil {
		b.Log.Warn("the dead-letter queue does not take an event", "target", d.Target.ARN, "error", err)
		var permanent *Permanent
		if errors.As(err, &permanent) {
			return 0
		}
		d.next = time.Now().Add(outageRetry)
		return outageRetry
	}
	return 0
}

// failed decides between another attempt and giving up.
func (d *delivery) failed(err error, wire []byte, now time.Time) (time.Duration, *Burial) {
	if errors.Is(err, ErrOutage) || errors.Is(err, context.Canceled) {
		return outageRetry, nil
	}
	age := now.Sub(d.First)
	var function *FunctionError
	if errors.As(err, &function) {
		d.Runs++
		if wait := backoff(d.Runs); d.Runs <= function.Retries && age+wait < function.MaxAge {
			return wait, nil
		}
		return 0, &Burial{Target: d.Target, Event: wire, Cause: err, Condition: "RetriesExhausted", Attempts: d.Runs}
	}
	d.Attempts++
	burial := &Burial{Target: d.Target, Event: wire, Cause: err, Attempts: d.Attempts}
	var permanent *Permanent
	wait := backoff(d.Attempts)
	switch {
	case errors.As(err, &permanent):
		burial.Condition = "NonRetriableError"
	case d.Attempts > d.Target.Retries:
		burial.Condition = "MaximumRetryAttempts"
	case age+wait >= d.Target.MaxAge:
		burial.Condition = "MaximumEventAgeInSeconds"
	default:
		return wait, nil
	}
	return 0, burial
}

func backoff(failures int) time.Duration {
	return min(firstRetry<<min(failures-1, 16), maxRetry)
}

func (b *Bus) keep(r *record) {
	err := b.journal.save(r)
	if err != nil {
		b.Log.Error("the journal cannot be written; a restart repeats deliveries", "error", err)
	}
	r.unkept = r.unkept && err != nil
}

func (b *Bus) forget(r *record) {
	if r.unkept {
		return
	}
	if err := b.journal.remove(r); err != nil {
		b.Log.Error("the journal cannot be cleaned; a restart repeats a delivery", "error", err)
	}
}

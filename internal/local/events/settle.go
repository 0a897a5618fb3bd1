package events

import (
	"slices"
	"sync"
	"time"
)

// forgetInterval is how often delivered events are looked at that a kill could
// still undo.
const forgetInterval = 500 * time.Millisecond

// settled are records whose deliveries are over, oldest first. They stay in the
// journal until what their targets did with them is saved.
type settled struct {
	mu      sync.Mutex
	records []*record
}

// over is when the last delivery was.
func (r *record) over() time.Time {
	var last time.Time
	for _, d := range r.Deliveries {
		if d.Over.After(last) {
			last = d.Over
		}
	}
	return last
}

// settle forgets a record, now or once its deliveries outlive a kill.
func (b *Bus) settle(r *record) {
	if b.Saved == nil || len(r.Deliveries) == 0 {
		b.forget(r)
		return
	}
	b.settled.mu.Lock()
	defer b.settled.mu.Unlock()
	b.settled.records = append(b.settled.records, r)
}

// reopen owes those deliveries of an earlier run again that a kill has undone.
func (b *Bus) reopen(r *record) {
	for i := range r.Deliveries {
		d := &r.Deliveries[i]
		if b.Saved != nil && !d.Over.IsZero() && !d.Over.Before(b.Saved()) {
			d.Over = time.Time{}
		}
	}
}

func (b *Bus) forgetSaved() {
	defer b.running.Done()
	tick := time.NewTicker(forgetInterval)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			b.Settle()
		}
	}
}

// Settle forgets the events that were delivered before the targets' last
// save. It may be called after Close, too.
func (b *Bus) Settle() {
	b.settled.mu.Lock()
	defer b.settled.mu.Unlock()
	if len(b.settled.records) == 0 {
		return
	}
	saved := b.Saved()
	b.settled.records = slices.DeleteFunc(b.settled.records, func(r *record) bool {
		if !r.over().Before(saved) {
			return false
		}
		b.forget(r)
		return true
	})
}

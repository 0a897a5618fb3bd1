package events

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"
)

const (
	// workers bounds how many targets run at once; each function that
	// runs is a process, and what it starts runs beside it.
	workers = 4
	// stopGrace is how long Close lets deliveries in flight finish. What
	// is cut off is delivered again by the next run.
	stopGrace = 8 * time.Second
)

// Bus keeps events in Dir and delivers them: at least once, in order for
// events about the same thing as long as they succeed.
type Bus struct {
	Dir     string // absolute
	Account string
	Region  string
	Router  Router
	Carrier Carrier
	// Saved is until when what targets have been given outlives a kill; an
	// event that was delivered later is delivered again after one. Nil where
	// targets lose nothing.
	Saved func() time.Time
	Log   *slog.Logger

	journal *journal
	settled settled
	queues  [workers]chan *record
	ctx     context.Context
	cancel  context.CancelFunc
	stop    chan struct{}
	running sync.WaitGroup
}

// queueLength is how many events wait in memory for one worker; beyond it
// the sender waits.
const queueLength = 10_000

// Initialize takes up what an earlier run has left and starts delivering.
func (b *Bus) Initialize() error {
	b.journal = &journal{dir: b.Dir}
	left, err := b.journal.load()
	if err != nil {
		return err
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.stop = make(chan struct{})
	for i := range b.queues {
		b.queues[i] = make(chan *record, queueLength+len(left))
		b.running.Add(1)
		go b.run(b.queues[i])
	}
	for _, r := range left {
		b.reopen(r)
		b.enqueue(r)
	}
	b.running.Add(1)
	go b.forgetSaved()
	return nil
}

// Put takes an event; when it returns without an error, a crash does not
// lose it.
func (b *Bus) Put(e Event) error {
	r, err := b.journal.add(e.withDefaults(time.Now()))
	if err != nil {
		return fmt.Errorf("keep event %q from %s: %w", e.DetailType, e.Source, err)
	}
	b.enqueue(r)
	return nil
}

// PutAnyway takes an event about something that has happened already, such as
// an object that is stored: it is delivered also where it cannot be kept. The
// error then says that a crash before that loses it; whoever repeats the call
// makes a second event.
func (b *Bus) PutAnyway(e Event) error {
	r := b.journal.record(e.withDefaults(time.Now()))
	err := b.journal.save(r)
	if r.unkept = err != nil; r.unkept {
		err = fmt.Errorf("keep event %q from %s: %w", e.DetailType, e.Source, err)
	}
	b.enqueue(r)
	return err
}

// Close stops delivering; what is not delivered waits for the next run.
func (b *Bus) Close() {
	close(b.stop)
	force := time.AfterFunc(stopGrace, b.cancel)
	b.running.Wait()
	force.Stop()
	b.cancel()
}

// enqueue gives events about the same thing to the same worker.
func (b *Bus) enqueue(r *record) {
	h := fnv.New32a()
	h.Write([]byte(subject(r.Event)))
	select {
	case b.queues[h.Sum32()%workers] <- r:
	case <-b.stop:
	}
}

// subject is what an event is about: an object, a job or itself.
func subject(e Event) string {
	var d struct {
		Bucket struct{ Name string }
		Object struct{ Key string }
		JobID  string `json:"jobId"`
	}
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return e.ID
	}
	if d.JobID == "" && d.Object.Key == "" {
		return e.ID
	}
	return d.JobID + "\x00" + d.Bucket.Name + "\x00" + d.Object.Key
}

func (b *Bus) run(queue chan *record) {
	defer b.running.Done()
	for {
		select {
		case <-b.stop:
			return
		default:
		}
		select {
		case <-b.stop:
			return
		case r := <-queue:
			if wait := b.process(r); wait > 0 {
				b.later(r, queue, wait)
			}
		}
	}
}

// later queues a record again, unless the bus stops first.
func (b *Bus) later(r *record, queue chan *record, wait time.Duration) {
	time.AfterFunc(wait, func() {
		select {
		case queue <- r:
		case <-b.stop:
		}
	})
}

package simulation

import (
	"math"
	"math/rand/v2"
	"slices"
)

// burst is what is played.
type burst struct {
	uploads       int
	over          float64 // seconds in which they arrive
	encodeSeconds float64
	createJobRate float64 // a second, sustained
	jobsAtOnce    int
	functions     int // of the account that may run at once
}

// Quotas, and how long our functions take (make bench, rounded up).
const (
	// StartExecution's bucket outside of the three largest regions (Step
	// Functions quotas, "Quotas related to API action throttling").
	startBurst, startRefill = 800, 150

	ingestSeconds  = 0.04 // a message
	planSeconds    = 2.0
	encodeCallTime = 0.5
	stateSeconds   = 0.1
	publishSeconds = 2.0

	// The adapters' own patience within a function (internal/adapter/awsbase).
	sdkAttempts = 4
	sdkBackoff  = 2.0
)

// result is how it ended.
type result struct {
	Published   int
	Errors      map[string]int // videos that ended in Error though nothing was wrong with them
	Lost        int            // uploads in the dead-letter queue
	LastHours   float64        // when the last one was published
	MaxEvents   int            // of one execution's history
	Invocations int
	Duplicates  int // videos that had more than one job
}

type video struct {
	retries [3][8]int16 // by state and retrier
	events  int
	jobs    int
	// job is what MediaConvert has of it.
	submitted, ended float64 // NaN while not
	waiting          bool    // a task with a token waits
	token            int
}

type world struct {
	clock
	settings
	burst
	result
	start, createJob, probe *bucket
	running                 int // functions
	inbox                   []message
	pollers                 int
	jobQueue                []*video
	encoding                int
}

// order numbers the states.
var order = map[string]int{"Plan": 0, "Encode": 1, "Publish": 2}

type message struct{ receives int }

// play plays a burst; the same seed gives the same result.
func play(s settings, b burst, seed uint64) result {
	w := &world{clock: clock{dice: rand.New(rand.NewPCG(seed, 1))}, settings: s, burst: b}
	w.result.Errors = map[string]int{}
	w.start = newBucket(startBurst, startRefill)
	w.createJob = newBucket(max(1, b.createJobRate), b.createJobRate)
	// Probe's rate is not published: as slow as CreateJob's.
	w.probe = newBucket(max(1, b.createJobRate), b.createJobRate)
	for i := range b.uploads {
		w.after(b.over*float64(i)/float64(b.uploads), func() { w.arrive(message{}) })
	}
	w.run()
	return w.result
}

// arrive puts S3's event into the queue in front of ingest.
func (w *world) arrive(m message) {
	w.inbox = append(w.inbox, m)
	if w.pollers < w.atOnce {
		w.pollers++
		w.poll()
	}
}

// poll takes a batch and works it off, message by message.
func (w *world) poll() {
	if len(w.inbox) == 0 {
		w.pollers--
		return
	}
	n := min(w.batch, len(w.inbox))
	batch := slices.Clone(w.inbox[:n])
	w.inbox = w.inbox[n:]
	received := w.now
	if !w.invoke() {
		for _, m := range batch {
			w.putBack(m, received)
		}
		w.after(1, w.poll)
		return
	}
	w.ingest(batch, received)
}

func (w *world) ingest(batch []message, received float64) {
	if len(batch) == 0 {
		w.running--
		w.poll()
		return
	}
	w.attempt(sdkAttempts, ingestSeconds, w.start, func(started bool) {
		if started {
			w.enter("Plan", newVideo())
		} else {
			w.putBack(batch[0], received)
		}
		w.ingest(batch[1:], received)
	})
}

// putBack has a message come again when its visibility timeout is over, or
// puts it aside when it has come too often.
func (w *world) putBack(m message, received float64) {
	if m.receives++; m.receives >= w.maxReceives {
		w.Lost++
		return
	}
	w.after(received+w.visibility-w.now, func() { w.arrive(m) })
}

// attempt calls a limited service as an adapter does.
func (w *world) attempt(attempts int, seconds float64, limit *bucket, done func(ok bool)) {
	w.after(seconds, func() {
		switch {
		case limit.take(w.now):
			done(true)
		case attempts <= 1:
			done(false)
		default:
			w.after(w.dice.Float64()*sdkBackoff, func() { w.attempt(attempts-1, seconds, limit, done) })
		}
	})
}

// invoke takes one of the account's concurrent functions.
func (w *world) invoke() bool {
	if w.running >= w.functions {
		return false
	}
	w.running++
	w.Invocations++
	return true
}

func newVideo() *video {
	return &video{submitted: math.NaN(), ended: math.NaN()}
}

// enter runs a state of a video's execution.
func (w *world) enter(name string, v *video) {
	v.events += 2
	w.try(name, v)
}

func (w *world) try(name string, v *video) {
	v.events += 3
	if !w.invoke() {
		w.retry(name, v, "Lambda.TooManyRequestsException")
		return
	}
	switch name {
	case "Plan":
		w.attempt(sdkAttempts, planSeconds/sdkAttempts, w.probe, func(ok bool) {
			w.running--
			if !ok {
				w.retry(name, v, "Throttled")
				return
			}
			w.enter("Encode", v)
		})
	case "Encode":
		v.events++
		v.token++
		v.waiting = true
		w.after(encodeCallTime, func() { w.running--; w.encode(v) })
		w.expire(v, v.token)
	case "Publish":
		w.after(publishSeconds, func() { w.running--; w.publish(v) })
	}
}

// retry does what the state's Retry says about an error.
func (w *world) retry(name string, v *video, kind string) {
	counts := &v.retries[order[name]]
	for i, r := range w.states[name].Retry {
		if !slices.Contains(r.ErrorEquals, kind) {
			continue
		}
		if int(counts[i]) >= r.MaxAttempts {
			break
		}
		wait := r.IntervalSeconds * math.Pow(r.BackoffRate, float64(counts[i]))
		if r.MaxDelaySeconds > 0 {
			wait = min(wait, r.MaxDelaySeconds)
		}
		if r.JitterStrategy == "FULL" {
			wait *= w.dice.Float64()
		}
		counts[i]++
		w.after(wait, func() { w.try(name, v) })
		return
	}
	w.fail(v, kind)
}

func (w *world) fail(v *video, kind string) {
	w.Errors[kind]++
	w.MaxEvents = max(w.MaxEvents, v.events)
}

package simulation

import "math"

// encode is a call of the function: it submits the job, or looks after it.
func (w *world) encode(v *video) {
	switch {
	case !math.IsNaN(v.ended):
		w.complete(v)
	case math.IsNaN(v.submitted):
		if !w.createJob.take(w.now) {
			v.waiting = false
			v.token++
			w.retry("Encode", v, "Throttled")
			return
		}
		v.submitted = w.now
		if v.jobs++; v.jobs > 1 {
			w.Duplicates++
		}
		w.jobQueue = append(w.jobQueue, v)
		w.nextJob()
	case w.now-v.submitted > w.queueDeadline:
		w.fail(v, "JobNotStarted")
		v.waiting = false
		v.token++
	}
}

// expire is the task's timeout, the check interval.
func (w *world) expire(v *video, token int) {
	w.after(w.states["Encode"].TimeoutSeconds, func() {
		if v.waiting && v.token == token {
			v.waiting = false
			w.retry("Encode", v, "States.Timeout")
		}
	})
}

// nextJob lets MediaConvert begin what its queue has room for.
func (w *world) nextJob() {
	for w.encoding < w.jobsAtOnce && len(w.jobQueue) > 0 {
		v := w.jobQueue[0]
		w.jobQueue = w.jobQueue[1:]
		w.encoding++
		w.after(w.encodeSeconds, func() {
			w.encoding--
			w.jobState(v)
			w.nextJob()
		})
	}
}

// jobState hears of a job's end. It is invoked asynchronously: Lambda itself
// tries again while there is no room.
func (w *world) jobState(v *video) {
	if !w.invoke() {
		w.after(1+w.dice.Float64(), func() { w.jobState(v) })
		return
	}
	w.after(stateSeconds, func() {
		w.running--
		v.ended = w.now
		w.complete(v)
	})
}

// complete ends the wait of the task, where one waits.
func (w *world) complete(v *video) {
	if v.waiting {
		v.waiting = false
		v.token++
		w.enter("Publish", v)
	}
}

func (w *world) publish(v *video) {
	w.Published++
	w.MaxEvents = max(w.MaxEvents, v.events+2)
	w.LastHours = w.now / 3600
}

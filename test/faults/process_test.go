package faults

import (
	"fmt"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// stepsKilled kills processes of Plan and Publish, idle or busy, while videos
// pass through them.
func stepsKilled(tr *trial) error {
	uploads := tr.sendMany(clips.Second, 16, atOnce)
	kills := map[string]int{}
	finished := make(chan error, 1)
	go func() { finished <- uploads.wait() }()
	const wanted = 4
	for kills["plan"] < wanted || kills["publish"] < wanted {
		for _, name := range []string{"plan", "publish"} {
			tr.pause(tr.moment(400 * time.Millisecond))
			if kills[name] >= wanted {
				continue
			}
			n, err := tr.killFunction(name)
			if err != nil {
				return err
			}
			kills[name] += n
		}
		if tr.ctx.Err() != nil {
			return tr.ctx.Err()
		}
	}
	tr.healed = time.Now()
	tr.note("Plan killed %d times", kills["plan"])
	tr.note("Publish %d", kills["publish"])
	err := <-finished
	tr.note("%d uploads", tr.created())
	return err
}

// killFunction kills all processes of a function, and tells how many.
func (tr *trial) killFunction(name string) (int, error) {
	function, err := tr.house.stack.Function(tr.ctx, name)
	if err != nil {
		return 0, err
	}
	processes, err := tr.house.engine.FunctionProcesses(function)
	if err != nil {
		return 0, err
	}
	return len(processes), killAll(processes)
}

func killAll(processes []rig.Process) error {
	for _, p := range processes {
		if err := p.Kill(); err != nil {
			return err
		}
	}
	return nil
}

// rowLateness is how long after its record a row may end.
const rowLateness = 30 * time.Second

// videoEventsKilled kills the function that writes the rows, while it does.
func videoEventsKilled(tr *trial) error {
	uploads := tr.sendMany(clips.Second, underWay, atOnce)
	finished := make(chan error, 1)
	go func() { finished <- uploads.wait() }()
	kills := 0
	for began := time.Now(); kills < 6 && time.Since(began) < time.Minute && tr.ctx.Err() == nil; tr.pause(tr.moment(time.Second)) {
		n, err := tr.killFunction("videoevents")
		if err != nil {
			return err
		}
		kills += n
	}
	tr.healed = time.Now()
	if err := <-finished; err != nil {
		return err
	}
	tr.note("killed %d times, %d uploads", kills, tr.created())
	late, err := tr.lateness()
	if err != nil {
		return err
	}
	tr.note("rows late by up to %.1f s", late.Seconds())
	if late > rowLateness {
		return fmt.Errorf("a row ended %.1f s after its record, want %v at most", late.Seconds(), rowLateness)
	}
	return nil
}

// lateness waits until all videos have ended, and tells how long the slowest
// row was behind its record.
func (tr *trial) lateness() (time.Duration, error) {
	recorded, rowed := map[string]time.Time{}, map[string]time.Time{}
	err := tr.until("the end of all rows", settlePatience+time.Minute, func() (bool, error) {
		t, err := tr.readTables()
		if err != nil {
			return false, err
		}
		for _, v := range tr.videos {
			for _, r := range t.records[v.key] {
				if r.ended() && recorded[v.id].IsZero() {
					recorded[v.id] = time.Now()
				}
			}
			if ended(t.rows[v.id].Status) && rowed[v.id].IsZero() {
				rowed[v.id] = time.Now()
			}
		}
		return len(rowed) == len(tr.videos) && len(recorded) == len(tr.videos), nil
	})
	late := time.Duration(0)
	for id, at := range recorded {
		late = max(late, rowed[id].Sub(at))
	}
	return late, err
}

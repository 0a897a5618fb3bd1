package faults

import (
	"errors"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// stepsKilled kills processes of Plan and Publish, idle or busy, while videos
// pass through them.
func stepsKilled(tr *trial) error {
	kills := map[string]int{}
	err := tr.harass(tr.sendMany(clips.Second, 24, atOnce), func() error {
		for _, name := range []string{"plan", "publish"} {
			tr.pause(tr.moment(400 * time.Millisecond))
			n, err := tr.killFunction(name)
			if err != nil {
				return err
			}
			kills[name] += n
		}
		return nil
	})
	tr.note("Plan killed %d times", kills["plan"])
	tr.note("Publish %d", kills["publish"])
	tr.note("%d uploads", tr.created())
	if err == nil && kills["plan"]*kills["publish"] == 0 {
		err = errNoProcess
	}
	return err
}

// errNoProcess is for a scenario that did no harm.
var errNoProcess = errors.New("no process was there to be killed")

// harassFor is how long harm is done, since videos are on their way for longer
// than their uploads take.
const harassFor = 15 * time.Second

// harass does harm again and again while uploads pass through.
func (tr *trial) harass(uploads *sending, harm func() error) error {
	for began := time.Now(); time.Since(began) < harassFor && tr.ctx.Err() == nil; {
		if err := harm(); err != nil {
			return errors.Join(err, uploads.wait())
		}
	}
	tr.healed = time.Now()
	return uploads.wait()
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
	kills := 0
	err := tr.harass(tr.sendMany(clips.Second, 24, atOnce), func() error {
		tr.pause(tr.moment(time.Second))
		n, err := tr.killFunction("videoevents")
		kills += n
		return err
	})
	tr.note("killed %d times, %d uploads", kills, tr.created())
	if err == nil && kills == 0 {
		err = errNoProcess
	}
	if err != nil {
		return err
	}
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

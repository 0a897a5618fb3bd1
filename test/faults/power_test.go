package faults

import (
	"fmt"
	"syscall"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

const (
	// underWay is how many uploads a kill finds on their way, or done.
	underWay = 12
	// atOnce is how many are sent at the same time.
	atOnce = 4
)

// controlPlaneKilled kills the control plane twice: first one that has never
// stopped cleanly, then with "vod up" two seconds later.
func controlPlaneKilled(tr *trial) error {
	for _, soon := range []bool{false, true} {
		err := tr.killUnderUploads(soon, func() error {
			plane, err := tr.house.engine.ControlPlane()
			if err != nil {
				return err
			}
			return plane.Kill()
		})
		if err != nil {
			return err
		}
	}
	tr.note("killed twice")
	tr.note("%d uploads", tr.created())
	return nil
}

// engineKilled does the same to the engine's own process.
func engineKilled(tr *trial) error {
	for _, soon := range []bool{false, true} {
		err := tr.killUnderUploads(soon, func() error {
			pid, err := tr.house.engine.PID()
			if err != nil {
				return err
			}
			return syscall.Kill(pid, syscall.SIGKILL)
		})
		if err != nil {
			return err
		}
	}
	tr.note("killed twice")
	tr.note("%d uploads", tr.created())
	return nil
}

// killUnderUploads kills at a random moment of some uploads, and starts the
// engine again: when it is gone, or two seconds after the kill.
func (tr *trial) killUnderUploads(soon bool, kill func() error) error {
	before := tr.created()
	uploads := tr.sendMany(clips.Second, underWay, atOnce)
	if err := tr.until("the first uploads", clientPatience, func() (bool, error) { return tr.created() >= before+underWay/3, nil }); err != nil {
		return err
	}
	tr.pause(tr.moment(2 * time.Second))
	if err := kill(); err != nil {
		return err
	}
	if soon {
		tr.pause(2 * time.Second)
	} else if tr.until("the engine's end", 20*time.Second, tr.engineIsGone) != nil {
		tr.note("not all of it was gone after 20 s")
	}
	if err := tr.house.up(tr.ctx); err != nil {
		return fmt.Errorf("up after the kill: %w", err)
	}
	tr.healed = time.Now()
	return uploads.wait()
}

// engineIsGone is true when the engine's process has ended and nobody of its
// is left to do anything.
func (tr *trial) engineIsGone() (bool, error) {
	left, err := tr.house.engine.Processes()
	return err == nil && len(left) == 0, err
}

package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// A scenario does harm to a running engine and returns when it has been done.
// The audit comes after it.
type scenario struct {
	name  string
	short bool // runs with all other tests, too
	run   func(*trial) error
}

// The order is that of the harm's size, but for the first, which wants an
// engine that has never been stopped.
var scenarios = []scenario{
	{"the control plane is killed under uploads", false, controlPlaneKilled},
	{"the engine is killed under uploads", false, engineKilled},
	{"a client dies in the middle of its upload", true, cutUploads},
	{"executions are stopped and jobs cancelled by hand", true, stoppedByHand},
	{"Plan and Publish are killed", false, stepsKilled},
	{"VideoEvents is killed", false, videoEventsKilled},
	{"ffmpeg is killed", false, ffmpegKilled},
	{"events come doubled and out of order", false, eventsInDisorder},
	{"poison comes beside messages", false, poisoned},
	{"the event journal cannot be written", false, journalUnwritable},
	{"videos are deleted at ten moments", false, deletions},
	{"answers get lost", false, answersLost},
	{"the disk is full while videos are encoded", false, diskFullWhileEncoding},
	{"the engine is stopped on a full disk", false, downOnAFullDisk},
}

// errNotRun is for a scenario that this machine does not allow.
var errNotRun = errors.New("not run")

func TestEveryAcknowledgedUploadSurvives(t *testing.T) {
	wanted := os.Getenv(allVariable)
	for i, s := range scenarios {
		if !s.isWanted(wanted) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			if wanted != "" && time.Since(world.began) > bound {
				world.table.rows = append(world.table.rows, row{name: s.name, audit: fmt.Sprintf("not run: the %v are over", bound)})
				t.Fatalf("the %v of a run were over before it began", bound)
			}
			try(t, s, rand.New(rand.NewPCG(world.seed, uint64(i))))
		})
	}
}

// isWanted reads the setting: nothing for the short ones, words of the names,
// or anything else for all.
func (s scenario) isWanted(setting string) bool {
	if setting == "" {
		return s.short
	}
	words := strings.Split(setting, ",")
	named := false
	for _, other := range scenarios {
		named = named || other.isNamed(words)
	}
	return !named || s.isNamed(words)
}

func (s scenario) isNamed(words []string) bool {
	for _, word := range words {
		if word != "" && strings.Contains(s.name, word) {
			return true
		}
	}
	return false
}

// trialPatience is how long one scenario may take with its audit, on a machine
// that is not quiet.
const trialPatience = 8 * time.Minute

// try runs one scenario and its audit, and writes its row.
func try(t *testing.T, s scenario, random *rand.Rand) {
	if err := world.house.enter(t.Context()); err != nil {
		world.table.rows = append(world.table.rows, row{name: s.name, audit: "no engine"})
		abandon(t)
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), trialPatience)
	defer cancel()
	began := time.Now()
	tr := &trial{ctx: ctx, house: world.house, random: random}
	err := s.run(tr)
	if errors.Is(err, errNotRun) {
		world.table.rows = append(world.table.rows, row{name: s.name, audit: err.Error()})
		t.Skip(err)
	}
	var found []string
	if err != nil {
		found = append(found, err.Error())
	} else {
		found = tr.audit()
	}
	r := row{name: s.name, did: strings.Join(tr.did, ", "), audit: "passed", slowest: tr.slowest, took: time.Since(began)}
	if len(found) > 0 {
		r.audit = fmt.Sprintf("FAILED: %d faults", len(found))
		for _, line := range found {
			t.Error(line)
		}
		abandon(t)
	}
	world.table.rows = append(world.table.rows, r)
}

// abandon leaves the engine of a scenario that failed, so that the next one
// is not judged by it.
func abandon(t *testing.T) {
	t.Helper()
	if err := world.house.leave(true); err != nil {
		t.Log("leave the damaged engine:", err)
	}
}

package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

func TestEventsThatAreNotOursChangeNothingAndAreSaidToBeIgnored(t *testing.T) {
	others := map[string]json.RawMessage{
		"another stack":   event(contract.JobComplete, func(d *contract.JobDetail) { d.UserMetadata["workflow"] = "other" }),
		"no metadata":     event(contract.JobComplete, func(d *contract.JobDetail) { d.UserMetadata = nil }),
		"no job":          event(contract.JobComplete, func(d *contract.JobDetail) { d.JobID = "" }),
		"unknown video":   event(contract.JobComplete, func(d *contract.JobDetail) { d.UserMetadata["guid"] = "another" }),
		"another job":     event(contract.JobComplete, func(d *contract.JobDetail) { d.JobID = "job-9" }),
		"unknown status":  event("NEW_WARNING"),
		"no news":         event(contract.JobProgressing),
		"not an object":   json.RawMessage(`[1,2]`),
		"not a job event": json.RawMessage(`{"detail":{"status":7}}`),
		"empty":           json.RawMessage(`{}`),
	}
	for name, other := range others {
		t.Run(name, func(t *testing.T) {
			w := waitingWorld(t)
			w.wait()
			before := w.table.Record(guid)
			w.hear(other)
			after := w.table.Record(guid)
			want(t, "job event", string(after.JobEvent), string(before.JobEvent))
			want(t, "progress", *after.Progress, *before.Progress)
			want(t, "tasks completed", len(w.tasks.Completions()), 0)
			if !strings.Contains(w.log.String(), "event ignored") {
				t.Error("nothing in the log")
			}
		})
	}
}

func TestProgressIsClampedAndNeverFalls(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	for _, step := range []struct{ said, known int }{{-5, 0}, {40, 40}, {20, 40}, {40, 40}, {250, 100}, {90, 100}} {
		w.hear(event(contract.JobStatusUpdate, percent(step.said)))
		want(t, "progress", w.runningJob().Progress, step.known)
	}
}

func TestTheRecordIsToldOfProgressInQuartersAndNotMoreThanOnceAMinute(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	for _, c := range []struct {
		after          time.Duration
		said, recorded int
	}{
		{10 * time.Second, 30, 0}, // within a minute of its submission
		{50 * time.Second, 31, 31},
		{10 * time.Second, 60, 31},
		{49 * time.Second, 61, 31},
		{time.Second, 62, 62},
		{time.Hour, 80, 62}, // less than a quarter further
		{time.Second, 87, 87},
	} {
		w.clock.Advance(c.after)
		w.hear(event(contract.JobStatusUpdate, percent(c.said)))
		want(t, fmt.Sprintf("progress in the record at %d", c.said), *w.table.Record(guid).Progress, c.recorded)
	}
}

func TestProgressOfAVideoThatIsForgottenIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	w.hear(event(contract.JobStatusUpdate, percent(50)))
	want(t, "progress", w.runningJob().Progress, 0)
}

func TestTheFirstEndOfAJobCounts(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.hear(event(contract.JobCanceled))
	w.hear(event(contract.JobComplete))
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeJobCanceled))
}

func TestAnEventAfterTheVideoEndedChangesNothing(t *testing.T) {
	w := waitingWorld(t)
	rec := waitingRecord()
	rec.WorkflowStatus = contract.StatusError
	w.table.Put(rec)
	w.hear(event(contract.JobComplete))
	w.hear(event(contract.JobStatusUpdate, percent(50)))
	after := w.table.Record(guid)
	want(t, "status", after.WorkflowStatus, contract.StatusError)
	if after.Progress != nil || after.JobEvent != nil {
		t.Errorf("record is %+v", after)
	}
}

func TestATaskThatCannotBeCompletedIsAnErrorSoThatTheEventComesAgain(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.tasks.Before = func(testkit.Completion) error { return errors.New("no route") }
	if err := w.jobState().Handle(context.Background(), event(contract.JobComplete)); err == nil {
		t.Fatal("no error")
	}
	w.tasks.Before = nil
	w.hear(event(contract.JobComplete))
	want(t, "name", onlyCompletion(t, w).Name, "")
}

func TestAnEventOfAlmost256KiBFitsTheRecord(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.hear(event(contract.JobComplete, func(d *contract.JobDetail) {
		group := contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{"s3://destination/a.m3u8"}}
		for range 2000 {
			group.OutputDetails = append(group.OutputDetails, contract.OutputDetail{OutputFilePaths: []string{strings.Repeat("x", 100)}})
		}
		d.OutputGroupDetails = []contract.OutputGroup{group}
	}))
	kept := w.table.Record(guid).JobEvent
	if len(kept) > contract.EventLimit || !strings.Contains(string(kept), "s3://destination/a.m3u8") {
		t.Errorf("%d bytes kept, want at most %d with the manifest", len(kept), contract.EventLimit)
	}
	want(t, "name", onlyCompletion(t, w).Name, "")
}

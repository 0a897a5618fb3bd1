package library_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

// removal is what fail asks for when guidA has failed.
var removal = contract.OutputRemoval{GUID: guidA, Job: "job-a"}

// failedWorld is one in which guidA has failed and guidB is complete; both
// have written.
func failedWorld(t *testing.T) *world {
	w := newWorld(t)
	w.records.Put(record(guidA, contract.StatusError))
	w.records.Put(record(guidB, contract.StatusComplete))
	for i := range 5 { // more than one page
		w.destination.Put(fmt.Sprintf("%s/cmaf/%d.cmfv", guidA, i), nil)
	}
	w.destination.Put(guidB+"/cmaf/media.m3u8", nil)
	w.destination.Put(guidA+"-copy/media.m3u8", nil)
	w.jobs.LookFunc = func(id string) (contract.JobDetail, error) {
		return contract.JobDetail{JobID: id, Status: contract.JobCanceled}, nil
	}
	return w
}

var others = []string{guidA + "-copy/media.m3u8", guidB + "/cmaf/media.m3u8"}

// take hands sweep its messages as the queue does, those that it sends too,
// until there are none; one that fails comes again.
func (w *world) take(bodies ...string) {
	w.t.Helper()
	for tries := 0; len(bodies) > 0; tries++ {
		if tries == 50 {
			w.t.Fatal("there is no end of messages")
		}
		sent := len(w.work.Bodies())
		err := w.run(bodies[0])
		bodies = append(bodies, w.work.Bodies()[sent:]...)
		if err == nil {
			bodies = bodies[1:]
		}
	}
}

func TestTheOutputsOfAFailedVideoAreRemovedAndNobodyElses(t *testing.T) {
	w := failedWorld(t)
	w.take(removal.Body(), removal.Body())
	if got := w.destination.Keys(); !slices.Equal(got, others) {
		t.Errorf("left are %v, want %v", got, others)
	}
}

func TestWhatACancelledJobWroteLateIsRemovedToo(t *testing.T) {
	w := failedWorld(t)
	if err := w.run(removal.Body()); err != nil {
		t.Fatal(err)
	}
	w.destination.Put(guidA+"/mp4/late.mp4", nil)
	w.take(w.work.Bodies()...)
	if got := w.destination.Keys(); !slices.Equal(got, others) {
		t.Errorf("left are %v, want %v", got, others)
	}
}

func TestOutputsAreKeptUntilTheirJobHasEnded(t *testing.T) {
	w := failedWorld(t)
	job := contract.JobProgressing
	w.jobs.LookFunc = func(id string) (contract.JobDetail, error) {
		return contract.JobDetail{JobID: id, Status: job}, nil
	}
	if err := w.run(removal.Body()); err != nil {
		t.Fatal(err)
	}
	if len(w.destination.Keys()) != 7 || !slices.Equal(w.jobs.Cancelled(), []string{"job-a"}) {
		t.Errorf("there are %d objects, cancelled %v", len(w.destination.Keys()), w.jobs.Cancelled())
	}
	job = contract.JobCanceled
	w.take(w.work.Bodies()...)
	if got := w.destination.Keys(); !slices.Equal(got, others) {
		t.Errorf("left are %v, want %v", got, others)
	}
}

func TestOutputsOfAVideoThatIsNotInThatErrorAreKept(t *testing.T) {
	for name, change := range map[string]func(w *world, rec contract.Record){
		"it is complete":             func(w *world, rec contract.Record) { rec.WorkflowStatus = contract.StatusComplete; w.records.Put(rec) },
		"it is encoded":              func(w *world, rec contract.Record) { rec.WorkflowStatus = contract.StatusIngest; w.records.Put(rec) },
		"it has failed again":        func(w *world, rec contract.Record) { rec.Redrives = 1; w.records.Put(rec) },
		"nobody knows of the record": func(w *world, _ contract.Record) { _ = w.records.Delete(context.Background(), guidA) },
	} {
		w := failedWorld(t)
		change(w, w.records.Record(guidA))
		w.take(removal.Body())
		if got := w.destination.Keys(); len(got) != 7 || len(w.jobs.Cancelled()) != 0 {
			t.Errorf("%s: left are %v, cancelled %v", name, got, w.jobs.Cancelled())
		}
	}
}

// watchedRecords call a function before each read.
type watchedRecords struct {
	library.SweepRecords
	before func()
}

func (r watchedRecords) Summary(ctx context.Context, guid string) (contract.Record, error) {
	r.before()
	return r.SweepRecords.Summary(ctx, guid)
}

// TestARedriveAtAnyMomentKeepsWhatTheNextRunWrites redrives the video before
// each call in turn. A deletion that has begun by then ends before the next run
// writes, since the redrive waits for it (internal/step).
func TestARedriveAtAnyMomentKeepsWhatTheNextRunWrites(t *testing.T) {
	next := guidA + "/cmaf/0.cmfv" // a name that the last run may have used, too
	for moment, calls := 1, 1; moment <= calls; moment++ {
		w := failedWorld(t)
		calls = 0
		written := 0
		writes := func() {
			if written++; calls >= moment && written < 20 {
				w.destination.Put(next, []byte("of the next run"))
			}
		}
		redrive := func() {
			if calls++; calls == moment {
				rec := w.records.Record(guidA)
				rec.WorkflowStatus, rec.Redrives = contract.StatusIngest, 1
				w.records.Put(rec)
			}
		}
		w.destination.Before = func(string, string) error { redrive(); return nil }
		w.destination.After = func(string, string) error { writes(); return nil }
		sweep := w.sweep()
		sweep.Records = watchedRecords{w.records, func() { redrive(); writes() }}
		for _, body := range []string{removal.Body(), removal.Body()} {
			if _, err := sweep.Handle(context.Background(), batchOf(body)); err != nil {
				t.Fatal(err)
			}
		}
		if calls >= moment && !slices.Contains(w.destination.Keys(), next) {
			t.Errorf("redriven before call %d: what the next run wrote is gone", moment)
		}
	}
}

func TestWhereverARemovalDiesTheNextTryFinishes(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := int64(1); ; at++ {
			w := failedWorld(t)
			w.failAt, w.after = at, after
			w.take(removal.Body())
			if got := w.destination.Keys(); !slices.Equal(got, others) {
				t.Fatalf("died at call %d (after: %v): left are %v", at, after, got)
			}
			if w.calls.Load() < at {
				break
			}
		}
	}
}

func TestARemovalThatThereIsNoTimeForGoesOnLater(t *testing.T) {
	w := failedWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // less than the reserve
	defer cancel()
	failures, err := w.sweep().Handle(ctx, batchOf(removal.Body()))
	if err != nil || len(w.destination.Keys()) != 7 {
		t.Fatalf("error is %v, left are %v", err, w.destination.Keys())
	}
	bodies := w.work.Bodies()
	if len(failures.BatchItemFailures) > 0 {
		bodies = append(bodies, removal.Body())
	}
	w.take(bodies...)
	if got := w.destination.Keys(); !slices.Equal(got, others) {
		t.Errorf("left are %v", got)
	}
}

func TestARemovalThatNamesNoVideoRemovesNothing(t *testing.T) {
	for _, body := range []string{`{"guid":"","job":"j"}`, `{"guid":"/","job":"j"}`, `{"guid":"a","job":"j"}`, `{"guid":"` + guidA + `"}`, `{"guid":"` + strings.ToUpper(guidA) + `x","job":"j"}`} {
		w := failedWorld(t)
		if err := w.run(body); err == nil || len(w.destination.Keys()) != 7 {
			t.Errorf("%s: error is %v, left are %v", body, err, w.destination.Keys())
		}
	}
}

package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

// ends are the ways a job ends, each with the name that its task must get.
var ends = map[string]struct {
	event json.RawMessage
	name  string
}{
	"complete": {event(contract.JobComplete), ""},
	"error":    {event(contract.JobError, failedWith(1030, "cannot decode")), string(contract.CodeSourceUnreadable)},
	"canceled": {event(contract.JobCanceled), string(contract.CodeJobCanceled)},
}

// news are the events before the end.
var news = []json.RawMessage{
	event(contract.JobInputInformation),
	event(contract.JobProgressing),
	event(contract.JobStatusUpdate, percent(30)),
	event(contract.JobStatusUpdate, percent(80)),
}

// waitingRecord is a record that waits for its job, with as little else as
// possible: the tests copy it many thousand times.
func waitingRecord() contract.Record {
	return contract.Record{
		Core:  contract.Core{GUID: guid, WorkflowStatus: contract.StatusIngest},
		Heavy: contract.Heavy{EncodingJob: json.RawMessage(`{"Role":"r","ClientRequestToken":"` + guid + `"}`)},
	}
}

// permutations calls do with every order of n things.
func permutations(n int, do func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var permute func(int)
	permute = func(k int) {
		if k == n {
			do(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			permute(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	permute(0)
}

func TestWhateverTheOrderOfEventsAndTokenTheTaskIsCompletedOnce(t *testing.T) {
	for kind, end := range ends {
		t.Run(kind, func(t *testing.T) {
			template := waitingRecord()
			events := append(append([]json.RawMessage{}, news...), end.event)
			permutations(len(events)+1, func(order []int) {
				w := newWorld(t)
				w.table.Put(template)
				watch(w)
				for _, i := range order {
					if i == len(events) {
						w.wait()
						continue
					}
					w.hear(events[i])
					w.hear(events[i]) // each is delivered twice
				}
				checkEnd(t, w, end.name, order)
			})
		})
	}
}

// watch fails the test when a record ever moves backwards.
func watch(w *world) {
	last := contract.Record{}
	w.table.Changed = func(rec contract.Record) {
		if last.Progress != nil && (rec.Progress == nil || *rec.Progress < *last.Progress) {
			w.t.Errorf("progress fell from %d", *last.Progress)
		}
		if last.Ended() && rec.WorkflowStatus != last.WorkflowStatus {
			w.t.Errorf("status moved from %s to %s", last.WorkflowStatus, rec.WorkflowStatus)
		}
		if last.EncodeJobID != "" && rec.EncodeJobID != last.EncodeJobID {
			w.t.Errorf("job changed from %s to %s", last.EncodeJobID, rec.EncodeJobID)
		}
		last = rec
	}
}

func checkEnd(t *testing.T, w *world, name string, order any) {
	t.Helper()
	done := w.tasks.Completions()
	if len(done) != 1 || done[0].Name != name {
		t.Fatalf("order %v: tasks completed %+v, want one with name %q", order, done, name)
	}
	rec := w.table.Record(guid)
	if rec.JobEvent == nil || rec.EncodeJobID != "job-1" || rec.WorkflowStatus != contract.StatusIngest {
		t.Fatalf("order %v: record is %+v", order, rec)
	}
}

func TestEventsAndTokenAtOnceCompleteTheTaskOnce(t *testing.T) {
	template := waitingRecord()
	for range 200 {
		w := newWorld(t)
		w.table.Put(template)
		w.tasks.Open("token")
		var wg sync.WaitGroup
		for _, e := range append(append([]json.RawMessage{}, news...), ends["complete"].event, ends["complete"].event) {
			wg.Go(func() { w.hear(e) })
		}
		wg.Go(func() {
			if err := w.encode().Handle(context.Background(), step.Waiting{GUID: guid, Token: "token"}); err != nil {
				t.Errorf("encode: %v", err)
			}
		})
		wg.Wait()
		checkEnd(t, w, "", "at once")
	}
}

var errLost = errors.Join(contract.ErrUnavailable, errors.New("the answer was lost"))

// TestWithLostAnswersTheJobStillEndsOnce plays the state machine and the
// event service: what fails is tried again, and Encode is called again when
// its check interval passes.
func TestWithLostAnswersTheJobStillEndsOnce(t *testing.T) {
	template := waitingRecord()
	for seed := range uint64(400) {
		dice := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t)
		w.table.Put(template)
		lose := func(string, string) error {
			if dice.IntN(4) == 0 {
				return errLost
			}
			return nil
		}
		w.table.Before, w.table.After = lose, lose
		w.running.Before, w.running.After = lose, lose
		w.jobs.After = func() error {
			if dice.IntN(4) == 0 {
				return contract.ErrInDoubt
			}
			return nil
		}
		final := play(w, dice)
		if final.Name != "" {
			t.Fatalf("seed %d: the state machine ended with %+v", seed, final)
		}
		if n := len(w.jobs.Submitted()); n > 1 {
			t.Fatalf("seed %d: %d jobs submitted", seed, n)
		}
	}
}

// play runs the Encode state as the state machine does until it ends.
func play(w *world, dice *rand.Rand) (final struct{ Name string }) {
	events := append(append([]json.RawMessage{}, news...), ends["complete"].event)
	dice.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for range 1000 {
		w.clock.Advance(time.Duration(dice.IntN(90)) * time.Second) // ClientRequestTokens are forgotten meanwhile
		token := w.wait()
		for len(events) > 0 && dice.IntN(3) > 0 { // the service delivers until an event is taken
			if w.jobState().Handle(context.Background(), events[0]) == nil {
				events = events[1:]
			}
		}
		w.tasks.Expire(token)
		if done := w.tasks.Completions(); len(done) > 0 {
			final.Name = done[len(done)-1].Name
			if final.Name != contract.NameUnavailable {
				return final
			}
		}
	}
	final.Name = "no end"
	return final
}

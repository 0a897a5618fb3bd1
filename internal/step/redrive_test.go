package step_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// failedState is the input of the state Failed, after so many redrives.
func failedState(t *testing.T, w *world, redrives int) json.RawMessage {
	t.Helper()
	rec := w.table.Record(guid)
	text, err := json.Marshal(contract.Failing{
		Execution: contract.ExecutionContext{ARN: arn, RedriveCount: redrives},
		Input: contract.Execution{
			GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: "/video/a.mp4",
			EncodeError: &contract.StateError{Error: "AccessDenied", Cause: "no"},
			Failure:     &contract.Failed{ErrorCode: rec.ErrorCode, ErrorMessage: rec.ErrorMessage},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// failedWorld is one whose video has failed while its job ran.
func failedWorld(t *testing.T) *world {
	w := newWorld(t)
	w.planned()
	w.wait()
	w.hear(event(contract.JobStatusUpdate, percent(80)))
	fail(t, w, failing("Encode", "AccessDenied", "no"))
	return w
}

func TestAnExecutionEndsWithTheErrorOfItsVideo(t *testing.T) {
	w := failedWorld(t)
	_, err := w.fail().Handle(context.Background(), failedState(t, w, 0))
	wantFailure(t, err, contract.CodeAccessDenied)
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusError)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
}

func TestARedrivenExecutionBeginsItsVideoAnew(t *testing.T) {
	w := failedWorld(t)
	w.clock.Advance(time.Hour)
	for range 2 { // the answer of the first try may be lost
		got, err := w.fail().Handle(context.Background(), failedState(t, w, 1))
		if err != nil || got.Input == nil || got.Input.GUID != guid || got.Input.EncodeError != nil || got.Input.Failure != nil {
			t.Fatalf("answer is %+v, %v", got, err)
		}
	}
	rec := w.table.Record(guid)
	if rec.WorkflowStatus != contract.StatusIngest || rec.ErrorCode != "" || rec.EncodingJob != nil || rec.EncodeJobID != "" || rec.SnsSentAt != "" || rec.Progress != nil {
		t.Errorf("record is %+v", rec)
	}
	if _, err := w.plan().Handle(context.Background(), contract.Execution{GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: "video/a.mp4", VersionID: rec.SrcVersionID}); err != nil {
		t.Fatal(err)
	}
	w.wait()
	jobs := w.jobs.Submitted()
	want(t, "number of jobs", len(jobs), 2)
	want(t, "token of the second", jobs[1].ClientRequestToken, guid+"-1")
	w.hear(event(contract.JobComplete)) // of the first job
	want(t, "tasks completed by the first job", len(w.tasks.Completions()), 0)
	w.hear(event(contract.JobComplete, func(d *contract.JobDetail) { d.JobID = "job-2" }))
	want(t, "name", onlyCompletion(t, w).Name, "")
}

func TestARedriveOfAVideoThatIsCompleteChangesNothing(t *testing.T) {
	w := failedWorld(t)
	input := failedState(t, w, 1)
	rec := w.table.Record(guid)
	rec.WorkflowStatus = contract.StatusComplete
	w.table.Put(rec)
	_, err := w.fail().Handle(context.Background(), input)
	wantFailure(t, err, contract.CodeAccessDenied)
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusComplete)
}

func TestAnEventThatIsOlderThanTheRedriveDoesNotEndTheVideoAgain(t *testing.T) {
	w := failedWorld(t)
	if _, err := w.fail().Handle(context.Background(), failedState(t, w, 1)); err != nil {
		t.Fatal(err)
	}
	fail(t, w, stopped("FAILED", map[string]any{"error": "AccessDenied", "cause": "no", "redriveCount": 0}))
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusIngest)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	fail(t, w, stopped("ABORTED", map[string]any{"redriveCount": 1}))
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusError)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 2)
}

// A Fail that hung while the operator redrove the execution marks messages of
// the run before.
func TestTheMarkOfAnEarlierRunKeepsNoMessageOfTheNextBack(t *testing.T) {
	w := newWorld(t)
	w.planned()
	redriven := false
	w.queue.After = func(contract.Message) error {
		if !redriven {
			redriven = true
			if _, err := w.fail().Handle(context.Background(), failedState(t, w, 1)); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	fail(t, w, failing("Encode", "AccessDenied", "no"))
	fail(t, w, stopped("ABORTED", map[string]any{"redriveCount": 1}))
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 2)
	want(t, "results", len(w.queue.Bodies()), 2)
}

package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

const arn = "arn:aws:states:eu-central-1:123456789012:execution:vod-pipeline:" + guid

// failing is the Fail state's input after a state failed.
func failing(stage, name, cause string) json.RawMessage {
	input := contract.Execution{GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: "/video/a.mp4"}
	e := &contract.StateError{Error: name, Cause: cause}
	switch stage {
	case "Plan":
		input.PlanError = e
	case "Encode":
		input.EncodeError = e
	case "Publish":
		input.PublishError = e
	}
	text, err := json.Marshal(contract.Failing{Execution: contract.ExecutionContext{ARN: arn}, Input: input})
	if err != nil {
		panic(err)
	}
	return text
}

// stopped is the event of an execution that ended badly.
func stopped(status string, more map[string]any) json.RawMessage {
	input, _ := json.Marshal(contract.Execution{GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: "/video/a.mp4"})
	detail := map[string]any{"executionArn": arn, "name": guid, "status": status, "input": string(input)}
	for name, value := range more {
		detail[name] = value
	}
	text, _ := json.Marshal(map[string]any{"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": detail})
	return text
}

func fail(t *testing.T, w *world, input json.RawMessage) contract.Failed {
	t.Helper()
	failed, err := w.fail().Handle(context.Background(), input)
	if err != nil {
		t.Fatal(err)
	}
	return failed
}

func TestRecordTopicAndQueueAgreeOnCodeAndSentence(t *testing.T) {
	w := waitingWorld(t)
	got := fail(t, w, failing("Plan", "EmptySource", `{"errorType":"EmptySource","errorMessage":"the uploaded file \"a\" has no bytes"}`))
	rec := w.table.Record(guid)
	want(t, "status", rec.WorkflowStatus, contract.StatusError)
	want(t, "code", rec.ErrorCode, contract.CodeEmptySource)
	want(t, "message", rec.ErrorMessage, `the uploaded file "a" has no bytes`)
	want(t, "stage", rec.WorkflowErrorAt, "Plan")
	want(t, "answer", got.ErrorMessage, rec.ErrorMessage)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
	for _, body := range []string{w.topic.Of(contract.StatusError)[0].Body, w.queue.Bodies()[0]} {
		var said contract.Core
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatal(err)
		}
		want(t, "code", said.ErrorCode, rec.ErrorCode)
		want(t, "message", said.ErrorMessage, rec.ErrorMessage)
		want(t, "stage", said.WorkflowErrorAt, rec.WorkflowErrorAt)
	}
	if !strings.HasSuffix(rec.ErrorDetails, "#/v2/executions/details/"+arn) {
		t.Errorf("console link is %s", rec.ErrorDetails)
	}
}

func TestEveryNameOfAStateErrorBecomesAPublishedCode(t *testing.T) {
	for _, c := range []struct {
		stage, name, cause string
		code               contract.Code
	}{
		{"Plan", "SourceReplaced", `{"errorMessage":"x"}`, contract.CodeSourceReplaced},
		{"Encode", "JobCanceled", "the job was cancelled", contract.CodeJobCanceled},
		{"Encode", "States.Timeout", "", contract.CodeJobTimedOut},
		{"Plan", "States.Timeout", "", contract.CodeUnavailable},
		{"Publish", "Sandbox.Timedout", `{"errorMessage":"RequestId: 1 Error: Task timed out after 3.00 seconds"}`, contract.CodeUnavailable},
		{"Plan", "Lambda.TooManyRequestsException", "Rate exceeded", contract.CodeThrottled},
		{"Encode", "Throttled", "CreateJob", contract.CodeThrottled},
		{"Plan", "Unavailable", "no route", contract.CodeUnavailable},
		{"Plan", "Lambda.AccessDeniedException", "no", contract.CodeAccessDenied},
		{"Plan", "Runtime.ExitError", `{"errorMessage":"exit status 2"}`, contract.CodeInternal},
		{"Plan", "", "", contract.CodeInternal},
		{"Plan", "States.Runtime", "path", contract.CodeInternal},
	} {
		w := waitingWorld(t)
		got := fail(t, w, failing(c.stage, c.name, c.cause))
		want(t, "code of "+c.stage+" "+c.name, got.ErrorCode, c.code)
		if got.ErrorMessage == "" || len(got.ErrorMessage) > 1100 {
			t.Errorf("%s: message is %q", c.name, got.ErrorMessage)
		}
		if _, ok := contract.Explain(got.ErrorCode); !ok {
			t.Errorf("%s is not published", got.ErrorCode)
		}
	}
}

func TestAFailedVideoLeavesNoJobRunning(t *testing.T) {
	for name, input := range map[string]json.RawMessage{
		"a state failed":            failing("Encode", "States.Timeout", ""),
		"the execution was stopped": stopped("ABORTED", nil),
		"it ran out of time":        stopped("TIMED_OUT", nil),
	} {
		w := waitingWorld(t)
		w.wait()
		fail(t, w, input)
		fail(t, w, input)
		if got := w.jobs.Cancelled(); len(got) == 0 || got[0] != "job-1" {
			t.Errorf("%s: cancelled %v, want job-1", name, got)
		}
	}
}

func TestAJobWhoseAnswerWasLostIsCancelledToo(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.After = func() error { return contract.ErrInDoubt }
	w.wait()
	fail(t, w, stopped("ABORTED", nil))
	if got := w.jobs.Cancelled(); len(got) != 1 || got[0] != "job-1" {
		t.Errorf("cancelled %v, want job-1", got)
	}
}

func TestAJobThatMayStillAppearIsLookedForAgain(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) { return "", contract.ErrInDoubt }
	w.wait()
	if _, err := w.fail().Handle(context.Background(), stopped("ABORTED", nil)); contract.ErrorName(err) != contract.NameUnavailable {
		t.Errorf("error is %v, want one that is tried again", err)
	}
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	w.clock.Advance(time.Minute)
	fail(t, w, stopped("ABORTED", nil))
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
}

func TestAJobThatTheServiceHasEndedIsNotCancelled(t *testing.T) {
	for _, end := range []string{contract.JobComplete, contract.JobError, contract.JobCanceled} {
		w := waitingWorld(t)
		w.wait()
		w.hear(event(end))
		fail(t, w, failing("Publish", "OutputMissing", "x"))
		want(t, "jobs cancelled after "+end, len(w.jobs.Cancelled()), 0)
	}
}

func TestAJobThatCouldNotBeCancelledAtItsDeadlineIsCancelledByFail(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.clock.Advance(48 * time.Hour)
	w.jobs.CancelFunc = func(string) error { return contract.ErrThrottled }
	w.wait()
	if _, err := w.fail().Handle(context.Background(), failing("Encode", "JobTimedOut", "x")); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v, want one that is tried again", err)
	}
	w.jobs.CancelFunc = nil
	fail(t, w, failing("Encode", "JobTimedOut", "x"))
	want(t, "attempts to cancel", len(w.jobs.Cancelled()), 3)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
}

func TestAJobThatMayNotBeCancelledIsAnAlarmAndItsVideoIsAnnounced(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.jobs.CancelFunc = func(string) error { return contract.ErrDenied }
	fail(t, w, stopped("ABORTED", nil))
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	if !strings.Contains(w.log.String(), "alarm=EncoderDenied") {
		t.Errorf("no alarm in %s", w.log.String())
	}
}

func TestALongCauseIsCut(t *testing.T) {
	w := waitingWorld(t)
	fail(t, w, failing("Plan", "Whatever", strings.Repeat("ä", 20_000)))
	if n := len(w.table.Record(guid).ErrorMessage); n > 1200 {
		t.Errorf("message has %d bytes", n)
	}
}

func TestAVideoWithoutARecordGetsOneFromTheExecution(t *testing.T) {
	w := newWorld(t)
	fail(t, w, failing("Plan", "AccessDenied", "no access to the table"))
	rec := w.table.Record(guid)
	want(t, "status", rec.WorkflowStatus, contract.StatusError)
	want(t, "srcVideo", rec.SrcVideo, "/video/a.mp4")
	want(t, "srcBucket", rec.SrcBucket, "source")
	want(t, "workflow", rec.WorkflowName, "vod")
	if rec.StartTime == "" {
		t.Error("no start time: the index would miss the record")
	}
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
}

func TestAnExecutionThatWasStoppedEndsItsVideoByTheSafetyNet(t *testing.T) {
	for status, code := range map[string]contract.Code{
		"ABORTED": contract.CodeExecutionStopped, "TIMED_OUT": contract.CodeExecutionStopped, "FAILED": contract.CodeInternal,
	} {
		w := waitingWorld(t)
		got := fail(t, w, stopped(status, map[string]any{"error": "States.Runtime", "cause": "odd"}))
		want(t, "code after "+status, got.ErrorCode, code)
		want(t, "stage", w.table.Record(guid).WorkflowErrorAt, "Execution")
		want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	}
}

func TestTheSafetyNetWorksWithoutTheExecutionsInput(t *testing.T) {
	w := waitingWorld(t)
	fail(t, w, stopped("ABORTED", map[string]any{"input": nil}))
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusError)
}

func TestTheSafetyNetAfterFailChangesNothing(t *testing.T) {
	w := waitingWorld(t)
	fail(t, w, failing("Plan", "EmptySource", "empty"))
	for range 2 {
		fail(t, w, stopped("FAILED", map[string]any{"error": "EmptySource", "cause": "empty"}))
	}
	want(t, "stage", w.table.Record(guid).WorkflowErrorAt, "Plan")
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
}

func TestFailThatDiesHalfWayIsFinishedByItsNextCall(t *testing.T) {
	w := waitingWorld(t)
	broken := true
	w.queue.Before = func(contract.Message) error {
		if broken {
			return errors.New("no route")
		}
		return nil
	}
	if _, err := w.fail().Handle(context.Background(), failing("Plan", "EmptySource", "empty")); err == nil {
		t.Fatal("no error")
	}
	broken = false
	fail(t, w, stopped("FAILED", nil))
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
}

func TestACompleteVideoStaysCompleteAndIsAnnouncedAfterAll(t *testing.T) {
	w := encoded(t)
	w.topic.Before = func(contract.Message) error { return errLost }
	if publish(w) == nil {
		t.Fatal("no error")
	}
	w.topic.Before = nil
	got := fail(t, w, failing("Publish", "Unavailable", "no route"))
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusComplete)
	want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 1)
	want(t, "Error messages", len(w.topic.Of(contract.StatusError)), 0)
	want(t, "answer", got.ErrorCode, contract.CodeUnavailable)
}

func TestGarbageIsLoggedAndAnswered(t *testing.T) {
	for _, text := range []string{`[]`, `{}`, `"x"`, `{"source":"aws.states","detail":{"name":"x","input":"{"}}`} {
		w := newWorld(t)
		got := fail(t, w, json.RawMessage(text))
		want(t, "code", got.ErrorCode, contract.CodeInternal)
		if !strings.Contains(w.log.String(), "failure ignored") {
			t.Errorf("nothing in the log about %s", text)
		}
	}
}

func TestAJobThatFailedOverAnotherVersionSaysThatTheSourceWasReplaced(t *testing.T) {
	for code, change := range map[contract.Code]func(*world){
		contract.CodeSourceReplaced:   func(w *world) { w.source.Put("video/a.mp4", []byte("another")) },
		contract.CodeSourceGone:       func(w *world) { w.source.Delete("video/a.mp4") },
		contract.CodeSourceUnreadable: func(*world) {},
	} {
		w := newWorld(t)
		w.planned()
		change(w)
		got := fail(t, w, failing("Encode", "SourceUnreadable", "MediaConvert job failed with code 1021"))
		want(t, "code", got.ErrorCode, code)
		want(t, "code in the record", w.table.Record(guid).ErrorCode, code)
	}
}

func TestAFailureThatIsNotOfTheSourceStaysWhateverBecameOfIt(t *testing.T) {
	w := newWorld(t)
	w.planned()
	w.source.Delete("video/a.mp4")
	want(t, "code", fail(t, w, failing("Encode", "JobCanceled", "cancelled")).ErrorCode, contract.CodeJobCanceled)
}

func TestASourceThatCannotBeLookedUpLeavesTheFailureAsItIs(t *testing.T) {
	w := newWorld(t)
	w.planned()
	w.source.Before = func(string, string) error { return contract.ErrDenied }
	want(t, "code", fail(t, w, failing("Encode", "JobFailed", "gave up")).ErrorCode, contract.CodeJobFailed)
}

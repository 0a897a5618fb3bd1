package step_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/testkit"
)

// onlyCompletion is how the one task was completed.
func onlyCompletion(t *testing.T, w *world) testkit.Completion {
	t.Helper()
	done := w.tasks.Completions()
	if len(done) != 1 {
		t.Fatalf("tasks completed: %+v, want one", done)
	}
	return done[0]
}

func waitingWorld(t *testing.T) *world {
	w := newWorld(t)
	w.table.Put(waitingRecord())
	return w
}

func TestTheJobOfTheRecordIsSubmittedOnceHoweverOftenEncodeIsCalled(t *testing.T) {
	w := newWorld(t)
	rec := w.planned()
	w.wait()
	w.wait()
	jobs := w.jobs.Submitted()
	want(t, "number of jobs", len(jobs), 1)
	want(t, "client request token", jobs[0].ClientRequestToken, guid)
	want(t, "workflow", jobs[0].UserMetadata["workflow"], rec.WorkflowName)
	after := w.table.Record(guid)
	want(t, "job id", after.EncodeJobID, "job-1")
	want(t, "progress", *after.Progress, 0)
	want(t, "token", after.TaskToken, "token-2")
}

func TestAThrottledJobFailsTheTaskUnderANameThatIsRetried(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) {
		return "", errors.Join(contract.ErrThrottled, errors.New("slow down"))
	}
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, contract.NameThrottled)
}

func TestARefusedJobFailsTheTaskWithItsCodeAndSentence(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) {
		return "", contract.Failf(contract.CodeJobRefused, "no such thing as a %s", "rung")
	}
	w.wait()
	done := onlyCompletion(t, w)
	want(t, "name", done.Name, string(contract.CodeJobRefused))
	want(t, "cause", done.Cause, "no such thing as a rung")
}

func TestAFailureThatCannotBeReportedIsAnErrorOfTheFunction(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) { return "", errors.New("broken") }
	w.tasks.Before = func(testkit.Completion) error { return errors.New("also broken") }
	if err := w.encode().Handle(context.Background(), step.Waiting{GUID: guid, Token: "t"}); err == nil {
		t.Error("no error")
	}
}

func TestAJobWhoseIDWasLostIsFoundByItsEventAndNotSubmittedTwice(t *testing.T) {
	w := waitingWorld(t)
	w.hear(event(contract.JobProgressing)) // the job runs, the record doesn't know it
	w.wait()
	want(t, "number of jobs", len(w.jobs.Submitted()), 0)
	want(t, "job id", w.table.Record(guid).EncodeJobID, "job-1")
}

func TestASecondJobOfAVideoIsCancelled(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) {
		w.hear(event(contract.JobProgressing)) // job-1 turns up meanwhile
		return "job-2", nil
	}
	w.wait()
	if got := w.jobs.Cancelled(); len(got) != 1 || got[0] != "job-2" {
		t.Errorf("cancelled %v, want job-2", got)
	}
	w.hear(event(contract.JobComplete, func(d *contract.JobDetail) { d.JobID = "job-2" }))
	want(t, "tasks completed by the second job", len(w.tasks.Completions()), 0)
	w.hear(event(contract.JobComplete))
	want(t, "name", onlyCompletion(t, w).Name, "")
}

func TestAJobOfAVideoThatEndedMeanwhileIsCancelled(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) {
		rec := w.table.Record(guid)
		rec.WorkflowStatus = contract.StatusError
		w.table.Put(rec)
		return "job-1", nil
	}
	w.wait()
	want(t, "jobs cancelled", len(w.jobs.Cancelled()), 1)
}

func TestALostEndIsFoundWhenTheCheckIntervalPasses(t *testing.T) {
	for status, name := range map[string]string{
		contract.JobComplete: "",
		contract.JobError:    string(contract.CodeSourceUnreadable),
		contract.JobCanceled: string(contract.CodeJobCanceled),
	} {
		w := waitingWorld(t)
		w.tasks.Expire(w.wait())
		w.jobs.LookFunc = func(id string) (contract.JobDetail, error) {
			return contract.JobDetail{JobID: id, Status: status, ErrorCode: 1010}, nil
		}
		w.wait()
		want(t, "name after "+status, onlyCompletion(t, w).Name, name)
	}
}

func TestAJobThatTheServiceHasForgottenCountsAsCancelled(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.jobs.LookFunc = func(string) (contract.JobDetail, error) { return contract.JobDetail{}, contract.ErrNotFound }
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeJobCanceled))
}

func TestAJobThatWaitsInTheQueueIsGivenUpAtTheQueueDeadlineOnly(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.jobs.LookFunc = func(id string) (contract.JobDetail, error) {
		return contract.JobDetail{JobID: id, Status: contract.JobSubmitted}, nil
	}
	w.clock.Advance(23 * time.Hour) // longer than the encode deadline
	w.wait()
	want(t, "tasks completed before the deadline", len(w.tasks.Completions()), 0)
	w.clock.Advance(2 * time.Hour)
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeJobNotStarted))
	want(t, "jobs cancelled", len(w.jobs.Cancelled()), 1)
}

func TestTheEncodeDeadlineCountsFromTheFirstSignOfWork(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.clock.Advance(20 * time.Hour) // in the queue
	w.hear(event(contract.JobProgressing))
	w.clock.Advance(11 * time.Hour)
	w.wait()
	want(t, "tasks completed before the deadline", len(w.tasks.Completions()), 0)
	w.clock.Advance(2 * time.Hour)
	w.wait()
	done := onlyCompletion(t, w)
	want(t, "name", done.Name, string(contract.CodeJobTimedOut))
	if !strings.Contains(done.Cause, "12h") {
		t.Errorf("cause %q doesn't name the limit", done.Cause)
	}
	want(t, "jobs cancelled", len(w.jobs.Cancelled()), 1)
}

func TestAJobGivenUpStaysGivenUpWhenItsCancelEventComesFirst(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.clock.Advance(48 * time.Hour)
	w.jobs.CancelFunc = func(string) error { w.hear(event(contract.JobCanceled)); return nil }
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeJobTimedOut))
}

func TestAJobThatCannotBeCancelledStillEndsItsVideo(t *testing.T) {
	w := waitingWorld(t)
	w.wait()
	w.clock.Advance(48 * time.Hour)
	w.jobs.CancelFunc = func(string) error { return errors.New("no") }
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeJobTimedOut))
}

func TestEncodeOfAVideoThatHasEndedAnswersWithThatEnd(t *testing.T) {
	for status, name := range map[contract.Status]string{
		contract.StatusComplete: "", contract.StatusError: string(contract.CodeEmptySource),
	} {
		w := newWorld(t)
		rec := waitingRecord()
		rec.WorkflowStatus = status
		if status == contract.StatusError {
			rec.ErrorCode, rec.ErrorMessage = contract.CodeEmptySource, "empty"
		}
		w.table.Put(rec)
		w.wait()
		want(t, "name", onlyCompletion(t, w).Name, name)
		want(t, "number of jobs", len(w.jobs.Submitted()), 0)
	}
}

func TestEncodeOfAnUnknownVideoFailsItsTask(t *testing.T) {
	w := newWorld(t)
	w.wait()
	want(t, "name", onlyCompletion(t, w).Name, string(contract.CodeInternal))
}

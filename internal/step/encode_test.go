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
	want(t, "token", w.runningJob().TaskToken, "token-2")
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

func TestAJobWhoseAnswerWasLostIsFoundAndNotSubmittedTwice(t *testing.T) {
	for name, wait := range map[string]time.Duration{"within the token's minute": 5 * time.Second, "long after": time.Hour} {
		w := waitingWorld(t)
		w.jobs.After = func() error { return contract.ErrInDoubt }
		w.wait()
		want(t, name+": name", onlyCompletion(t, w).Name, contract.NameUnavailable)
		w.jobs.After = nil
		w.clock.Advance(wait)
		w.wait()
		want(t, name+": number of jobs", len(w.jobs.Submitted()), 1)
		want(t, name+": job id", w.table.Record(guid).EncodeJobID, "job-1")
	}
}

func TestASubmissionInDoubtIsOnlyRepeatedWhenItsJobHadTimeToAppear(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) { return "", contract.ErrInDoubt }
	w.wait()
	w.jobs.SubmitFunc = nil
	w.clock.Advance(59 * time.Second)
	w.wait()
	want(t, "jobs submitted while another may appear", len(w.jobs.Submitted()), 0)
	w.clock.Advance(2 * time.Second)
	w.wait()
	want(t, "jobs submitted in the end", len(w.jobs.Submitted()), 1)
	want(t, "job id", w.table.Record(guid).EncodeJobID, "job-1")
}

func TestAClearRefusalLeavesNoDoubt(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.FindFunc = func(encoding.Job) (string, error) {
		t.Error("a job is looked for that was never made")
		return "", contract.ErrNotFound
	}
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) { return "", contract.ErrThrottled }
	w.wait()
	w.jobs.SubmitFunc = nil
	w.wait()
	want(t, "number of jobs", len(w.jobs.Submitted()), 1)
}

func TestARecordThatCouldNotBeReadLeavesNoDoubt(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.FindFunc = func(encoding.Job) (string, error) {
		t.Error("a job is looked for that was never made")
		return "", contract.ErrNotFound
	}
	w.table.Before = func(string, string) error { return contract.ErrThrottled }
	w.wait()
	want(t, "jobs submitted without a record", len(w.jobs.Submitted()), 0)
	w.table.Before = nil
	w.wait()
	want(t, "number of jobs", len(w.jobs.Submitted()), 1)
}

func TestADoubtOutlastsARecordThatCouldNotBeRead(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) { return "", contract.ErrInDoubt }
	w.wait()
	w.jobs.SubmitFunc = nil
	w.table.Before = func(string, string) error { return contract.ErrThrottled }
	w.wait()
	w.table.Before = nil
	w.jobs.FindFunc = func(encoding.Job) (string, error) { return "job-7", nil }
	w.wait()
	want(t, "number of jobs", len(w.jobs.Submitted()), 0)
	want(t, "job id", w.table.Record(guid).EncodeJobID, "job-7")
}

func TestAFunctionThatDiedInTheMiddleOfASubmissionLooksForItsJob(t *testing.T) {
	w := waitingWorld(t)
	if err := w.running.BeginSubmit(context.Background(), guid, contract.Time(w.clock.Now())); err != nil {
		t.Fatal(err)
	}
	w.jobs.FindFunc = func(job encoding.Job) (string, error) { return "job-7", nil }
	w.wait()
	want(t, "number of jobs", len(w.jobs.Submitted()), 0)
	want(t, "job id", w.table.Record(guid).EncodeJobID, "job-7")
}

func TestAJobThatMayNotBeLookedForIsAnAlarmAndLookedForAgain(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.After = func() error { return contract.ErrInDoubt }
	w.wait()
	w.jobs.FindFunc = func(encoding.Job) (string, error) { return "", contract.ErrDenied }
	w.clock.Advance(time.Hour)
	w.wait()
	done := w.tasks.Completions()
	want(t, "name", done[len(done)-1].Name, contract.NameUnavailable)
	want(t, "number of jobs", len(w.jobs.Submitted()), 1)
	if !strings.Contains(w.log.String(), "alarm=EncoderDenied") {
		t.Errorf("no alarm in %s", w.log.String())
	}
}

func TestASecondJobOfAVideoIsCancelled(t *testing.T) {
	w := waitingWorld(t)
	w.jobs.SubmitFunc = func(encoding.Job) (string, error) {
		rec := w.table.Record(guid)
		rec.EncodeJobID = "job-1" // turns up meanwhile
		w.table.Put(rec)
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

func TestACheckThatCannotLookChangesNothing(t *testing.T) {
	for name, err := range map[string]error{
		"throttled": contract.ErrThrottled, "down": contract.ErrUnavailable, "denied": contract.ErrDenied, "odd": errors.New("odd"),
	} {
		w := waitingWorld(t)
		w.tasks.Expire(w.wait())
		w.jobs.LookFunc = func(string) (contract.JobDetail, error) { return contract.JobDetail{}, err }
		w.clock.Advance(48 * time.Hour)
		w.wait()
		want(t, name+": tasks completed", len(w.tasks.Completions()), 0)
		want(t, name+": jobs cancelled", len(w.jobs.Cancelled()), 0)
		want(t, name+": alarms", strings.Contains(w.log.String(), "alarm=EncoderDenied"), name == "denied")
		w.hear(event(contract.JobComplete))
		want(t, name+": name", onlyCompletion(t, w).Name, "")
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
	started := contract.Time(w.clock.Now())
	w.jobs.LookFunc = func(id string) (contract.JobDetail, error) {
		return contract.JobDetail{JobID: id, Status: contract.JobProgressing, StartedAt: started}, nil
	}
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

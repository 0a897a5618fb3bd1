package step

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// Encode submits the job and remembers the task's token. The state machine
// calls it again, with a new token, whenever its check interval passes without
// news; then it asks the encoder itself how the job is doing.
type Encode struct {
	Records Records
	Running RunningJobs
	Jobs    Jobs
	Tasks   Tasks
	// QueueDeadline is how long a job may wait, EncodeDeadline how long it may
	// work from its first sign of work.
	QueueDeadline  time.Duration
	EncodeDeadline time.Duration
	Now            func() time.Time
	Log            *slog.Logger
}

// Jobs is the encoder.
type Jobs interface {
	// Submit creates a job and returns its id. A job that the service refuses
	// is a contract.Failure; one that may have been created although no id came
	// back is contract.ErrInDoubt.
	Submit(ctx context.Context, job encoding.Job) (id string, err error)
	// Find looks for the newest job of a video that was created at a moment or
	// later, or returns contract.ErrNotFound.
	Find(ctx context.Context, job encoding.Job, since time.Time) (id string, err error)
	// Look tells how a job is doing.
	Look(ctx context.Context, id string) (contract.JobDetail, error)
	// Cancel stops a job; one that has ended already counts as stopped.
	Cancel(ctx context.Context, id string) error
}

// Waiting is the input of the Encode state: which video, and the token with
// which its task is completed.
type Waiting struct {
	GUID  string `json:"guid"`
	Token string `json:"token"`
}

// Handle submits or looks after a job. Its own failure goes to the task, so
// that the state machine hears of it at once.
func (s *Encode) Handle(ctx context.Context, in Waiting) error {
	log := s.Log.With("guid", in.GUID)
	err := s.run(ctx, in, log)
	if err == nil {
		return nil
	}
	log.Warn("encode failed", "error", err, "name", contract.ErrorName(err))
	if err := s.Tasks.Fail(ctx, in.Token, contract.ErrorName(err), contract.Sentence(err)); err != nil {
		return fmt.Errorf("fail task of video %s: %w", in.GUID, err)
	}
	return nil
}

// run stores the token first and looks for the job's end after, the other way
// round than JobState: whichever comes second completes the task.
func (s *Encode) run(ctx context.Context, in Waiting, log *slog.Logger) error {
	before, err := s.Running.Await(ctx, in.GUID, in.Token, contract.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("store token of video %s: %w", in.GUID, err)
	}
	rec, err := s.Records.Get(ctx, in.GUID)
	if err != nil {
		s.notSubmitted(ctx, before, log)
		return fmt.Errorf("read record of video %s: %w", in.GUID, err)
	}
	switch {
	case rec.Ended():
		return s.ended(ctx, in.Token, rec)
	case rec.JobEvent != nil:
		return s.finish(ctx, rec, in.Token)
	case rec.EncodeJobID == "":
		return s.submit(ctx, rec, before, log)
	}
	return s.check(ctx, rec, in.Token, log)
}

// ended answers a task whose video has ended before.
func (s *Encode) ended(ctx context.Context, token string, rec contract.Record) error {
	if rec.WorkflowStatus == contract.StatusComplete {
		return s.Tasks.Succeed(ctx, token, "{}")
	}
	return &contract.Failure{Code: rec.ErrorCode, Message: rec.ErrorMessage}
}

// searchDelay is how long a job may take to be found after it was created.
// ClientRequestToken makes two calls one job for a minute only (botocore's
// model of CreateJob), so a call in doubt is never repeated: its job is looked
// for, and only when it has had this long to appear is another one submitted.
const searchDelay = time.Minute

// submit creates the job, unless an earlier call whose answer was lost has
// done so.
func (s *Encode) submit(ctx context.Context, rec contract.Record, before contract.RunningJob, log *slog.Logger) error {
	job, err := jobOf(rec)
	if err != nil {
		s.notSubmitted(ctx, before, log)
		return err
	}
	if before.SubmittingSince != "" {
		id, err := s.findSubmitted(ctx, rec, job, before.SubmittingSince)
		if err != nil {
			return err
		}
		if id != "" {
			log.Warn("job of a lost answer found", "job", id)
			return s.store(ctx, rec, id, log)
		}
		if err := s.Running.BeginSubmit(ctx, rec.GUID, contract.Time(s.Now())); err != nil {
			return fmt.Errorf("note submission of video %s: %w", rec.GUID, err)
		}
	}
	id, err := s.Jobs.Submit(ctx, job)
	if err != nil {
		if !errors.Is(err, contract.ErrInDoubt) {
			s.endSubmit(ctx, rec.GUID, log)
		}
		return fmt.Errorf("submit job of video %s: %w", rec.GUID, err)
	}
	log.Info("job submitted", "job", id)
	return s.store(ctx, rec, id, log)
}

// findSubmitted is the job of an earlier call, empty when there is none. While
// such a job may not be found yet, the doubt goes on.
func (s *Encode) findSubmitted(ctx context.Context, rec contract.Record, job encoding.Job, since string) (string, error) {
	began, err := time.Parse(time.RFC3339, since)
	if err != nil {
		return "", fmt.Errorf("read submission of video %s: %w", rec.GUID, err)
	}
	id, err := s.Jobs.Find(ctx, job, began)
	switch {
	case err == nil:
		return id, nil
	case errors.Is(err, contract.ErrDenied):
		logBlocked(s.Log, "job not looked for", err, "guid", rec.GUID)
		return "", fmt.Errorf("look for job of video %s: %w: %w", rec.GUID, contract.ErrInDoubt, err)
	case !errors.Is(err, contract.ErrNotFound):
		return "", fmt.Errorf("look for job of video %s: %w", rec.GUID, err)
	case s.Now().Sub(began) < searchDelay:
		return "", fmt.Errorf("look for job of video %s: %w", rec.GUID, contract.ErrInDoubt)
	}
	return "", nil
}

// notSubmitted takes back what Await has noted: CreateJob was not called. An
// earlier call that is in doubt stays so.
func (s *Encode) notSubmitted(ctx context.Context, before contract.RunningJob, log *slog.Logger) {
	if before.SubmittingSince == "" {
		s.endSubmit(ctx, before.GUID, log)
	}
}

// endSubmit says that no job was made. Where that cannot be written, the next
// try looks for a job that is not there.
func (s *Encode) endSubmit(ctx context.Context, guid string, log *slog.Logger) {
	if err := s.Running.EndSubmit(ctx, guid); err != nil {
		log.Warn("refused submission not noted", "error", err)
	}
}

// store writes the job's id. Should the job end before that, JobState finds
// the token, and completes the task.
func (s *Encode) store(ctx context.Context, rec contract.Record, id string, log *slog.Logger) error {
	standing, done, err := s.Records.Update(ctx, rec.GUID, contract.Change{
		Once: contract.Record{
			Core:     contract.Core{EncodeJobID: id, Progress: new(0)},
			Internal: contract.Internal{JobSubmittedAt: contract.Time(s.Now())},
		},
		If:     ofJob(id),
		Unread: true,
	})
	if err != nil {
		return fmt.Errorf("store job %s of video %s: %w", id, rec.GUID, err)
	}
	if done {
		return nil
	}
	// The video has another job already, or has ended.
	log.Warn("duplicate job cancelled", "job", id, "known", standing.EncodeJobID, "status", standing.WorkflowStatus)
	if err := s.Jobs.Cancel(ctx, id); err != nil {
		return fmt.Errorf("cancel duplicate job %s of video %s: %w", id, rec.GUID, err)
	}
	return nil
}

// check asks how the job is doing, since no event has told of its end. What
// keeps it from asking is no reason to give up a job that may be well: it asks
// again at the next check.
func (s *Encode) check(ctx context.Context, rec contract.Record, token string, log *slog.Logger) error {
	job, err := s.Jobs.Look(ctx, rec.EncodeJobID)
	if errors.Is(err, contract.ErrNotFound) {
		job, err = contract.JobDetail{JobID: rec.EncodeJobID, Status: contract.JobCanceled}, nil
	}
	if err != nil {
		logBlocked(log, "job not looked up", err, "job", rec.EncodeJobID)
		return nil
	}
	log.Info("job looked up", "job", rec.EncodeJobID, "status", job.Status)
	if !job.Ended() {
		if job.Verdict = s.deadlineExceeded(rec, job); job.Verdict == nil {
			return nil
		}
	}
	return s.storeEnd(ctx, rec, job, token)
}

// deadlineExceeded is what a job that is over its deadline ends with, nil
// within it.
func (s *Encode) deadlineExceeded(rec contract.Record, job contract.JobDetail) *contract.Verdict {
	since, limit, verdict := job.StartedAt, s.EncodeDeadline, contract.Verdict{
		Code:    contract.CodeJobTimedOut,
		Message: fmt.Sprintf("the encode took longer than %s, which is the limit of this stack", s.EncodeDeadline),
	}
	if job.Status == contract.JobSubmitted {
		since, limit, verdict = job.SubmittedAt, s.QueueDeadline, contract.Verdict{
			Code:    contract.CodeJobNotStarted,
			Message: fmt.Sprintf("the job waited in the queue for longer than %s, which is the limit of this stack", s.QueueDeadline),
		}
	}
	start, err := time.Parse(time.RFC3339, cmp.Or(since, rec.JobSubmittedAt, rec.StartTime))
	if err != nil || s.Now().Sub(start) <= limit {
		return nil
	}
	return &verdict
}

// storeEnd writes a job's end as if its event had come, unless it has come by
// now, and completes the task with what the record then says.
func (s *Encode) storeEnd(ctx context.Context, rec contract.Record, job contract.JobDetail, token string) error {
	event, err := json.Marshal(contract.JobEvent{Detail: job})
	if err != nil {
		return fmt.Errorf("write end of job of video %s: %w", rec.GUID, err)
	}
	rec, done, err := s.Records.Update(ctx, rec.GUID, contract.Change{
		Once: contract.Record{Internal: contract.Internal{JobEvent: event}},
		If:   []contract.Condition{contract.InIngest},
	})
	if err != nil {
		return fmt.Errorf("store end of job of video %s: %w", rec.GUID, err)
	}
	if !done {
		return s.ended(ctx, token, rec)
	}
	return s.finish(ctx, rec, token)
}

// finish completes the task. A job that the pipeline has given up is stopped
// first; where that fails, Fail stops it.
func (s *Encode) finish(ctx context.Context, rec contract.Record, token string) error {
	var event contract.JobEvent
	if err := json.Unmarshal(rec.JobEvent, &event); err != nil {
		return fmt.Errorf("read end of job of video %s: %w", rec.GUID, err)
	}
	if event.Detail.Verdict != nil {
		if err := s.Jobs.Cancel(ctx, rec.EncodeJobID); err != nil {
			s.Log.Warn("job not cancelled", "guid", rec.GUID, "job", rec.EncodeJobID, "error", err)
		}
	}
	return completeTask(ctx, s.Tasks, rec.GUID, event.Detail, token)
}

// jobOf is the job that Plan has written into the record.
func jobOf(rec contract.Record) (job encoding.Job, err error) {
	if err := json.Unmarshal(rec.EncodingJob, &job); err != nil {
		return job, fmt.Errorf("read job of video %s: %w", rec.GUID, err)
	}
	if rec.Redrives > 0 { // within a minute of the last run, its token would bring back its job
		job.ClientRequestToken = fmt.Sprintf("%s-%d", job.ClientRequestToken, rec.Redrives)
	}
	return job, nil
}

// logBlocked reports what was not done and is left to a later try. A missing
// permission does not go away by itself: an alarm looks for its line in the
// log (infra/vodstack).
func logBlocked(log *slog.Logger, message string, err error, fields ...any) {
	fields = append(fields, "error", err.Error())
	if errors.Is(err, contract.ErrDenied) {
		fields = append(fields, "alarm", "EncoderDenied")
	}
	log.Error(message, fields...)
}

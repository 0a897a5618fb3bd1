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

// Encode submits the job and leaves the task's token in the record. The state
// machine calls it again, with a new token, whenever its check interval
// passes without news; then it looks itself how the job is doing.
type Encode struct {
	Records Records
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
	// is a contract.Failure.
	Submit(ctx context.Context, job encoding.Job) (id string, err error)
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
// round than JobState: whoever comes second completes the task.
func (s *Encode) run(ctx context.Context, in Waiting, log *slog.Logger) error {
	rec, waiting, err := s.Records.Update(ctx, in.GUID, contract.Change{
		Set: contract.Record{Internal: contract.Internal{TaskToken: in.Token}},
		If:  []contract.Condition{contract.InIngest},
	})
	if err != nil {
		return fmt.Errorf("store token of video %s: %w", in.GUID, err)
	}
	if !waiting {
		return s.ended(ctx, in, rec)
	}
	switch {
	case rec.JobEvent != nil:
		return s.finish(ctx, rec)
	case rec.EncodeJobID == "":
		return s.submit(ctx, rec, log)
	}
	return s.check(ctx, rec, log)
}

// ended answers a task whose video has ended before.
func (s *Encode) ended(ctx context.Context, in Waiting, rec contract.Record) error {
	if rec.WorkflowStatus == contract.StatusComplete {
		return s.Tasks.Succeed(ctx, in.Token, "{}")
	}
	return &contract.Failure{Code: rec.ErrorCode, Message: rec.ErrorMessage}
}

// submit creates the job and writes its id. Should the job end before that,
// JobState finds the token, and completes the task.
func (s *Encode) submit(ctx context.Context, rec contract.Record, log *slog.Logger) error {
	var job encoding.Job
	if err := json.Unmarshal(rec.EncodingJob, &job); err != nil {
		return fmt.Errorf("read job of video %s: %w", rec.GUID, err)
	}
	id, err := s.Jobs.Submit(ctx, job)
	if err != nil {
		return fmt.Errorf("submit job of video %s: %w", rec.GUID, err)
	}
	log.Info("job submitted", "job", id)
	rec, done, err := s.Records.Update(ctx, rec.GUID, contract.Change{
		Once: contract.Record{
			Core:     contract.Core{EncodeJobID: id, Progress: new(0)},
			Internal: contract.Internal{JobSubmittedAt: contract.Time(s.Now())},
		},
		If: ofJob(id),
	})
	if err != nil {
		return fmt.Errorf("store job %s of video %s: %w", id, rec.GUID, err)
	}
	if !done {
		return s.superfluous(ctx, rec, id, log)
	}
	return nil
}

// superfluous cancels a job that the video does not need: it has another one
// already, of an earlier try whose answer was lost, or has ended.
func (s *Encode) superfluous(ctx context.Context, rec contract.Record, id string, log *slog.Logger) error {
	log.Warn("superfluous job cancelled", "job", id, "known", rec.EncodeJobID, "status", rec.WorkflowStatus)
	if err := s.Jobs.Cancel(ctx, id); err != nil {
		return fmt.Errorf("cancel superfluous job %s of video %s: %w", id, rec.GUID, err)
	}
	return nil
}

// check asks how the job is doing, since no event has told of its end.
func (s *Encode) check(ctx context.Context, rec contract.Record, log *slog.Logger) error {
	job, err := s.Jobs.Look(ctx, rec.EncodeJobID)
	if errors.Is(err, contract.ErrNotFound) {
		job, err = contract.JobDetail{JobID: rec.EncodeJobID, Status: contract.JobCanceled}, nil
	}
	if err != nil {
		return fmt.Errorf("look after job %s of video %s: %w", rec.EncodeJobID, rec.GUID, err)
	}
	log.Info("job looked after", "job", rec.EncodeJobID, "status", job.Status)
	if !job.Ended() {
		if job.Verdict = s.late(rec, job); job.Verdict == nil {
			return nil
		}
	}
	return s.verdict(ctx, rec, job)
}

// late is what a job that is over its deadline ends with, nil within it.
func (s *Encode) late(rec contract.Record, job contract.JobDetail) *contract.Verdict {
	since, limit, verdict := cmp.Or(rec.JobStartedAt, job.StartedAt), s.EncodeDeadline, contract.Verdict{
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

// verdict writes a job's end as if its event had come, unless it has come by
// now, and completes the task with what the record then says.
func (s *Encode) verdict(ctx context.Context, rec contract.Record, job contract.JobDetail) error {
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
		return s.ended(ctx, Waiting{GUID: rec.GUID, Token: rec.TaskToken}, rec)
	}
	return s.finish(ctx, rec)
}

// finish completes the task. A job that the pipeline has given up is stopped
// first; the task does not wait for that to succeed.
func (s *Encode) finish(ctx context.Context, rec contract.Record) error {
	var event contract.JobEvent
	if err := json.Unmarshal(rec.JobEvent, &event); err == nil && event.Detail.Verdict != nil {
		if err := s.Jobs.Cancel(ctx, rec.EncodeJobID); err != nil {
			s.Log.Warn("job not cancelled", "guid", rec.GUID, "job", rec.EncodeJobID, "error", err)
		}
	}
	return completeTask(ctx, s.Tasks, rec)
}

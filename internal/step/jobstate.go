package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// JobState follows the encoder's jobs by their events: progress into the
// record, and the end to the waiting state machine. Events come in any order,
// more than once, and for jobs that are not ours.
type JobState struct {
	Workflow string // the stack's name, in our jobs' userMetadata
	Records  Records
	Tasks    Tasks
	Now      func() time.Time
	Log      *slog.Logger
}

// Handle takes one event.
func (s *JobState) Handle(ctx context.Context, raw json.RawMessage) error {
	var event contract.JobEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		s.Log.Warn("event ignored", "why", "not a job event", "error", err)
		return nil
	}
	job := event.Detail
	guid := job.UserMetadata["guid"]
	log := s.Log.With("guid", guid, "job", job.JobID, "status", job.Status)
	if guid == "" || job.JobID == "" || job.UserMetadata["workflow"] != s.Workflow {
		log.Info("event ignored", "why", "not a job of this stack")
		return nil
	}
	err := s.apply(ctx, guid, job, raw, log)
	if errors.Is(err, contract.ErrUnknownVideo) {
		log.Warn("event ignored", "why", "no record of this video")
		return nil
	}
	return err
}

func (s *JobState) apply(ctx context.Context, guid string, job contract.JobDetail, raw json.RawMessage, log *slog.Logger) error {
	switch {
	case job.Ended():
		return s.end(ctx, guid, job, raw, log)
	case job.Status == contract.JobProgressing, job.Status == contract.JobInputInformation, job.Status == contract.JobStatusUpdate:
		return s.progress(ctx, guid, job, log)
	}
	log.Info("event ignored", "why", "nothing to do for this status")
	return nil
}

// progress notes the first sign of work, and how far the job is when that is
// further than what is known.
func (s *JobState) progress(ctx context.Context, guid string, job contract.JobDetail, log *slog.Logger) error {
	change := contract.Change{
		Once: contract.Record{
			Core:     contract.Core{EncodeJobID: job.JobID},
			Internal: contract.Internal{JobStartedAt: contract.Time(s.Now())},
		},
		If: ofJob(job.JobID),
	}
	if percent := percentage(job); percent > 0 {
		change.Set.Progress = &percent
		change.If = append(change.If, contract.Condition{Field: "progress", Op: contract.AbsentOrLess, Value: percent})
	}
	_, done, err := s.Records.Update(ctx, guid, change)
	if err != nil {
		return fmt.Errorf("note progress of video %s: %w", guid, err)
	}
	if !done {
		log.Info("event ignored", "why", "old news, or not the video's job")
	}
	return nil
}

// percentage is what the event says, from 0 to 100; 0 when it says nothing.
func percentage(job contract.JobDetail) int {
	if job.JobProgress == nil || job.JobProgress.JobPercentComplete == nil {
		return 0
	}
	return min(max(*job.JobProgress.JobPercentComplete, 0), 100)
}

// end stores the job's last event, then completes the task when its token is
// there already. Encode does it the other way round, so whoever comes second
// completes the task. The first last event wins.
func (s *JobState) end(ctx context.Context, guid string, job contract.JobDetail, raw json.RawMessage, log *slog.Logger) error {
	rec, done, err := s.Records.Update(ctx, guid, contract.Change{
		Once: contract.Record{
			Core:     contract.Core{EncodeJobID: job.JobID},
			Internal: contract.Internal{JobEvent: lastEvent(raw, job)},
		},
		If: ofJob(job.JobID),
	})
	if err != nil {
		return fmt.Errorf("store end of job %s of video %s: %w", job.JobID, guid, err)
	}
	if !done {
		log.Info("event ignored", "why", "the video has ended, or has another job")
		return nil
	}
	if rec.TaskToken == "" {
		log.Info("job ended before its task waits")
		return nil
	}
	log.Info("job ended")
	return completeTask(ctx, s.Tasks, rec)
}

// lastEvent is the event as the record keeps it. An event that is too long
// even when trimmed keeps its verdict.
func lastEvent(raw json.RawMessage, job contract.JobDetail) json.RawMessage {
	if event := contract.TrimEvent(raw); event != nil {
		return event
	}
	job.OutputGroupDetails, job.Warnings = nil, nil
	short, err := json.Marshal(contract.JobEvent{Detail: job})
	if err != nil { // a struct of strings and numbers always has a JSON form
		panic(err)
	}
	return short
}

// ofJob holds while the video is being encoded, by this job or by one that
// the record does not know yet.
func ofJob(id string) []contract.Condition {
	return []contract.Condition{contract.InIngest, {Field: "encodeJobId", Op: contract.AbsentOrEquals, Value: id}}
}

// completeTask tells the waiting task how the job in the record ended.
func completeTask(ctx context.Context, tasks Tasks, rec contract.Record) error {
	var event contract.JobEvent
	if err := json.Unmarshal(rec.JobEvent, &event); err != nil {
		return fmt.Errorf("read end of job of video %s: %w", rec.GUID, err)
	}
	if failure := event.Detail.Failure(); failure != nil {
		if err := tasks.Fail(ctx, rec.TaskToken, string(failure.Code), failure.Message); err != nil {
			return fmt.Errorf("fail task of video %s: %w", rec.GUID, err)
		}
		return nil
	}
	if err := tasks.Succeed(ctx, rec.TaskToken, "{}"); err != nil {
		return fmt.Errorf("complete task of video %s: %w", rec.GUID, err)
	}
	return nil
}

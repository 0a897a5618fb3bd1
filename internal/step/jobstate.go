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
)

// JobState follows the encoder's jobs by their events: progress into the table
// of running jobs, and the end to the record and the waiting state machine.
// Events come in any order, more than once, and for jobs that are not ours.
type JobState struct {
	Workflow string // the stack's name, in our jobs' userMetadata
	Records  Records
	Running  RunningJobs
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
	case job.Status == contract.JobStatusUpdate:
		return s.progress(ctx, guid, job, log)
	}
	log.Info("event ignored", "why", "nothing to do for this status")
	return nil
}

// progress remembers how far the job is when that is further than what is
// known, and now and then tells the record, whose writes cost forty times as
// much and share one partition of its index.
func (s *JobState) progress(ctx context.Context, guid string, job contract.JobDetail, log *slog.Logger) error {
	percent := percentage(job)
	if percent == 0 {
		return nil
	}
	running, advanced, err := s.Running.Advance(ctx, guid, percent)
	if err != nil {
		return fmt.Errorf("note progress of video %s: %w", guid, err)
	}
	if !advanced {
		log.Info("event ignored", "why", "progress is known, or the job is not")
		return nil
	}
	if !RecordsProgress(running, s.Now()) {
		return nil
	}
	_, done, err := s.Records.Update(ctx, guid, contract.Change{
		Set: contract.Record{Core: contract.Core{Progress: &percent}},
		If: append(ofJob(job.JobID), contract.Condition{Field: "jobEvent", Op: contract.Absent},
			contract.Condition{Field: "progress", Op: contract.AbsentOrLess, Value: percent}),
		Unread: true,
	})
	if err != nil {
		return fmt.Errorf("record progress of video %s: %w", guid, err)
	}
	if !done {
		log.Info("event ignored", "why", "old news, or not the video's job")
	}
	if err := s.Running.Recorded(ctx, guid, percent, contract.Time(s.Now())); err != nil {
		return fmt.Errorf("note recorded progress of video %s: %w", guid, err)
	}
	return nil
}

// The record is told of progress in steps of so many percent, and not more
// often than once in this time: 10,000 jobs at once then write their records,
// and the index that copies them, fewer than 200 times a second.
const (
	recordedStep     = 25
	recordedInterval = time.Minute
)

// RecordsProgress tells whether a job is so much further than the record
// knows, and the record's last word so old, that it is worth a write.
func RecordsProgress(job contract.RunningJob, now time.Time) bool {
	if job.Progress < job.RecordedProgress+recordedStep {
		return false
	}
	last, err := time.Parse(time.RFC3339, cmp.Or(job.RecordedAt, job.SubmittingSince))
	return err != nil || now.Sub(last) >= recordedInterval
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
// completes the task. The first last event wins; this one is usually the first,
// so nothing is read back.
func (s *JobState) end(ctx context.Context, guid string, job contract.JobDetail, raw json.RawMessage, log *slog.Logger) error {
	standing, done, err := s.Records.Update(ctx, guid, contract.Change{
		Once:   contract.Record{Core: contract.Core{EncodeJobID: job.JobID}},
		Set:    contract.Record{Internal: contract.Internal{JobEvent: lastEvent(raw, job)}},
		If:     append(ofJob(job.JobID), contract.Condition{Field: "jobEvent", Op: contract.Absent}),
		Unread: true,
	})
	if err != nil {
		return fmt.Errorf("store end of job %s of video %s: %w", job.JobID, guid, err)
	}
	if !done {
		first, known := firstEnd(standing, job.JobID)
		if !known {
			log.Info("event ignored", "why", "the video has ended, or has another job")
			return nil
		}
		job = first
	}
	running, err := s.Running.Get(ctx, guid)
	if err != nil {
		return fmt.Errorf("read token of video %s: %w", guid, err)
	}
	if running.TaskToken == "" {
		log.Info("job ended before its task waits")
		return nil
	}
	log.Info("job ended")
	return completeTask(ctx, s.Tasks, guid, job, running.TaskToken)
}

// firstEnd is how the job of a record ended that a last event has told of
// before; known is false where the record awaits no such news.
func firstEnd(standing contract.Record, id string) (job contract.JobDetail, known bool) {
	if standing.WorkflowStatus != contract.StatusIngest || standing.JobEvent == nil || standing.EncodeJobID != id {
		return job, false
	}
	var event contract.JobEvent
	err := json.Unmarshal(standing.JobEvent, &event)
	return event.Detail, err == nil
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

// completeTask tells the waiting task how its job ended.
func completeTask(ctx context.Context, tasks Tasks, guid string, job contract.JobDetail, token string) error {
	if failure := job.Failure(); failure != nil {
		if err := tasks.Fail(ctx, token, string(failure.Code), failure.Message); err != nil {
			return fmt.Errorf("fail task of video %s: %w", guid, err)
		}
		return nil
	}
	if err := tasks.Succeed(ctx, token, "{}"); err != nil {
		return fmt.Errorf("complete task of video %s: %w", guid, err)
	}
	return nil
}

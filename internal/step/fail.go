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

// Fail ends a video in Error: one code and one sentence, the same in the
// record, on the topic and on the queue; a job that the video has given up is
// cancelled. It is called by the state machine, and as a safety net by the
// event of an execution that ended badly.
type Fail struct {
	Records   Records
	Running   RunningJobs
	Jobs      Jobs
	Source    Heads
	Announcer *Announcer
	Workflow  string // the stack's name
	Now       func() time.Time
	Log       *slog.Logger
}

// Heads looks the current version of an object in the source bucket up.
type Heads interface {
	Head(ctx context.Context, key string) (contract.Object, error)
}

// Handle takes the input of the state Fail, of the state Failed, or the event.
// A video that has ended before stays as it is; only messages that are missing
// are sent.
func (s *Fail) Handle(ctx context.Context, raw json.RawMessage) (contract.Failed, error) {
	ending, err := readEnding(raw)
	if err != nil {
		s.Log.Error("failure ignored", "error", err, "input", string(raw[:min(len(raw), 2000)]))
		return contract.Failed{ErrorCode: contract.CodeInternal, ErrorMessage: err.Error()}, nil
	}
	if announced := ending.input.Failure; announced != nil {
		return s.endExecution(ctx, ending, *announced)
	}
	ending.failure = s.closer(ctx, ending)
	rec, err := s.end(ctx, ending)
	if err != nil {
		return contract.Failed{}, err
	}
	failed := contract.Failed{ErrorCode: rec.ErrorCode, ErrorMessage: rec.ErrorMessage}
	if rec.WorkflowStatus == contract.StatusIngest { // redriven after this event was sent
		s.Log.Info("failure ignored", "guid", rec.GUID, "why", "the execution has been redriven")
		return failed, nil
	}
	s.Log.Warn("video ended", "guid", rec.GUID, "status", rec.WorkflowStatus, "code", rec.ErrorCode, "message", rec.ErrorMessage, "at", rec.WorkflowErrorAt)
	if err := s.Announcer.Final(ctx, rec); err != nil {
		return contract.Failed{}, err
	}
	if rec.WorkflowStatus != contract.StatusError { // announced as Complete after all
		return contract.Failed{ErrorCode: ending.failure.Code, ErrorMessage: ending.failure.Message}, nil
	}
	if err := s.cancelJob(ctx, rec); err != nil {
		if !errors.Is(err, contract.ErrDenied) {
			return contract.Failed{}, err
		}
		logBlocked(s.Log, "job not cancelled", err, "guid", rec.GUID)
	}
	return failed, nil
}

// end writes the failure into the record, or makes a record of it when the
// video came to none.
func (s *Fail) end(ctx context.Context, e ending) (contract.Record, error) {
	failed := contract.Core{
		EndTime: contract.Time(s.Now()), WorkflowStatus: contract.StatusError,
		WorkflowErrorAt: e.stage, ErrorCode: e.failure.Code, ErrorMessage: e.failure.Message,
		ErrorDetails: consoleLink(e.execution),
	}
	change := contract.Change{
		Set: contract.Record{Core: failed},
		// A redrive may have reopened the video since.
		If: []contract.Condition{contract.InIngest, {Field: "redrives", Op: contract.AbsentOrLess, Value: e.redriveCount + 1}},
	}
	rec, _, err := s.Records.Update(ctx, e.input.GUID, change)
	if !errors.Is(err, contract.ErrUnknownVideo) {
		return rec, err
	}
	existing, err := s.Records.Create(ctx, s.record(e, failed))
	if err != nil {
		return rec, fmt.Errorf("make record of video %s: %w", e.input.GUID, err)
	}
	if existing == nil {
		return s.record(e, failed), nil
	}
	rec, _, err = s.Records.Update(ctx, e.input.GUID, change)
	return rec, err
}

// record is what the execution's input tells of a video that has no record.
func (s *Fail) record(e ending, failed contract.Core) contract.Record {
	failed.GUID = e.input.GUID
	failed.StartTime = failed.EndTime
	failed.WorkflowTrigger = e.input.Trigger
	failed.WorkflowName = s.Workflow
	failed.SrcBucket = e.input.SrcBucket
	failed.SrcVideo = e.input.Key()
	failed.SrcMetadataFile = e.input.SrcMetadataFile
	failed.SrcEventTime, failed.SrcSequencer = e.input.SourceTime(), e.input.Sequencer
	return contract.Record{Core: failed}
}

// cancelJob stops the job that a failed video may have left running: no task
// waits for it any more, and it is paid for.
func (s *Fail) cancelJob(ctx context.Context, rec contract.Record) error {
	if jobEnded(rec) || rec.EncodingJob == nil {
		return nil
	}
	id := rec.EncodeJobID
	if id == "" {
		var err error
		if id, err = s.jobInDoubt(ctx, rec); err != nil || id == "" {
			return err
		}
	}
	if err := s.Jobs.Cancel(ctx, id); err != nil && !errors.Is(err, contract.ErrNotFound) {
		return fmt.Errorf("cancel job %s of video %s: %w", id, rec.GUID, err)
	}
	s.Log.Info("job cancelled", "guid", rec.GUID, "job", id)
	return nil
}

// jobEnded tells whether the service itself has said that the job ended; a
// verdict of the pipeline's own is about one that goes on.
func jobEnded(rec contract.Record) bool {
	var event contract.JobEvent
	return rec.JobEvent != nil && json.Unmarshal(rec.JobEvent, &event) == nil && event.Detail.Verdict == nil
}

// jobInDoubt is the job of a CreateJob call whose answer was lost, empty when
// there is none.
func (s *Fail) jobInDoubt(ctx context.Context, rec contract.Record) (string, error) {
	running, err := s.Running.Get(ctx, rec.GUID)
	if err != nil {
		return "", fmt.Errorf("read running job of video %s: %w", rec.GUID, err)
	}
	if running.SubmittingSince == "" {
		return "", nil
	}
	job, err := jobOf(rec)
	if err != nil {
		return "", err
	}
	began, err := time.Parse(time.RFC3339, running.SubmittingSince)
	if err != nil {
		return "", fmt.Errorf("read submission of video %s: %w", rec.GUID, err)
	}
	id, err := s.Jobs.Find(ctx, job, began)
	if errors.Is(err, contract.ErrNotFound) && s.Now().Sub(began) < searchDelay {
		return "", fmt.Errorf("look for job of video %s: %w", rec.GUID, contract.ErrInDoubt)
	}
	if err != nil && !errors.Is(err, contract.ErrNotFound) {
		return "", fmt.Errorf("look for job of video %s: %w", rec.GUID, err)
	}
	return id, nil
}

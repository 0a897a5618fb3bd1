package step

import (
	"context"
	"fmt"

	"github.com/vodstack/vodstack/internal/contract"
)

// endExecution is the state Failed: its error is how the execution ends. A
// redrive of the execution comes here again, with a count of its own, and
// begins the video anew: what made it fail has been mended.
func (s *Fail) endExecution(ctx context.Context, e ending, announced contract.Failed) (contract.Failed, error) {
	failure := &contract.Failure{Code: announced.ErrorCode, Message: announced.ErrorMessage}
	if e.redriveCount == 0 {
		return contract.Failed{}, failure
	}
	reopened, err := s.reopen(ctx, e)
	if err != nil {
		return contract.Failed{}, fmt.Errorf("reopen video %s: %w", e.input.GUID, err)
	}
	if !reopened {
		return contract.Failed{}, failure
	}
	// Outputs of the run before may just be removed; those of the next go to the
	// same place.
	if err := s.Wait(ctx, contract.RedriveDelay); err != nil {
		return contract.Failed{}, fmt.Errorf("wait for the removal of outputs of video %s: %w", e.input.GUID, err)
	}
	s.Log.Info("video reopened", "guid", e.input.GUID, "redrives", e.redriveCount)
	input := e.input
	input.PlanError, input.EncodeError, input.PublishError, input.Failure = nil, nil, nil, nil
	return contract.Failed{Input: &input}, nil
}

// reopened has the fields of a record that its next run writes again.
var reopened = []string{
	"endTime", "workflowErrorAt", "errorCode", "errorMessage", "errorDetails", "snsSentAt", "sqsSentAt",
	"encodingJob", "encodeJobId", "jobSubmittedAt", "jobEvent", "progress",
}

// reopen takes a record from Error back to Ingest, once for each redrive. It
// is the one way back that a status has, and an operator's alone.
func (s *Fail) reopen(ctx context.Context, e ending) (bool, error) {
	redrives := contract.Condition{Field: "redrives", Op: contract.AbsentOrLess, Value: e.redriveCount}
	rec, err := s.Records.Get(ctx, e.input.GUID)
	if err != nil {
		return false, err
	}
	if rec.Redrives < e.redriveCount { // else the answer of an earlier try was lost, and the next run is on
		if err := s.Running.Delete(ctx, e.input.GUID); err != nil {
			return false, err
		}
	}
	rec, done, err := s.Records.Update(ctx, e.input.GUID, contract.Change{
		Set:    contract.Record{Core: contract.Core{WorkflowStatus: contract.StatusIngest}, Internal: contract.Internal{Redrives: e.redriveCount}},
		Remove: reopened,
		If:     []contract.Condition{{Field: "workflowStatus", Op: contract.Equals, Value: string(contract.StatusError)}, redrives},
	})
	if err != nil {
		return false, err
	}
	return done || rec.Redrives == e.redriveCount && !rec.Ended(), nil
}

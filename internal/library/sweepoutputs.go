package library

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// lastLook is how long after the outputs of a failed video were removed sweep
// looks once more: a job that was cancelled while it wrote may have written
// since. It is as long as a queue delays a message.
const lastLook = 15 * time.Minute

// SweepWork is the work queue, as Sweep puts off what it cannot do yet.
type SweepWork interface {
	// SendLater sends a message that is delivered after a while, of a quarter
	// of an hour at most.
	SendLater(ctx context.Context, body string, after time.Duration) error
}

// removeOutputs removes what the job of a failed video has written, once that
// has ended. It may be asked more than once, and late: a video that has been
// redriven since, or deleted, keeps what is there.
func (s *Sweep) removeOutputs(ctx context.Context, removal contract.OutputRemoval) error {
	log := s.Log.With("guid", removal.GUID, "job", removal.Job)
	if uuid.Validate(removal.GUID) != nil || removal.Job == "" {
		return fmt.Errorf("removal %s names no job of a video", clip(removal.Body(), 200)) // ends in the queue of lost work
	}
	if failed, err := s.stillFailed(ctx, removal); err != nil || !failed {
		log.Info("outputs kept: the video is not in this error any more")
		return err
	}
	stopped, err := s.stopped(ctx, removal.Job)
	if err != nil {
		return err
	}
	if !stopped {
		log.Info("outputs kept until their job has ended")
		return s.Work.SendLater(ctx, removal.Body(), contract.RemovalDelay)
	}
	deleted, done, err := s.clearFailed(ctx, removal)
	if err != nil {
		return err
	}
	log.Info("outputs of a failed video removed", "objects", deleted, "done", done)
	switch {
	case !done:
		return s.Work.SendLater(ctx, removal.Body(), 0)
	case removal.Last && deleted == 0:
		return nil
	}
	removal.Last = true
	return s.Work.SendLater(ctx, removal.Body(), lastLook)
}

// stillFailed tells whether a video is in the error of the run that the
// removal is of.
func (s *Sweep) stillFailed(ctx context.Context, removal contract.OutputRemoval) (bool, error) {
	rec, err := s.Records.Summary(ctx, removal.GUID)
	if errors.Is(err, contract.ErrUnknownVideo) { // deleted, with its outputs
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read record of video %s: %w", removal.GUID, err)
	}
	return rec.WorkflowStatus == contract.StatusError && rec.Redrives == removal.Redrives, nil
}

// stopped tells whether a job can write no more, and cancels it where it can.
func (s *Sweep) stopped(ctx context.Context, id string) (bool, error) {
	job, err := s.Jobs.Look(ctx, id)
	if errors.Is(err, contract.ErrNotFound) || err == nil && job.Ended() {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look after job %s: %w", id, err)
	}
	if err := s.Jobs.Cancel(ctx, id); err != nil && !errors.Is(err, contract.ErrNotFound) {
		return false, fmt.Errorf("cancel job %s: %w", id, err)
	}
	return false, nil
}

// clearFailed deletes outputs as long as there is time; done is false when
// there is no time for all of them. Before each call it looks whether the video
// is still in Error: a redrive changes that, then waits until a call that has
// begun before must have ended.
func (s *Sweep) clearFailed(ctx context.Context, removal contract.OutputRemoval) (deleted int, done bool, err error) {
	for inTime(ctx) {
		n, err := s.clearStep(ctx, removal)
		if err != nil || n == 0 {
			return deleted, err == nil, err
		}
		deleted += n
	}
	return deleted, false, nil
}

func (s *Sweep) clearStep(ctx context.Context, removal contract.OutputRemoval) (deleted int, err error) {
	ctx, cancel := context.WithTimeout(ctx, contract.RemovalStep)
	defer cancel()
	if failed, err := s.stillFailed(ctx, removal); err != nil || !failed {
		return 0, err
	}
	deleted, err = s.Destination.Clear(ctx, removal.GUID+"/")
	if err != nil {
		return deleted, fmt.Errorf("delete outputs of video %s: %w", removal.GUID, err)
	}
	return deleted, nil
}

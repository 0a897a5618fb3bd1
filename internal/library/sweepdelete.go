package library

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

const (
	// whileRunning is when a deletion looks again whether an encode has
	// ended.
	whileRunning = 20 * time.Second
	// untilEvent is how long after an encode has failed the event of its
	// execution may come. Fail looks for the record then, and would announce
	// the failure once more if it found none.
	untilEvent = 30 * time.Second
	// tombstoneLife is how long a deleted video is remembered: longer than
	// anything about it can be on its way.
	tombstoneLife = 30 * 24 * time.Hour
	// clearAtOnce is how many messages of a history are removed at a time.
	clearAtOnce = 100
)

// delete deletes all that a video has left behind. Encodes that still run are
// stopped, and waited for in a later try.
func (s *Sweep) delete(ctx context.Context, row contract.VideoRow) error {
	row, err := s.deleteSource(ctx, row)
	if err != nil {
		return err
	}
	ended := true
	for _, guid := range row.GUIDs {
		done, err := s.deleteEncode(ctx, guid)
		if err != nil {
			return fmt.Errorf("delete encode %s of video %s: %w", guid, row.ID, err)
		}
		ended = ended && done
	}
	if !ended {
		s.Log.Info("deletion waits", "video", row.ID)
		return s.postpone(ctx, row.ID, whileRunning)
	}
	if err := s.clearHistory(ctx, row.ID); err != nil {
		return err
	}
	return s.bury(ctx, row)
}

// deleteSource removes the upload, all its versions and what is left of
// unfinished ones. Which encodes they have started is noted in the row
// before: nobody could tell later.
func (s *Sweep) deleteSource(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	prefix := contract.SourcePrefix(row.ID)
	if err := s.Source.AbortUploads(ctx, prefix); err != nil {
		return row, fmt.Errorf("abort uploads of video %s: %w", row.ID, err)
	}
	row, err := s.remember(ctx, row, row.VodGUID)
	for err == nil {
		var versions, markers []contract.Object
		versions, markers, err = s.Source.Versions(ctx, prefix)
		if err != nil || len(versions)+len(markers) == 0 {
			break
		}
		if row, err = s.remember(ctx, row, s.guidsOf(versions)...); err != nil {
			break
		}
		err = s.Source.Remove(ctx, slices.Concat(versions, markers))
	}
	if err != nil {
		return row, fmt.Errorf("delete source of video %s: %w", row.ID, err)
	}
	return row, nil
}

// guidsOf are the guids that the arrival of versions has given. Where a
// bucket keeps no versions, events name none, and lists call them null.
func (s *Sweep) guidsOf(versions []contract.Object) (guids []string) {
	for _, v := range versions {
		guids = append(guids, contract.GUID(s.SourceBucket, v.Key, v.VersionID))
		if v.VersionID == "null" {
			guids = append(guids, contract.GUID(s.SourceBucket, v.Key, ""))
		}
	}
	return guids
}

// remember writes guids into the row that it does not have yet.
func (s *Sweep) remember(ctx context.Context, row contract.VideoRow, guids ...string) (contract.VideoRow, error) {
	guids = slices.DeleteFunc(guids, func(guid string) bool { return guid == "" || slices.Contains(row.GUIDs, guid) })
	if len(guids) == 0 {
		return row, nil
	}
	return changeFrom(ctx, s.Rows, row, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		known := len(row.GUIDs)
		row = Remember(row, guids...)
		return row, len(row.GUIDs) > known, nil
	})
}

// deleteEncode deletes what one encode has written, once it has ended. The
// record goes last: while it is there, the rest can be done again.
func (s *Sweep) deleteEncode(ctx context.Context, guid string) (done bool, err error) {
	rec, err := s.Records.Summary(ctx, guid)
	if err != nil && !errors.Is(err, contract.ErrUnknownVideo) {
		return false, fmt.Errorf("read its record: %w", err)
	}
	ended, err := s.ended(ctx, guid, rec)
	if err != nil || !ended {
		return false, err
	}
	deleted, done, err := s.clearOutputs(ctx, guid)
	if err != nil || !done {
		return false, err
	}
	if deleted || rec.EncodeJobID != "" { // an earlier try may have deleted what a job has written
		if err := s.CDN.Invalidate(ctx, guid, []string{"/" + guid + "/*"}); err != nil {
			return false, fmt.Errorf("invalidate its outputs: %w", err)
		}
	}
	if s.justFailed(rec) {
		return false, nil
	}
	if err := s.Running.Delete(ctx, guid); err != nil {
		return false, fmt.Errorf("forget its job: %w", err)
	}
	if err := s.Records.Delete(ctx, guid); err != nil {
		return false, fmt.Errorf("delete its record: %w", err)
	}
	return true, nil
}

func (s *Sweep) justFailed(rec contract.Record) bool {
	end, err := time.Parse(time.RFC3339, rec.EndTime)
	return err == nil && rec.WorkflowStatus == contract.StatusError && s.Now().Sub(end) < untilEvent
}

// ended tells whether neither execution nor job can write any more, and stops
// a job that still does.
func (s *Sweep) ended(ctx context.Context, guid string, rec contract.Record) (bool, error) {
	running, err := s.Executions.Running(ctx, guid)
	if err != nil {
		return false, fmt.Errorf("look after its execution: %w", err)
	}
	if rec.EncodeJobID == "" || rec.WorkflowStatus == contract.StatusComplete {
		return !running, nil
	}
	job, err := s.Jobs.Look(ctx, rec.EncodeJobID)
	if errors.Is(err, contract.ErrNotFound) {
		return !running, nil
	}
	if err != nil {
		return false, fmt.Errorf("look after its job: %w", err)
	}
	if job.Ended() {
		return !running, nil
	}
	s.Log.Info("job of a deleted video cancelled", "guid", guid, "job", rec.EncodeJobID)
	if err := s.Jobs.Cancel(ctx, rec.EncodeJobID); err != nil && !errors.Is(err, contract.ErrNotFound) {
		return false, fmt.Errorf("cancel its job: %w", err)
	}
	return false, nil
}

// clearOutputs deletes the outputs; done is false when there is no time for
// all of them.
func (s *Sweep) clearOutputs(ctx context.Context, guid string) (deleted, done bool, err error) {
	for inTime(ctx) {
		n, err := s.Destination.Clear(ctx, guid+"/")
		if err != nil {
			return deleted, false, fmt.Errorf("delete its outputs: %w", err)
		}
		if n == 0 {
			return deleted, true, nil
		}
		deleted = true
	}
	return deleted, false, nil
}

func (s *Sweep) clearHistory(ctx context.Context, id string) error {
	for more := true; more; {
		var err error
		if more, err = s.History.Clear(ctx, id, clearAtOnce); err != nil {
			return fmt.Errorf("delete history of video %s: %w", id, err)
		}
	}
	return nil
}

// bury leaves a tombstone of the row, unless more has been heard of the video
// meanwhile: then the deletion goes on.
func (s *Sweep) bury(ctx context.Context, row contract.VideoRow) error {
	swept := row.GUIDs
	_, err := Change(ctx, s.Rows, row.ID, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		if row.PendingWork != contract.WorkDeletion || !slices.Equal(row.GUIDs, swept) {
			return row, false, nil
		}
		s.Log.Info("video deleted", "video", row.ID)
		return contract.VideoRow{ID: row.ID, RowInternal: contract.RowInternal{
			Version: row.Version, DeletedAt: row.DeletedAt, GUIDs: row.GUIDs,
			ExpireAt: s.Now().Add(tombstoneLife).Unix(),
		}}, true, nil
	})
	return err
}

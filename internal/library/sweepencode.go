package library

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// afterUpload is how long an upload that has arrived may take to be heard of.
const afterUpload = 5 * time.Minute

// Execution is the input of an execution that encodes an object of the source
// bucket as it was at a moment.
func Execution(guid, bucket string, object contract.Object, at string) (string, error) {
	input, err := json.Marshal(contract.Execution{
		GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: bucket, SrcVideo: object.Key,
		VersionID: object.VersionID, Size: object.Size, ETag: object.ETag, EventTime: at,
	})
	if err != nil {
		return "", fmt.Errorf("write input of video %s: %w", guid, err)
	}
	return string(input), nil
}

// upload looks whether an upload has come. One that has, but was never heard
// of, is started: under the name that its event would give it, so that it is
// not encoded twice. One that has not is marked.
func (s *Sweep) upload(ctx context.Context, row contract.VideoRow) error {
	object, err := s.Source.Head(ctx, row.S3Key)
	if errors.Is(err, contract.ErrNotFound) {
		return s.end(ctx, row, contract.CodeUploadExpired)
	}
	if err != nil {
		return fmt.Errorf("look for upload of video %s: %w", row.ID, err)
	}
	guid := contract.GUID(s.SourceBucket, object.Key, object.VersionID)
	if err := s.start(ctx, guid, object, contract.Time(s.Now())); err != nil {
		return err
	}
	_, err = Change(ctx, s.Rows, row.ID, func(now contract.VideoRow) (contract.VideoRow, bool, error) {
		same := sameWork(now, row)
		now.DueAt = contract.Time(s.Now().Add(afterUpload))
		return now, same, nil
	})
	return err
}

// encode starts the encode that the API has promised; it may have done so
// itself.
func (s *Sweep) encode(ctx context.Context, row contract.VideoRow) error {
	object, err := s.Source.Head(ctx, row.S3Key)
	if errors.Is(err, contract.ErrNotFound) {
		return s.end(ctx, row, contract.CodeSourceGone)
	}
	if err != nil {
		return fmt.Errorf("look for source of video %s: %w", row.ID, err)
	}
	if err := s.start(ctx, row.VodGUID, object, cmp.Or(row.VodEventTime, row.VodStartedAt)); err != nil {
		return err
	}
	_, err = Change(ctx, s.Rows, row.ID, func(now contract.VideoRow) (contract.VideoRow, bool, error) {
		same := sameWork(now, row)
		now.PendingWork, now.DueAt = "", ""
		return now, same, nil
	})
	return err
}

func (s *Sweep) start(ctx context.Context, guid string, object contract.Object, at string) error {
	input, err := Execution(guid, s.SourceBucket, object, at)
	if err != nil {
		return err
	}
	if err := s.Executions.Start(ctx, guid, input); err != nil {
		return fmt.Errorf("start video %s: %w", guid, err)
	}
	s.Log.Info("video started", "guid", guid, "key", object.Key)
	return nil
}

// end marks a row whose work cannot be done.
func (s *Sweep) end(ctx context.Context, row contract.VideoRow, code contract.Code) error {
	info, _ := contract.Explain(code)
	ended, err := Change(ctx, s.Rows, row.ID, func(now contract.VideoRow) (contract.VideoRow, bool, error) {
		same := sameWork(now, row)
		now.PendingWork, now.DueAt = "", ""
		now.EncodingStatus, now.Progress = contract.StatusError, nil
		now.ErrorCode, now.ErrorMessage = code, info.Meaning
		return now, same, nil
	})
	if err == nil {
		s.Log.Info("work ended", "video", row.ID, "row", ended.EncodingStatus, "code", ended.ErrorCode)
	}
	return err
}

// sameWork tells whether a row still waits for what it waited for: the client
// may have asked for fresh URLs, a message may have come.
func sameWork(now, then contract.VideoRow) bool {
	return now.PendingWork == then.PendingWork && now.DueAt == then.DueAt && now.VodGUID == then.VodGUID
}

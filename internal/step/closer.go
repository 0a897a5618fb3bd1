package step

import (
	"context"
	"errors"

	"github.com/vodstack/vodstack/internal/contract"
)

// ofTheSource are failures that a source which was replaced or deleted while
// it was read brings about: the encoder then stumbles over other bytes.
var ofTheSource = map[contract.Code]bool{
	contract.CodeSourceUnreadable:  true,
	contract.CodeSourceUnencodable: true,
	contract.CodeSourceGone:        true,
	contract.CodeJobFailed:         true,
}

// closer is the failure that is closest to the truth: when the source is no
// longer the version that the guid stands for, that is what went wrong.
// Whatever keeps it from looking, the failure stays as it is.
func (s *Fail) closer(ctx context.Context, e ending) *contract.Failure {
	if !ofTheSource[e.failure.Code] {
		return e.failure
	}
	rec, err := s.Records.Get(ctx, e.input.GUID)
	if err != nil || rec.SrcVideo == "" {
		return e.failure
	}
	version, etag := rec.SrcVersionID, rec.SrcETag
	if version == "" && e.input.Trigger == contract.TriggerVideo {
		version, etag = e.input.VersionID, e.input.ETag
	}
	now, err := s.Source.Head(ctx, rec.SrcVideo)
	if err := checkVersion(now, err, rec.SrcVideo, version, etag); err != nil {
		var closer *contract.Failure
		if errors.As(err, &closer) {
			return closer
		}
		s.Log.Warn("source not looked up", "guid", rec.GUID, "error", err)
	}
	return e.failure
}

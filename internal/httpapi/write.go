package httpapi

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

func (a *API) patch(ctx context.Context, in *patchIn) (*videoOut, error) {
	if err := checkMetadata(in.Body.Metadata.Value); err != nil {
		return nil, err
	}
	row, err := a.alter(ctx, in.ID, func(row *contract.VideoRow) (bool, error) {
		if !matches(in.IfMatch, *row) {
			return false, contract.Problemf(contract.CodeVersionMismatch,
				"the video is %s now; read it again and send that as If-Match", etagOf(*row)).In("If-Match")
		}
		before := *row
		if in.Body.Title.Sent {
			row.Title = in.Body.Title.Value
		}
		if in.Body.Metadata.Sent {
			row.Metadata = string(in.Body.Metadata.Value)
		}
		return row.Title != before.Title || row.Metadata != before.Metadata, nil
	})
	if err != nil {
		return nil, err
	}
	return &videoOut{ETag: etagOf(row), Body: VideoAnswer{Video: videoOf(row)}}, nil
}

// etagPattern is a tag of etagOf or progressETag, with the version in it.
var etagPattern = regexp.MustCompile(`^"(v[0-9]+)(?:-[0-9]+)?"$`)

// matches tells whether an If-Match header, where there is one, names this
// version of the row. Progress is not compared: a change cannot conflict with
// it. A weak tag never matches (RFC 9110, 13.1.1).
func matches(header string, row contract.VideoRow) bool {
	if strings.TrimSpace(header) == "" {
		return true
	}
	for _, tag := range strings.Split(header, ",") {
		tag = strings.TrimSpace(tag)
		if m := etagPattern.FindStringSubmatch(tag); tag == "*" || m != nil && m[1] == versionOf(row) {
			return true
		}
	}
	return false
}

// delete makes the video unknown to everyone. The rest is sweep's, which is
// told at once, and finds the row by itself where that fails.
func (a *API) delete(ctx context.Context, in *VideoID) (*empty, error) {
	seen := false
	_, err := a.alter(ctx, in.ID, func(row *contract.VideoRow) (bool, error) {
		seen = true
		now := contract.Time(a.Now())
		row.DeletedAt, row.DueAt, row.PendingWork, row.OwnerID = now, now, contract.WorkDeletion, ""
		return true, nil
	})
	var problem *contract.Problem
	deleted := errors.As(err, &problem) && problem.Code == contract.CodeVideoUnknown
	if err != nil && !(deleted && seen) { // somebody else deleted it while we did
		return nil, err
	}
	if err := a.Work.Send(ctx, library.WorkBody(in.ID)); err != nil {
		a.Log.WarnContext(ctx, "deletion not announced", "id", in.ID, "error", err.Error())
	}
	return &empty{}, nil
}

// encode promises an encode in the row, then starts it. Where that fails or
// dies, sweep starts it: under its guid there is only one.
func (a *API) encode(ctx context.Context, in *encodeIn) (*videoOut, error) {
	var options Options
	if in.Body != nil {
		options = in.Body.Options
	}
	if err := a.checkOptions(options); err != nil {
		return nil, err
	}
	request := requestOf(encodeVideo, in.IdempotencyKey, Encode{Options: options})
	var source contract.Source
	var promised bool
	row, err := a.alter(ctx, in.ID, func(row *contract.VideoRow) (bool, error) {
		done, err := carriedOut(*row, request)
		if promised = !done && err == nil; !promised {
			return false, err
		}
		if options == "" && row.Options != "" { // those of before; the deployment may have become stricter
			if err := a.checkAllowed(Options(row.Options)); err != nil {
				return false, err
			}
		}
		if source, err = a.encodable(ctx, *row); err != nil {
			return false, err
		}
		if err := a.roomForEncode(ctx); err != nil {
			return false, err
		}
		a.promise(row, options)
		*row = withRequest(*row, request, row.VodGUID)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if promised {
		row = a.start(ctx, row, source)
	}
	return &videoOut{ETag: etagOf(row), Body: VideoAnswer{Video: videoOf(row)}}, nil
}

// mostEncodes is how often a video is encoded again: deleting it visits each
// of its encodes.
const mostEncodes = 100

// encodable is the file to encode again, or why there can be none now.
func (a *API) encodable(ctx context.Context, row contract.VideoRow) (contract.Source, error) {
	if row.EncodingStatus == contract.StatusIngest {
		return contract.Source{}, busy()
	}
	if row.Encodes >= mostEncodes {
		return contract.Source{}, contract.Problemf(contract.CodeEncodeLimit, "the video was encoded %d times, which is all there can be; create it anew", row.Encodes)
	}
	source, err := a.Sources.Source(ctx, row.S3Key)
	switch {
	case errors.Is(err, contract.ErrNotFound) && !arrived(row):
		return source, contract.Problemf(contract.CodeUploadMissing, "the file has not arrived; GET /videos/{id}/upload says how to upload it")
	case errors.Is(err, contract.ErrNotFound):
		return source, contract.Problemf(contract.CodeSourceGone, "the uploaded file is no longer in the source bucket; create the video again")
	case err != nil:
		return source, fmt.Errorf("look for %s: %w", row.S3Key, err)
	case row.EncodingStatus == contract.StatusNew:
		return source, busy()
	case source.Archived:
		return source, contract.Problemf(contract.CodeSourceArchived, "the uploaded file is archived; ask the operator to restore it, then try again")
	}
	return source, nil
}

func busy() *contract.Problem {
	return contract.Problemf(contract.CodeVideoBusy, "the video is being encoded; wait for Complete or Error")
}

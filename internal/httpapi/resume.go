package httpapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/vodstack/vodstack/internal/contract"
)

func (a *API) getUpload(ctx context.Context, in *uploadIn) (*uploadOut, error) {
	row, err := a.own(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if arrived(row) {
		return nil, uploadComplete()
	}
	if row.PartSize > 0 && in.Part > partCount(row) {
		return nil, contract.Problemf(contract.CodeRequestInvalid, "part is %d; the last one is %d", in.Part, partCount(row)).In("part")
	}
	if row.PartSize == 0 { // a multipart upload shows by itself that it is over
		if err := a.stillMissing(ctx, row); err != nil {
			return nil, err
		}
	}
	_, upload, err := a.offer(ctx, row, in.Part, in.Limit)
	if err != nil {
		return nil, err
	}
	return &uploadOut{Body: UploadAnswer{Upload: upload}}, nil
}

// stillMissing is nil while no file has arrived.
func (a *API) stillMissing(ctx context.Context, row contract.VideoRow) error {
	_, err := a.Sources.Source(ctx, row.S3Key)
	switch {
	case err == nil:
		return uploadComplete()
	case errors.Is(err, contract.ErrNotFound):
		return nil
	}
	return fmt.Errorf("look for %s: %w", row.S3Key, err)
}

// abort drops what has arrived of the upload, then says so in the row: dying
// in between, a repeated request does the rest.
func (a *API) abort(ctx context.Context, in *VideoID) (*empty, error) {
	_, err := a.alter(ctx, in.ID, func(row *contract.VideoRow) (bool, error) {
		if arrived(*row) {
			return false, uploadComplete()
		}
		if row.UploadID != "" {
			if err := a.Multipart.Abort(ctx, row.S3Key, row.UploadID); err != nil {
				return false, fmt.Errorf("abort upload of %s: %w", row.S3Key, err)
			}
		}
		if err := a.stillMissing(ctx, *row); err != nil {
			return false, err
		}
		if row.ErrorCode == contract.CodeUploadAborted && row.UploadID == "" {
			return false, nil
		}
		info, _ := contract.Explain(contract.CodeUploadAborted)
		row.EncodingStatus, row.ErrorCode, row.ErrorMessage = contract.StatusError, info.Code, info.Meaning
		row.UploadID, row.PendingWork, row.DueAt = "", "", ""
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return &empty{}, nil
}

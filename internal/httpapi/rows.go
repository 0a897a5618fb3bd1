package httpapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

// tries is how often the row of an upload is written while others write it
// too, and pause the longest wait in between.
const (
	tries = 10
	pause = 40 * time.Millisecond
)

// own reads a video of the caller's. One that is somebody else's, or deleted,
// is as unknown as one that is not there, by the same single read.
func (a *API) own(ctx context.Context, id string) (contract.VideoRow, error) {
	row, err := a.Rows.Get(ctx, id)
	if err != nil {
		return row, fmt.Errorf("read video %s: %w", id, err)
	}
	if err := owned(ctx, row); err != nil {
		return contract.VideoRow{}, err
	}
	return row, nil
}

func owned(ctx context.Context, row contract.VideoRow) error {
	if row.OwnerID == "" || row.OwnerID != callerOf(ctx).Owner || row.DeletedAt != "" {
		return unknownVideo()
	}
	return nil
}

// alter changes a video of the caller's, again and again while others do.
// A change that returns false has nothing to write.
func (a *API) alter(ctx context.Context, id string, change func(*contract.VideoRow) (bool, error)) (contract.VideoRow, error) {
	return library.Change(ctx, a.Rows, id, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		if err := owned(ctx, row); err != nil {
			return row, false, err
		}
		changed, err := change(&row)
		return row, changed, err
	})
}

// wait waits a moment of random length, so that two who keep getting in each
// other's way drift apart.
func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(pause)):
		return nil
	}
}

// arrived tells whether the pipeline has heard of the file.
func arrived(row contract.VideoRow) bool {
	return row.VodGUID != "" || row.EncodingStatus == contract.StatusIngest || row.EncodingStatus == contract.StatusComplete
}

// awaitUpload makes a row expect its upload until a moment.
func awaitUpload(row *contract.VideoRow, until time.Time) {
	row.EncodingStatus = contract.StatusNew
	row.ErrorCode, row.ErrorMessage = "", ""
	row.URLsExpireAt = contract.Time(until)
	row.PendingWork, row.DueAt = contract.WorkUpload, row.URLsExpireAt
}

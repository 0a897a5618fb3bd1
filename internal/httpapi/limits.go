package httpapi

import (
	"context"
	"fmt"

	"github.com/vodstack/vodstack/internal/contract"
)

// roomForVideo tells whether the caller may create one more video, which will
// be an open upload and then an encode.
func (a *API) roomForVideo(ctx context.Context) error {
	if err := a.roomForUpload(ctx); err != nil {
		return err
	}
	return a.roomForEncode(ctx)
}

// roomForUpload tells whether one more upload of the caller's may be open. The
// index that is counted follows the table within a second or so: requests at
// the same moment may pass together.
func (a *API) roomForUpload(ctx context.Context) error {
	open, err := a.Lists.Count(ctx, callerOf(ctx).Owner, contract.StatusNew, a.OpenUploads)
	switch {
	case err != nil:
		return fmt.Errorf("count open uploads: %w", err)
	case open >= a.OpenUploads:
		return contract.Problemf(contract.CodeOpenUploadLimit,
			"%d of your videos wait for their file, and %d may; upload or delete some of them (GET /videos?status=new lists them), then try again", open, a.OpenUploads)
	}
	return nil
}

// roomForEncode is the same for encodes on their way.
func (a *API) roomForEncode(ctx context.Context) error {
	running, err := a.Lists.Count(ctx, callerOf(ctx).Owner, contract.StatusIngest, a.Encodes)
	switch {
	case err != nil:
		return fmt.Errorf("count encodes: %w", err)
	case running >= a.Encodes:
		return contract.Problemf(contract.CodeRunningEncodeLimit,
			"%d of your videos are being encoded, and %d may be; wait until one has ended (GET /videos?status=Ingest lists them), then try again", running, a.Encodes)
	}
	return nil
}

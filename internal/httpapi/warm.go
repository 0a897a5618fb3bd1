package httpapi

import (
	"context"
	"time"
)

// RefusedVideo is the body of a POST /videos that is refused before anybody
// is asked: no video has no bytes.
const RefusedVideo = `{"fileName":"warm.mp4","contentType":"video/mp4","size":0}`

// Warm signs a URL that nobody gets, so that the caches of signing are filled
// before the first request. It calls nobody.
func (a *API) Warm(ctx context.Context) {
	if _, err := a.Signer.SignPut(ctx, "video/warm", "video/mp4", 1, time.Second); err != nil {
		a.Log.WarnContext(ctx, "nothing can be signed", "error", err.Error())
	}
}

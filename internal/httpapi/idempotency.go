package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

const keyHeader = "Idempotency-Key"

// mostCompletions is how many completions a row remembers. An upload is
// completed once; the bound is for clients that do so under ever new keys.
// Requests to encode are bounded by mostEncodes.
const mostCompletions = 20

// claimLife is how long an Idempotency-Key of a new video is remembered.
const claimLife = 365 * 24 * time.Hour

// claim is the id of the video that a request makes: a random one, which
// nobody can compute from owner and key. The first request with a key stores
// its id under a hash of both; claimed says that an earlier one has. A request
// that dies after that leaves no video, and the next one makes it, under the
// same id.
func (a *API) claim(ctx context.Context, key string) (id string, claimed bool, err error) {
	id = uuid.NewString()
	if key == "" {
		return id, false, nil
	}
	kept, err := a.Claims.Claim(ctx, contract.Claim{
		Key: hashOf([]string{callerOf(ctx).Owner, key}), VideoID: id, ExpireAt: a.Now().Add(claimLife).Unix(),
	})
	if err != nil {
		return "", false, fmt.Errorf("claim Idempotency-Key: %w", err)
	}
	return kept.VideoID, kept.VideoID != id, nil
}

// requestOf identifies a request on a row by its Idempotency-Key; without one
// it is nil. The same key may be used for different operations.
func requestOf(op operation, key string, body any) *contract.RowRequest {
	if key == "" {
		return nil
	}
	return &contract.RowRequest{Key: hashOf([]string{op.id, key})[:32], Body: hashOf(body)[:32]}
}

// hashOf identifies a value; the spelling of the JSON that it was read from
// does not matter.
func hashOf(v any) string {
	sum := sha256.Sum256([]byte(marshal(v)))
	return hex.EncodeToString(sum[:])
}

// carriedOut tells whether a request has already had its effect on the row.
// Another body under the same key is a problem.
func carriedOut(row contract.VideoRow, request *contract.RowRequest) (bool, error) {
	if request == nil {
		return false, nil
	}
	i := slices.IndexFunc(row.Requests, func(r contract.RowRequest) bool { return r.Key == request.Key })
	switch {
	case i < 0:
		return false, nil
	case row.Requests[i].Body != request.Body:
		return false, contract.Problemf(contract.CodeIdempotencyKeyReused,
			"this Idempotency-Key came before with another body; use a new key for each request").In(keyHeader)
	}
	return true, nil
}

// withRequest adds a request to a row, which forgets the oldest completion
// where there are too many. A request to encode is never forgotten.
func withRequest(row contract.VideoRow, request *contract.RowRequest, guid string) contract.VideoRow {
	if request == nil {
		return row
	}
	isCompletion := func(r contract.RowRequest) bool { return r.GUID == "" }
	requests := append(slices.Clone(row.Requests), contract.RowRequest{Key: request.Key, Body: request.Body, GUID: guid})
	completions := 0
	for _, r := range requests {
		if isCompletion(r) {
			completions++
		}
	}
	if completions > mostCompletions {
		oldest := slices.IndexFunc(requests, isCompletion)
		requests = slices.Delete(requests, oldest, oldest+1)
	}
	row.Requests = requests
	return row
}

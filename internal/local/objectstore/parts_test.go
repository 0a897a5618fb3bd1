package objectstore

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// completing is a backend whose upload is completed while its parts are
// listed for the first time.
type completing struct {
	backend.Backend
	listed int
}

func (c *completing) ListParts(context.Context, *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	if c.listed++; c.listed == 1 {
		return s3response.ListPartsResult{}, nil
	}
	return s3response.ListPartsResult{}, s3err.GetAPIError(s3err.ErrNoSuchUpload)
}

func TestPartsThatACompletionMovesAwayAreNotListedAsMissing(t *testing.T) {
	store := &announcing{Backend: &completing{}}
	_, err := store.ListParts(t.Context(), &s3.ListPartsInput{})
	if want := s3err.GetAPIError(s3err.ErrNoSuchUpload); !errors.Is(err, want) {
		t.Errorf("the answer is %v, want %v", err, want)
	}
}

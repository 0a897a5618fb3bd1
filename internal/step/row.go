package step

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// Rows is the integration's video table. A row that is not there is
// contract.ErrUnknownRow.
type Rows interface {
	Get(ctx context.Context, id string) (contract.VideoRow, error)
}

// rowOf is the row of a video that was created through the API; ok is false
// for every other key.
func rowOf(ctx context.Context, rows Rows, key string) (row contract.VideoRow, ok bool, err error) {
	id, ok := contract.VideoIDOf(key)
	if !ok {
		return row, false, nil
	}
	row, err = rows.Get(ctx, id)
	if errors.Is(err, contract.ErrUnknownRow) {
		return row, false, nil
	}
	if err != nil {
		return row, false, fmt.Errorf("read row of video %s: %w", id, err)
	}
	return row, row.DeletedAt != "" || row.S3Key == key, nil
}

// rowRequest takes the options that a video was created with. Its row lives
// on the topic's messages, so these are sent whatever the options say.
func (s *Plan) rowRequest(ctx context.Context, asked request) (request, error) {
	row, ok, err := rowOf(ctx, s.Rows, asked.srcVideo)
	if err != nil || !ok {
		return asked, err
	}
	asked.options.EnableSns = true
	if row.DeletedAt != "" {
		return asked, contract.Failf(contract.CodeVideoDeleted, "the video %s was deleted before its upload had ended", row.ID)
	}
	if row.Options == "" {
		return asked, nil
	}
	asked, err = s.Stack.parseOptions([]byte(row.Options), asked)
	asked.options.EnableSns = true
	return asked, err
}

// parseOptions reads the options of a row over a request: those of a metadata
// file, without its metadata.
func (s *Stack) parseOptions(text []byte, asked request) (request, error) {
	keys, err := decodeObject(text)
	if err != nil {
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the video's options are not a JSON object: %v", err)
	}
	m := metadata{stack: s, request: asked, seen: map[string]bool{"srcVideo": true}}
	m.free = map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		m.read(key, keys[key])
	}
	for _, key := range slices.Sorted(maps.Keys(m.free)) {
		m.problem("%s is no option", key)
	}
	if len(m.problems) > 0 {
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the video's options cannot be used: %s", strings.Join(m.problems, "; "))
	}
	m.free = nil
	return m.request, m.unavailableError()
}

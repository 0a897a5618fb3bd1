package step

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
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
// on the topic's messages, so these are sent whatever the options say; whether
// the result queue hears of it is the operator's to say, since who reads that
// may bill by it.
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
	asked.options.EnableSns, asked.options.EnableSqs = true, s.Stack.Options.EnableSqs
	return asked, err
}

// CheckOptions tells which of a row's options plan would refuse, and why: the
// first one by name, or none. ArchiveSource is the stack's own.
func CheckOptions(text, archiveSource string) (option, why string) {
	keys, err := decodeObject([]byte(text))
	if err != nil {
		return "", fmt.Sprintf("the options are not a JSON object: %v", err)
	}
	stack := &Stack{Options: encoding.Options{ArchiveSource: archiveSource}}
	m := stack.rowOptions(request{})
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		m.readOption(key, keys[key])
		if said := slices.Concat(m.problems, m.missing); len(said) > 0 {
			return key, said[0]
		}
	}
	return "", ""
}

// rowOptions reads a row's options: those of a metadata file, without its
// metadata.
func (s *Stack) rowOptions(asked request) *metadata {
	m := &metadata{stack: s, request: asked, seen: map[string]bool{"srcVideo": true}}
	m.free = map[string]any{}
	return m
}

func (m *metadata) readOption(key string, value any) {
	m.read(key, value)
	if _, isFree := m.free[key]; isFree {
		m.problem("%s is no option", key)
	}
}

// parseOptions reads the options of a row over a request.
func (s *Stack) parseOptions(text []byte, asked request) (request, error) {
	keys, err := decodeObject(text)
	if err != nil {
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the video's options are not a JSON object: %v", err)
	}
	m := s.rowOptions(asked)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		m.readOption(key, keys[key])
	}
	if len(m.problems) > 0 {
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the video's options cannot be used: %s", strings.Join(m.problems, "; "))
	}
	m.free = nil
	return m.request, m.unavailableError()
}

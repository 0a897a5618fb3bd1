package step

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// freeLimit is how many bytes of free metadata the record keeps, written as
// JSON: the item ends at 400 KB, and has more to carry.
const freeLimit = 64 * 1024

// parseMetadata reads a metadata file over a request. It checks every key and
// reports all problems in one sentence.
func (s *Stack) parseMetadata(text []byte, asked request) (request, error) {
	keys, err := decodeObject(text)
	if err != nil {
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the metadata file is not a JSON object: %v", err)
	}
	m := metadata{stack: s, request: asked, seen: map[string]bool{}}
	m.free = map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		m.read(key, keys[key])
	}
	if !m.seen["srcVideo"] {
		m.problem("srcVideo is missing; the key of a video in the source bucket is required")
	}
	if len(m.problems) > 0 {
		asked.srcVideo = m.srcVideo
		return asked, contract.Failf(contract.CodeMetadataInvalid, "the metadata file cannot be used: %s", strings.Join(m.problems, "; "))
	}
	if err := m.unavailableError(); err != nil {
		asked.srcVideo = m.srcVideo
		return asked, err
	}
	return m.request, m.checkSize()
}

func decodeObject(text []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))) // editors leave a byte order mark
	dec.UseNumber()
	var keys map[string]any
	if err := dec.Decode(&keys); err != nil {
		return nil, err
	}
	if keys == nil {
		return nil, errors.New("it says null")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("there is more after its end")
	}
	return keys, nil
}

// metadata is a metadata file while it is read.
type metadata struct {
	stack *Stack
	request
	problems []string // what is wrong
	missing  []string // what is right but not carried out
	seen     map[string]bool
}

func (m *metadata) problem(format string, args ...any) {
	m.problems = append(m.problems, fmt.Sprintf(format, args...))
}

func (m *metadata) checkSize() error {
	size, err := json.Marshal(m.free)
	if err != nil {
		return fmt.Errorf("measure free metadata: %w", err)
	}
	if len(size) > freeLimit {
		return contract.Failf(contract.CodeMetadataTooLarge, "the free metadata has %d bytes; %d are allowed", len(size), freeLimit)
	}
	return nil
}

package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// fields are the names that the contract and the pipeline have taken; "status"
// and "messageId" are the messages' own. The last two were fields once: a record that is older
// than the deployed version must not echo its task token as free metadata.
var fields = fieldNames(reflect.TypeFor[Record](), map[string]bool{"status": true, "messageId": true, "taskToken": true, "jobStartedAt": true})

func fieldNames(t reflect.Type, names map[string]bool) map[string]bool {
	for f := range t.Fields() {
		if f.Anonymous {
			fieldNames(f.Type, names)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names[name] = true
		}
	}
	return names
}

// folded are the same names as encoding/json compares them.
var folded = foldedNames(fields)

func foldedNames(names map[string]bool) map[string]bool {
	all := make(map[string]bool, len(names))
	for name := range names {
		all[fold(name)] = true
	}
	return all
}

// fold makes two names equal that encoding/json takes for the same: whatever
// the case of their letters, with all that Unicode calls the same letter.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// IsField tells whether the contract or the pipeline has taken a name, in any
// case of its letters, so that free metadata may not use it: where JSON is
// read, "srcvideo" would overwrite srcVideo.
func IsField(name string) bool {
	return IsFieldName(name) || folded[fold(name)]
}

// IsFieldName tells whether this is the very name of a field.
func IsFieldName(name string) bool { return fields[name] }

// FieldNames are the names of all fields of the record, sorted.
func FieldNames() []string {
	return slices.Sorted(maps.Keys(fields))
}

// LowerFirst is a name with its first letter in lower case: metadata files
// may write either.
func LowerFirst(name string) string {
	if name == "" {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// plainRecord has the record's fields without its methods.
type plainRecord struct {
	Core
	Heavy
	Internal
}

// MarshalJSON writes the record's fields, then the free metadata.
func (r Record) MarshalJSON() ([]byte, error) {
	return marshalWith(plainRecord{r.Core, r.Heavy, r.Internal}, r.Free)
}

// UnmarshalJSON reads the record; what is not a field is free metadata, its
// numbers exact.
func (r *Record) UnmarshalJSON(data []byte) error {
	var all map[string]json.RawMessage
	err := json.Unmarshal(data, &all)
	if err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	if data, err = withoutLookalikes(data, all); err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	var plain plainRecord
	if err := json.Unmarshal(data, &plain); err != nil {
		return fmt.Errorf("read record: %w", err)
	}
	*r = Record{Core: plain.Core, Heavy: plain.Heavy, Internal: plain.Internal}
	for name, text := range all {
		if fields[name] {
			continue
		}
		value, err := decodeExact(text)
		if err != nil {
			return fmt.Errorf("read record: %w", err)
		}
		if r.Free == nil {
			r.Free = map[string]any{}
		}
		r.Free[name] = value
	}
	return nil
}

// withoutLookalikes drops members that encoding/json would take for a field
// though they are written otherwise: nothing of ours writes them.
func withoutLookalikes(data []byte, all map[string]json.RawMessage) ([]byte, error) {
	known := len(all)
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return !fields[name] && IsField(name) })
	if len(all) == known {
		return data, nil
	}
	return encode(all)
}

// decodeExact reads a value with its numbers as they are written.
func decodeExact(data []byte) (value any, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

// marshalWith writes a struct and, behind its fields, free metadata whose
// names do not collide with any field.
func marshalWith(v any, free map[string]any) ([]byte, error) {
	body, err := encode(v)
	if err != nil {
		return nil, err
	}
	rest := map[string]any{}
	for name, value := range free {
		if !IsField(name) {
			rest[name] = value
		}
	}
	if len(rest) == 0 {
		return body, nil
	}
	tail, err := encode(rest)
	if err != nil {
		return nil, err
	}
	if len(body) == len("{}") {
		return tail, nil
	}
	return append(append(body[:len(body)-1], ','), tail[1:]...), nil
}

// encode is JSON without HTML escapes: URLs stay readable, and the length is
// the length that is sent.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

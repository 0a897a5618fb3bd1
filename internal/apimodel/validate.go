package apimodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Violation is one way in which a body is not what the API takes.
type Violation struct {
	Path    string // JSON pointer from the body's root, empty for the root
	Message string
}

// String is the violation in the words of the service's own
// BadRequestException, whose paths start inside the settings.
func (v Violation) String() string {
	path := v.Path
	if inside, ok := strings.CutPrefix(path, "/settings/"); ok {
		path = "/" + inside
	}
	return path + ": " + v.Message
}

// maxDepth bounds the nesting of a body; the API's own is about 12.
const maxDepth = 64

// Validate checks a request's body against the model, and a job against
// the rules that the service has beside it. Members that travel in the URI
// are not looked for; an empty body is an empty object.
func Validate(operation string, body []byte) []Violation {
	return check(operation, body, func(o *Operation) string { return o.Input }, func(v *validator, value any) {
		if operation == "CreateJob" {
			v.settingsRules(value)
		}
	})
}

// ValidateOutput checks a response's body.
func ValidateOutput(operation string, body []byte) []Violation {
	return check(operation, body, func(o *Operation) string { return o.Output }, func(*validator, any) {})
}

func check(operation string, body []byte, side func(*Operation) string, more func(*validator, any)) []Violation {
	m, err := Load()
	if err != nil {
		return []Violation{{Message: err.Error()}}
	}
	op, ok := m.Operations[operation]
	if !ok {
		return []Violation{{Message: fmt.Sprintf("operation %s is not in the API model", operation)}}
	}
	value, err := decode(body)
	if err != nil {
		return []Violation{{Message: "Should be valid JSON: " + err.Error()}}
	}
	v := validator{model: m}
	if shape := side(op); shape != "" {
		v.value("", shape, value, 0)
	}
	more(&v, value)
	return v.found
}

func decode(body []byte) (any, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return map[string]any{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the first value")
	}
	return value, nil
}

// validator collects what is wrong, in the order of the members' names.
type validator struct {
	model *Model
	found []Violation
}

func (v *validator) add(path, format string, args ...any) {
	v.found = append(v.found, Violation{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (v *validator) value(path, shape string, value any, depth int) {
	s := v.model.Shapes[shape]
	switch {
	case s == nil:
		v.add(path, "shape %s is not in the API model", shape)
	case depth > maxDepth:
		v.add(path, "Should not be nested deeper than %d levels", maxDepth)
	case value == nil:
		v.add(path, "Should not be null (allowed: %s)", s.Type)
	default:
		v.typed(path, s, value, depth)
	}
}

func (v *validator) typed(path string, s *Shape, value any, depth int) {
	switch x := value.(type) {
	case map[string]any:
		switch s.Type {
		case "structure":
			v.structure(path, s, x, depth)
			return
		case "map":
			v.mapping(path, s, x, depth)
			return
		}
	case []any:
		if s.Type == "list" {
			v.list(path, s, x, depth)
			return
		}
	case string:
		if s.Type == "string" {
			v.text(path, s, x)
			return
		}
	}
	v.scalar(path, s, value)
}

func (v *validator) structure(path string, s *Shape, value map[string]any, depth int) {
	for _, name := range s.Required {
		if _, ok := value[name]; !ok && s.Members[name].Location == "" {
			v.add(path, "%s is a required property", name)
		}
	}
	for _, name := range sortedKeys(value) {
		member, ok := s.Members[name]
		if !ok || member.Location != "" {
			v.add(path+"/"+escape(name), "Should not have additional properties")
			continue
		}
		v.value(path+"/"+escape(name), member.Shape, value[name], depth+1)
	}
}

func (v *validator) mapping(path string, s *Shape, value map[string]any, depth int) {
	v.length(path, s, len(value), "properties")
	for _, key := range sortedKeys(value) {
		v.value(path+"/"+escape(key), s.Key, key, depth+1)
		v.value(path+"/"+escape(key), s.Value, value[key], depth+1)
	}
}

func (v *validator) list(path string, s *Shape, value []any, depth int) {
	v.length(path, s, len(value), "items")
	for i, item := range value {
		v.value(fmt.Sprintf("%s/%d", path, i), s.Member, item, depth+1)
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// escape is a JSON pointer's.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

package transcode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Check reads a job's settings, strictly: whatever is not carried out here
// is a *Refusal that names it, never ignored. It takes for granted that the
// service's own rules about types and ranges hold.
func Check(raw json.RawMessage) (*Settings, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, &Refusal{"/settings", "is not JSON: " + err.Error()}
	}
	if r := settingsRule.refuse("/settings", value); r != nil {
		return nil, r
	}
	s := &Settings{}
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, typeRefusal(err)
	}
	if r := s.refuse(); r != nil {
		return nil, r
	}
	return s, nil
}

func typeRefusal(err error) *Refusal {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return &Refusal{"/settings", err.Error()}
	}
	path := "/settings/" + strings.ReplaceAll(wrong.Field, ".", "/")
	return &Refusal{path, fmt.Sprintf("is a %s, not a %s.", wrong.Value, wrong.Type)}
}

// A rule says which values of a setting are carried out.
type rule interface {
	refuse(path string, value any) *Refusal
}

// object allows the named members, each by its own rule.
type object map[string]rule

func (o object) refuse(path string, value any) *Refusal {
	members, ok := value.(map[string]any)
	if !ok {
		return &Refusal{path, "is not an object."}
	}
	for _, name := range sortedKeys(members) {
		if members[name] == nil {
			continue // absent, as the service takes it
		}
		r, known := o[name]
		if !known {
			return &Refusal{path + "/" + name, "is not carried out by the local encoder."}
		}
		if refusal := r.refuse(path+"/"+name, members[name]); refusal != nil {
			return refusal
		}
	}
	return nil
}

// each applies one rule to all elements of a list.
type each struct{ rule }

func (e each) refuse(path string, value any) *Refusal {
	list, ok := value.([]any)
	if !ok {
		return &Refusal{path, "is not a list."}
	}
	for i, v := range list {
		if r := e.rule.refuse(path+"/"+strconv.Itoa(i), v); r != nil {
			return r
		}
	}
	return nil
}

// named applies one rule to all members of an object with free names.
type named struct{ rule }

func (n named) refuse(path string, value any) *Refusal {
	members, ok := value.(map[string]any)
	if !ok {
		return &Refusal{path, "is not an object."}
	}
	for _, name := range sortedKeys(members) {
		if r := n.rule.refuse(path+"/"+name, members[name]); r != nil {
			return r
		}
	}
	return nil
}

// carried allows every value: the encoder does what it says.
type carried struct{}

func (carried) refuse(string, any) *Refusal { return nil }

// only allows the listed values, which are carried out.
type only []string

func (o only) refuse(path string, value any) *Refusal {
	text := fmt.Sprint(value)
	if slices.Contains(o, text) {
		return nil
	}
	if len(o) == 0 {
		return &Refusal{path, "is not carried out by the local encoder."}
	}
	return &Refusal{path, fmt.Sprintf("%s is not carried out by the local encoder, which does %s.",
		text, strings.Join(o, ", "))}
}

// idle allows values that change nothing here, and says why: they restate
// what happens anyway, or concern a feature that no job here can use, or
// tune the service's own encoder without changing what an output is.
type idle struct {
	why    string
	values []string // none means any
}

func (n idle) refuse(path string, value any) *Refusal {
	if len(n.values) == 0 {
		return nil
	}
	return only(n.values).refuse(path, value)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

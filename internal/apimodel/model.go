// Package apimodel knows what MediaConvert's API takes and gives: shapes,
// types, enums, ranges, lengths and patterns, as botocore's service model
// has them. The real service is not here to refuse a request, so this does.
package apimodel

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
)

// model.json is written by reduce.py.
//
//go:embed model.json
var modelFile []byte

// Model is the reduced service model.
type Model struct {
	APIVersion string                `json:"apiVersion"`
	Botocore   string                `json:"botocore"` // the version it was made from
	Operations map[string]*Operation `json:"operations"`
	Shapes     map[string]*Shape     `json:"shapes"`
}

// Operation is one call of the API.
type Operation struct {
	Method string `json:"method"`
	URI    string `json:"uri"`
	Input  string `json:"input"`  // name of a shape
	Output string `json:"output"` // name of a shape
}

// Shape is a type of the API.
type Shape struct {
	Type     string            `json:"type"`
	Enum     []string          `json:"enum"`
	Min      *float64          `json:"min"` // of the value, or of the length
	Max      *float64          `json:"max"`
	Pattern  string            `json:"pattern"`
	Member   string            `json:"member"` // of a list
	Key      string            `json:"key"`    // of a map
	Value    string            `json:"value"`  // of a map
	Members  map[string]Member `json:"members"`
	Required []string          `json:"required"`

	pattern *regexp.Regexp
}

// Member is a member of a structure, by its name on the wire.
type Member struct {
	Shape    string `json:"shape"`
	Location string `json:"location"` // uri or querystring; empty for the body
}

// Load parses the embedded model, once.
var Load = sync.OnceValues(func() (*Model, error) { return parse(modelFile) })

// parse compiles every pattern. The service's are of the ECMA kind; one
// that Go cannot compile fails the model as a whole and thereby the tests,
// so that no pattern is left unchecked in silence. They are searched for,
// not anchored, as the JSON schema rules have it.
func parse(data []byte) (*Model, error) {
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read API model: %w", err)
	}
	for name, s := range m.Shapes {
		if s.Pattern == "" {
			continue
		}
		p, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("pattern of shape %s: %w", name, err)
		}
		s.pattern = p
	}
	return &m, nil
}

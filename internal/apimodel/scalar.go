package apimodel

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// text checks a string: enum, length in characters, pattern.
func (v *validator) text(path string, s *Shape, value string) {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		v.add(path, "Should be one of %s", strings.Join(s.Enum, ", "))
		return
	}
	v.length(path, s, utf8.RuneCountInString(value), "characters")
	if s.pattern != nil && !s.pattern.MatchString(value) {
		v.add(path, "Should match the pattern %s", s.Pattern)
	}
}

func (v *validator) length(path string, s *Shape, n int, of string) {
	if s.Min != nil && float64(n) < *s.Min {
		v.add(path, "Should have at least %.0f %s", *s.Min, of)
	}
	if s.Max != nil && float64(n) > *s.Max {
		v.add(path, "Should have at most %.0f %s", *s.Max, of)
	}
}

// scalar checks everything that is neither a container nor a string.
func (v *validator) scalar(path string, s *Shape, value any) {
	ok := false
	number, isNumber := value.(json.Number)
	switch s.Type {
	case "integer":
		ok = isNumber && whole(number, math.MinInt32, math.MaxInt32)
	case "long":
		ok = isNumber && whole(number, math.MinInt64, math.MaxInt64)
	case "double", "float":
		ok = isNumber
	case "boolean":
		_, ok = value.(bool)
	case "timestamp":
		ok = isNumber || isTime(value)
	}
	if !ok {
		v.add(path, "Should be of type %s, is %s", s.Type, kind(value))
		return
	}
	if isNumber {
		v.within(path, s, number)
	}
}

func (v *validator) within(path string, s *Shape, number json.Number) {
	n, err := number.Float64()
	if err != nil {
		v.add(path, "Should be a number within the range of a double")
		return
	}
	if s.Min != nil && n < *s.Min {
		v.add(path, "Should be greater than or equal to %.0f", *s.Min)
	}
	if s.Max != nil && n > *s.Max {
		v.add(path, "Should be less than or equal to %.0f", *s.Max)
	}
}

// whole tells whether a number has no fraction and fits; 3.0 is whole.
func whole(number json.Number, low, high int64) bool {
	if n, err := number.Int64(); err == nil {
		return n >= low && n <= high
	}
	f, err := number.Float64()
	return err == nil && f == math.Trunc(f) && f >= float64(low) && f <= float64(high)
}

func isTime(value any) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

// kind is a value's type as JSON calls it.
func kind(value any) string {
	switch value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	}
	return "null"
}

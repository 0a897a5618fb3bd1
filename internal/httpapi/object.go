package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// Object is the exact text of a JSON object: numbers keep all their digits.
// Empty stands for none, as does null.
type Object string

// MarshalJSON writes the text.
func (o Object) MarshalJSON() ([]byte, error) { return rawJSON(string(o)) }

// UnmarshalJSON keeps the text, without spaces around its parts.
func (o *Object) UnmarshalJSON(text []byte) error { return keepJSON((*string)(o), text) }

// Schema is any object, or null for none.
func (Object) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Nullable: true}
}

// Whole is a whole number, however JSON writes it: 7, 7.0 and 7e0 are one.
// One that is too large is as large as can be, which no limit lets through.
type Whole int64

// UnmarshalJSON reads the number.
func (w *Whole) UnmarshalJSON(text []byte) error {
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*w = Whole(n)
		return nil
	}
	n, err := strconv.ParseFloat(string(text), 64)
	switch {
	case err != nil || n != math.Trunc(n):
		return errors.New("expected a whole number")
	case n >= math.MaxInt64:
		*w = math.MaxInt64
	case n <= math.MinInt64:
		*w = math.MinInt64
	default:
		*w = Whole(n)
	}
	return nil
}

// Schema is an integer's.
func (Whole) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
}

func rawJSON(text string) ([]byte, error) {
	if text == "" {
		return []byte("null"), nil
	}
	return []byte(text), nil
}

func keepJSON(into *string, text []byte) error {
	*into = ""
	if string(text) == "null" {
		return nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return err
	}
	*into = compact.String()
	return nil
}

package httpapi

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// TitleChange is a new title. Null, or an empty one, removes it.
type TitleChange struct {
	Sent  bool
	Value string
}

// UnmarshalJSON reads the title.
func (c *TitleChange) UnmarshalJSON(text []byte) error {
	c.Sent, c.Value = true, ""
	return json.Unmarshal(text, &c.Value)
}

// Schema is a title's.
func (TitleChange) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Nullable: true, MaxLength: new(500),
		Pattern: "^[^" + controls + "]*$", PatternDescription: "text without control and bidirectional characters",
		Description: "The new title; null or an empty one removes it.", Examples: []any{"Holiday by the sea, cut"},
	}
}

// MetadataChange is new metadata in the place of the old. Null removes it.
type MetadataChange struct {
	Sent  bool
	Value Object
}

// UnmarshalJSON reads the object.
func (c *MetadataChange) UnmarshalJSON(text []byte) error {
	c.Sent = true
	return c.Value.UnmarshalJSON(text)
}

// Schema is any object's.
func (MetadataChange) Schema(r huma.Registry) *huma.Schema {
	s := Object("").Schema(r)
	s.Description = "The new metadata, in the place of all of the old; null removes it."
	s.Examples = []any{map[string]any{"camera": "A7", "take": 2}}
	return s
}

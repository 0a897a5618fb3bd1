package httpapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vodstack/vodstack/internal/contract"
)

// Options is the exact text of a video's options: those of the metadata file
// that a video of the API can have. Empty stands for none, as does null.
type Options string

// MarshalJSON writes the text.
func (o Options) MarshalJSON() ([]byte, error) { return rawJSON(string(o)) }

// UnmarshalJSON keeps the text.
func (o *Options) UnmarshalJSON(text []byte) error { return keepJSON((*string)(o), text) }

// Schema lists the options that a deployment may allow; nothing else is taken.
func (Options) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, Nullable: true, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"archiveSource": {
				Description: "Where the source goes once its video is published: a storage class, true for the stack's own, or false.",
				OneOf: []*huma.Schema{
					{Type: huma.TypeString, Enum: []any{"DISABLED", "GLACIER", "DEEP_ARCHIVE"}},
					{Type: huma.TypeBoolean},
				},
				Examples: []any{"GLACIER"},
			},
			"frameCapture": {Type: huma.TypeBoolean, Description: "Whether the poster and the thumbnails are made.", Examples: []any{true}},
			"jobTemplate": {
				Type: huma.TypeString, MinLength: new(1), MaxLength: new(80), Pattern: `^[ -~]+$`,
				Description: "A MediaConvert job template of the stack's account and region.", Examples: []any{"my-template"},
			},
			"inputRotate": {
				Type: huma.TypeString, Enum: []any{"AUTO", "DEGREE_0", "DEGREES_90", "DEGREES_180", "DEGREES_270"},
				Description: "How the picture is turned; AUTO as the file says.", Examples: []any{"AUTO"},
			},
			"acceleratedTranscoding": {
				Type: huma.TypeString, Enum: []any{"ENABLED", "PREFERRED", "DISABLED"},
				Description: "MediaConvert's acceleration mode.", Examples: []any{"PREFERRED"},
			},
		},
		Examples: []any{map[string]any{"frameCapture": true, "inputRotate": "AUTO"}},
	}
}

// unavailable says of the metadata file's other options why a video of the
// API cannot have them.
var unavailable = map[string]string{
	"srcVideo":           "the API chooses the key that a video is uploaded to; leave it out",
	"srcBucket":          "videos of the API are uploaded to the stack's own source bucket; leave it out",
	"destBucket":         "outputs go to the stack's own bucket; leave it out",
	"cloudFront":         "videos are delivered by the stack's own distribution; leave it out",
	"enableSns":          "the API itself follows a video by its messages, so they are always sent; leave it out",
	"enableSqs":          "who reads the result queue counts on every result, so they are sent as the stack is configured; leave it out",
	"captions":           "a caption file cannot be uploaded through the API yet; leave it out, or use a metadata file",
	"enableMediaPackage": "MediaPackage is not available yet; leave it out",
}

// checkAllowed refuses options that the deployment does not leave to callers.
// The text is a JSON object.
func (s Settings) checkAllowed(options Options) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(options), &all); err != nil {
		return contract.Problemf(contract.CodeRequestInvalid, "options are not a JSON object: %v", err).In("options")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(s.Options, name) {
			return contract.Problemf(contract.CodeOptionUnavailable,
				"%s is no option that callers of this deployment may set; %s may be set: send options without it, or ask the operator (apiOptions)",
				name, strings.Join(s.Options, ", ")).In("options." + name)
		}
	}
	return nil
}

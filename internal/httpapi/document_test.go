package httpapi_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
	"github.com/vodstack/vodstack/internal/testkit"
)

func TestTheDocumentIsMadeOfTheCode(t *testing.T) {
	text, err := httpapi.Document(httpapi.DefaultSettings())
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, filepath.Join(folder, "apidoc", "openapi.json"), string(text))
}

func TestEveryPostOfTheDocumentTakesAnIdempotencyKey(t *testing.T) {
	type operation struct {
		Parameters []struct{ Name string }
		Responses  map[string]struct {
			Ref string `json:"$ref"`
		}
	}
	var doc struct {
		Paths      map[string]map[string]operation
		Components struct {
			Responses map[string]struct{ Description string }
		}
	}
	if err := json.Unmarshal(apidoc.Document, &doc); err != nil {
		t.Fatal(err)
	}
	posts := 0
	for path, methods := range doc.Paths {
		op, ok := methods["post"]
		if !ok {
			continue
		}
		posts++
		if !slices.ContainsFunc(op.Parameters, func(p struct{ Name string }) bool { return p.Name == "Idempotency-Key" }) {
			t.Errorf("POST %s takes no Idempotency-Key", path)
		}
		name := strings.TrimPrefix(op.Responses["422"].Ref, "#/components/responses/")
		if said := doc.Components.Responses[name].Description; !strings.Contains(said, string(contract.CodeIdempotencyKeyReused)) {
			t.Errorf("POST %s: 422 is %q", path, said)
		}
	}
	if posts != 3 {
		t.Errorf("the document has %d POSTs", posts)
	}
}

func TestTheDocumentAllowsAnArchiveOfTheStacksOwnWhereThereIsOne(t *testing.T) {
	for class, want := range map[string]int{"": 1, "DISABLED": 1, "GLACIER": 0, "DEEP_ARCHIVE": 0} {
		limits := httpapi.DefaultSettings()
		limits.ArchiveSource = class
		text, err := httpapi.Document(limits)
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range []string{"NewVideo", "Encode"} {
			archive := schemaOf(t, text, request).Properties["options"].Properties["archiveSource"]
			if enum := archive.OneOf[1].Enum; len(enum) != want {
				t.Errorf("%q: %s may be one of %v", class, request, enum)
			}
		}
	}
}

func TestTheDocumentHasTheOptionsThatACallerMaySetAndNoOthers(t *testing.T) {
	for _, options := range [][]string{httpapi.DefaultSettings().Options, {"frameCapture"}, {"acceleratedTranscoding", "archiveSource", "frameCapture", "inputRotate", "jobTemplate"}} {
		w := newWorld(t)
		w.api.Options = options
		text := []byte(w.as(alice, "GET", "/openapi.json", "").text)
		for _, request := range []string{"NewVideo", "Encode"} {
			if got := slices.Sorted(maps.Keys(schemaOf(t, text, request).Properties["options"].Properties)); !slices.Equal(got, slices.Sorted(slices.Values(options))) {
				t.Errorf("%s has the options %v, want %v", request, got, options)
			}
		}
	}
}

// schema is a part of what the document says of a value.
type schema struct {
	Pattern    string
	Enum       []any
	OneOf      []schema
	Properties map[string]schema
}

func schemaOf(t *testing.T, document []byte, name string) schema {
	t.Helper()
	var doc struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas[name]
}

var wideRune = regexp.MustCompile(`\\u([0-9a-f]{4})`)

// pattern is what the document says of a field of a new video.
func pattern(t *testing.T, field string) *regexp.Regexp {
	t.Helper()
	said := schemaOf(t, apidoc.Document, "NewVideo").Properties[field].Pattern
	return regexp.MustCompile(wideRune.ReplaceAllString(said, `\x{$1}`)) // JavaScript's \u
}

func TestTheAPITakesTheFilesAndTypesThatTheDocumentAllowsAndNoOthers(t *testing.T) {
	w := newWorld(t)
	for field, values := range map[string][]string{
		"fileName": {
			"a.mp4", "A.MP4", "a.Mp4", "a.b.mov", ".mkv", "ä b.webm", "a.m2ts", "a.264", "a.mp4 ", "a.mp4\n", "a.mp", "a.mp44", "a", "a.", "a/b.mp4", `a\b.mp4`, "a\tb.mp4", "a.json", "a.mp4.zip", "a.ogv?",
			"\u061c.mp4", "\u200d.mp4", "\u200e.mp4", "\u200f.mp4", "\u2029.mp4", "\u202a.mp4", "\u202e.mp4", "\u202f.mp4", "\u2065.mp4", "\u2066.mp4", "\u2069.mp4", "\u206a.mp4",
		},
		"contentType": {
			"video/mp4", "video/x-matroska", "audio/mpeg", "application/mxf", "application/octet-stream", "video/vnd.dlna.mpeg-tts", "video/3gpp2", "video/x+y",
			"Video/mp4", "video", "video/", "video/*", "video/mp4 ", "video/mp4;x=y", "video/mp4\n", "application/mxfs", "application/pdf", "text/html", "xvideo/mp4", "video/mp4/x", "video/é",
		},
		"title": {"", "x", "a\tb", "a\nb", "\u007f", "\u0085", "é", "\u2028", "a\n", "\u061b", "\u061c", "\u200e", "\u202a", "\u202e", "\u2066", "\u2069", "\u206a"},
	} {
		allowed, taken := pattern(t, field), 0
		for _, value := range values {
			got := w.as(alice, "POST", "/videos", with(field, value))
			if ok := got.status == 201; ok != allowed.MatchString(value) {
				t.Errorf("%s %q: %d, the document allows it: %v", field, value, got.status, !ok)
			} else if ok {
				taken++
			}
		}
		if taken == 0 || taken == len(values) {
			t.Errorf("%s: %d of %d are taken", field, taken, len(values))
		}
	}
}

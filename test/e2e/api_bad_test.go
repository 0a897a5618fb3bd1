package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// presigned tries a single PUT in every way that was not announced.
func presigned(t *testing.T) {
	t.Parallel()
	d := anyone().announce(t, clips.Tiny, nil)
	other := anyone().announce(t, clips.Tiny, nil)
	moved := strings.Replace(d.upload.URL, d.id, other.id, 1)
	tries := []struct {
		what    string
		upload  rest.Upload
		content []byte
		headers []string
	}{
		{"another content type", d.upload, d.content, []string{"Content-Type", "text/html"}},
		{"no content type", d.upload, d.content, []string{"Content-Type", ""}},
		{"one byte less", d.upload, d.content[1:], nil},
		{"one byte more", d.upload, append([]byte{0}, d.content...), nil},
		{"nothing", d.upload, nil, nil},
		{"without If-None-Match", d.upload, d.content, []string{"If-None-Match", ""}},
		{"another video's key", rest.Upload{Method: "PUT", URL: moved, Headers: d.upload.Headers}, d.content, nil},
		{"the folder above", rest.Upload{Method: "PUT", URL: strings.Replace(d.upload.URL, d.id, "..", 1), Headers: d.upload.Headers}, d.content, nil},
		{"a method that reads", rest.Upload{Method: "GET", URL: d.upload.URL, Headers: d.upload.Headers}, nil, nil},
		{"a method that deletes", rest.Upload{Method: "DELETE", URL: d.upload.URL, Headers: d.upload.Headers}, nil, nil},
	}
	for _, try := range tries {
		answer, err := try.upload.Put(t.Context(), try.content, try.headers...)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("%s: the bucket answers %d, want 4xx", try.what, answer.Status)
		}
	}
	wantProblem(t, d.do(t, http.MethodPost, d.path()+"/upload/complete", nil), http.StatusConflict, "UploadMissing")
	d.send(t)
	again, err := d.upload.Put(t.Context(), d.content)
	if err != nil || again.Status != http.StatusPreconditionFailed {
		t.Errorf("a second PUT: %v %v, want 412", again.Status, err)
	}
	d.complete(t, nil)
	d.published(t)
	if n, err := d.s.Versions(t.Context(), d.s.Outputs["Source"], d.prefix()); err != nil || n != 1 {
		t.Errorf("there are %d versions of the source (%v), want 1", n, err)
	}
	if n, err := d.s.Versions(t.Context(), d.s.Outputs["Source"], other.prefix()); err != nil || n != 0 {
		t.Errorf("there are %d versions of the other video's source (%v), want none", n, err)
	}
	wantStatus(t, other.do(t, http.MethodDelete, other.path(), nil), http.StatusAccepted)
}

// long is a text of so many bytes.
func long(bytes int) string { return strings.Repeat("x", bytes) }

// badRequests are POSTs, each with the field that is to blame.
func badRequests(t *testing.T) {
	t.Parallel()
	c := anyone()
	limit := float64(50 << 30)
	cases := []struct {
		what   string
		change map[string]any
		field  string
	}{
		{"a size over the limit", map[string]any{"size": limit + 1}, "size"},
		{"no size", map[string]any{"size": nil}, "size"},
		{"no bytes", map[string]any{"size": 0}, "size"},
		{"fewer than no bytes", map[string]any{"size": -1}, "size"},
		{"a size that is no number", map[string]any{"size": "large"}, "size"},
		{"half a byte", map[string]any{"size": 1.5}, "size"},
		{"a size beyond every number", map[string]any{"size": 1e300}, "size"},
		{"a title of 10 kB", map[string]any{"title": long(10_000)}, "title"},
		{"a title that is no text", map[string]any{"title": 5}, "title"},
		{"metadata of 1 MB", map[string]any{"metadata": map[string]any{"text": long(1_000_000)}}, "metadata"},
		{"metadata that is a list", map[string]any{"metadata": []any{1}}, "metadata"},
		{"a type that is not allowed", map[string]any{"contentType": "text/html"}, "contentType"},
		{"a type with a second header in it", map[string]any{"contentType": "video/mp4\r\nx-amz-acl: public-read"}, "contentType"},
		{"no type", map[string]any{"contentType": nil}, "contentType"},
		{"no file name", map[string]any{"fileName": nil}, "fileName"},
		{"an empty file name", map[string]any{"fileName": ""}, "fileName"},
		{"a file that is no video", map[string]any{"fileName": "notes.txt"}, "fileName"},
		{"a name without an extension", map[string]any{"fileName": "video"}, "fileName"},
		{"a very long file name", map[string]any{"fileName": long(10_000) + ".mp4"}, "fileName"},
		{"an unknown option", map[string]any{"options": map[string]any{"watermark": "x"}}, "options"},
		{"an option of a wrong value", map[string]any{"options": map[string]any{"inputRotate": "UPSIDE_DOWN"}}, "options"},
		{"another's bucket as an option", map[string]any{"options": map[string]any{"destBucket": "elsewhere"}}, "options"},
		{"a title that turns round", map[string]any{"title": "\u202etxet"}, "title"},
		{"a file name that turns round", map[string]any{"fileName": "holiday\u202e4pm.mp4"}, "fileName"},
		{"an owner", map[string]any{"ownerId": "someone else"}, "ownerId"},
	}
	for _, bad := range cases {
		body := request(clips.Tiny, 1000, bad.change)
		for name, value := range bad.change {
			if value == nil {
				delete(body, name)
			}
		}
		answer := c.do(t, http.MethodPost, "/videos", body)
		// A body beyond every limit is refused before its fields are read.
		blamed := strings.HasPrefix(answer.Field(), bad.field) || answer.Status == http.StatusRequestEntityTooLarge
		if !slices.Contains([]int{400, 413, 422}, answer.Status) || answer.Code() == "" || !blamed {
			t.Errorf("%s: %s; want a problem that blames %s", bad.what, answer, bad.field)
		}
		checkListed(t, answer)
	}
	for what, body := range map[string]string{"no JSON": "not a JSON", "nothing": "", "a list": "[]", "a null": "null", "half a JSON": `{"fileName":`, "bytes": "\xff\xfe", "deep": strings.Repeat("[", 100_000)} {
		if answer := c.do(t, http.MethodPost, "/videos", body); answer.Status < 400 || answer.Status >= 500 || answer.Code() == "" {
			t.Errorf("a body that is %s: %s", what, answer)
		}
	}
	badPaths(t, c)
	goodNames(t, c)
}

// checkListed asks that the code is one of docs/errors.md.
func checkListed(t *testing.T, answer rest.Answer) {
	t.Helper()
	if !strings.Contains(errorsDoc(t), "`"+answer.Code()+"`") {
		t.Errorf("docs/errors.md does not list %q", answer.Code())
	}
}

func badPaths(t *testing.T, c caller) {
	t.Helper()
	for _, id := range []string{"1", "..", "%2e%2e", "%00", url.PathEscape("' OR 1=1"), long(5000), "00000000-0000-4000-8000-00000000DEAD", "00000000-0000-4000-8000-00000000dead"} {
		answer := c.do(t, http.MethodGet, "/videos/"+id, nil)
		if !slices.Contains([]int{400, 404, 414, 422, 431}, answer.Status) {
			t.Errorf("GET /videos/%.40s: %s", id, answer)
		}
	}
	wantProblem(t, c.do(t, http.MethodGet, "/no/such/path", nil), http.StatusNotFound, "RouteUnknown")
	wantProblem(t, c.do(t, http.MethodPut, "/videos", nil), http.StatusMethodNotAllowed, "MethodNotAllowed")
}

// goodNames are odd, but people have them.
func goodNames(t *testing.T, c caller) {
	t.Helper()
	for _, name := range []string{"blåbær & søner +1 (50% off)?.mp4", "日本語のビデオ.MP4", `quote"s #1.mp4`, "עברית.mp4", "a/b\\c.mp4", "<script>.mov"} {
		answer := c.do(t, http.MethodPost, "/videos", map[string]any{"fileName": name, "contentType": "video/mp4", "size": 1000})
		switch answer.Status {
		case http.StatusCreated:
			checkValues(t, answer.Video(), map[string]any{"fileName": name})
			if key := text(answer.Video(), "s3key"); !strings.HasPrefix(key, "video/"+answer.ID()+"/media.") || strings.Count(key, "/") != 2 {
				t.Errorf("the key of %q is %q", name, key)
			}
			wantStatus(t, c.do(t, http.MethodDelete, "/videos/"+answer.ID(), nil), http.StatusAccepted)
		case http.StatusUnprocessableEntity:
			if answer.Field() != "fileName" {
				t.Errorf("the name %q: %s", name, answer)
			}
		default:
			t.Errorf("the name %q: %s", name, answer)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/local/deploy"
)

// cloud is a stack's API and its storage, as far as a client sees them.
type cloud struct {
	*httptest.Server
	partSize int64 // bytes; 0 for uploads in one PUT
	pageSize int   // parts of one page
	refuse   string

	size     int64
	stored   map[string]string // by path
	headers  http.Header       // of the last PUT
	complete string            // the body of the completion
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{stored: map[string]string{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.answer))
	t.Cleanup(c.Close)
	return c
}

func (c *cloud) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case c.refuse != "":
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, c.refuse)
	case r.Method == http.MethodPut:
		c.stored[r.URL.Path], c.headers = string(body), r.Header
		w.Header().Set("ETag", `"of `+string(body)+`"`)
	case r.URL.Path == "/videos":
		var wanted newVideo
		_ = json.Unmarshal(body, &wanted)
		c.size = wanted.Size
		c.send(w, map[string]any{"video": map[string]any{"id": "v1"}, "upload": c.way(1)})
	case r.URL.Path == "/videos/v1/upload":
		var first int
		fmt.Sscan(r.URL.Query().Get("part"), &first)
		c.send(w, map[string]any{"upload": c.way(first)})
	case r.URL.Path == "/videos/v1/upload/complete":
		c.complete = string(body)
		c.send(w, map[string]any{"video": map[string]any{"id": "v1", "encodingStatus": "new"}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (c *cloud) send(w io.Writer, answer any) { _ = json.NewEncoder(w).Encode(answer) }

// way is how to upload, from a part on.
func (c *cloud) way(first int) map[string]any {
	if c.partSize == 0 {
		return map[string]any{"type": "single", "url": c.URL + "/whole", "headers": map[string]string{"If-None-Match": "*"}}
	}
	count := int((c.size + c.partSize - 1) / c.partSize)
	last := min(first+c.pageSize-1, count)
	var parts []any
	for n := first; n <= last; n++ {
		parts = append(parts, map[string]any{"partNumber": n, "url": fmt.Sprintf("%s/part%d", c.URL, n)})
	}
	way := map[string]any{"type": "multipart", "partSize": c.partSize, "partCount": count, "parts": parts}
	if last < count {
		way["nextPart"] = last + 1
	}
	return way
}

func (c *cloud) demo(t *testing.T) *demo {
	t.Helper()
	return &demo{
		session: &session{ctx: t.Context(), place: place{home: t.TempDir()}, stdout: io.Discard, stderr: io.Discard},
		client:  c.Client(),
		api:     &api{base: c.URL, client: c.Client(), authorize: func(*http.Request, []byte) error { return nil }},
	}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trip.mp4")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestASmallVideoIsUploadedInOnePutWithTheHeadersThatTheAPIAsksFor(t *testing.T) {
	c := newCloud(t)
	video, err := c.demo(t).upload(t.Context(), file(t, "0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	if video.ID != "v1" || video.EncodingStatus != "new" || c.stored["/whole"] != "0123456789" || c.headers.Get("If-None-Match") != "*" || c.complete != "{}" {
		t.Errorf("got %+v, stored %v, headers %v, completed with %s", video, c.stored, c.headers, c.complete)
	}
}

func TestALargeVideoIsUploadedInPartsAPageAtATime(t *testing.T) {
	c := newCloud(t)
	c.partSize, c.pageSize = 3, 2
	if _, err := c.demo(t).upload(t.Context(), file(t, "0123456789")); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"/part1": "012", "/part2": "345", "/part3": "678", "/part4": "9"}
	if !reflect.DeepEqual(c.stored, want) {
		t.Errorf("stored %v, want %v", c.stored, want)
	}
	if !strings.Contains(c.complete, `{"partNumber":4,"etag":"\"of 9\""}`) || strings.Count(c.complete, "partNumber") != 4 {
		t.Errorf("completed with %s", c.complete)
	}
}

func TestARefusalIsTheAPIsOwnSentence(t *testing.T) {
	for answer, want := range map[string]string{
		`{"detail":"size must be at most 5","code":"SizeTooLarge"}`: "create the video: the API answers 422 Unprocessable Entity: size must be at most 5 (SizeTooLarge)",
		`{"message":"Forbidden"}`:                                   "create the video: the API answers 422 Unprocessable Entity: Forbidden",
		`<html>`:                                                    "create the video: the API answers 422 Unprocessable Entity",
	} {
		c := newCloud(t)
		c.refuse = answer
		if _, err := c.demo(t).upload(t.Context(), file(t, "x")); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", answer, err)
		}
	}
}

func TestEveryRequestCarriesWhatTheStackWantsToSee(t *testing.T) {
	for name, c := range map[string]struct {
		context []string
		want    string // how the Authorization header begins
	}{
		"open":                    {[]string{"apiOpen=true"}, ""},
		"a JWT":                   {[]string{"jwtIssuer=https://issuer"}, "Bearer secret"},
		"IAM":                     {nil, "AWS4-HMAC-SHA256 Credential=000000000000/"},
		"IAM that was asked for":  {[]string{"apiOpen=true", "apiOpen=false"}, "AWS4-HMAC-SHA256 Credential=000000000000/"},
		"an issuer, then no more": {[]string{"jwtIssuer=https://issuer", "jwtIssuer=", "apiOpen=true"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got http.Header
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { got = r.Header; fmt.Fprint(w, "{}") }))
			defer s.Close()
			stack := deploy.Stack{Name: "vod", Context: c.context, Outputs: map[string]string{"ApiUrl": s.URL + "/"}}
			a, err := newAPI(stack, "eu-central-1", "key", s.Client(), setting("VOD_TOKEN", "secret"))
			if err != nil {
				t.Fatal(err)
			}
			if err := a.call(t.Context(), http.MethodPost, "/videos", newVideo{}, nil); err != nil {
				t.Fatal(err)
			}
			if auth := got.Get("Authorization"); !strings.HasPrefix(auth, c.want) || (c.want == "") != (auth == "") {
				t.Errorf("authorized with %q", auth)
			}
			if strings.HasPrefix(c.want, "AWS4") && !strings.Contains(got.Get("Authorization"), "/eu-central-1/execute-api/") {
				t.Errorf("signed for %q", got.Get("Authorization"))
			}
		})
	}
}

func setting(name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return ""
	}
}

func TestWhatIsMissingToUseTheAPIIsSaid(t *testing.T) {
	jwt := deploy.Stack{Name: "vod", Context: []string{"jwtIssuer=https://issuer"}, Outputs: map[string]string{"ApiUrl": "http://127.0.0.1:1/vod"}}
	for want, stack := range map[string]deploy.Stack{
		"wants a JWT of https://issuer: set VOD_TOKEN": jwt,
		"has no API yet: type \"make up\"":             {Name: "vod"},
	} {
		if _, err := newAPI(stack, "eu-central-1", "key", nil, setting("", "")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestATokenThatIsNotTakenIsSaidToBeOne(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"message":"Unauthorized"}`)
	}))
	defer s.Close()
	a := &api{base: s.URL, client: s.Client(), authorize: bearer("x")}
	if err := a.call(t.Context(), http.MethodGet, "/videos", nil, nil); err == nil || err.Error() != "the API does not take the token in VOD_TOKEN: Unauthorized" {
		t.Errorf("got %v", err)
	}
}

func TestTheContentTypeIsReadFromTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom": "video/mp4",
		"\x1aE\xdf\xa3 matroska":                           "video/webm",
		"plain":                                            "application/octet-stream",
		"":                                                 "application/octet-stream",
	} {
		f, err := os.Open(file(t, text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := contentType(f)
		f.Close()
		if err != nil || got != want {
			t.Errorf("%q: got %s %v, want %s", text, got, err, want)
		}
	}
}

func TestOneOwnerHasAllTheVideosOfThisMachineUnlessTheCallerSaysOtherwise(t *testing.T) {
	for own, want := range map[string]string{"topRung=720": "10000", "maxEncodes=3": "3"} {
		stack := deploy.Stack{Context: (place{stack: "vod"}).settings([]string{own})}
		if uploads, encodes := stack.Setting("maxOpenUploads"), stack.Setting("maxEncodes"); uploads != "10000" || encodes != want {
			t.Errorf("-c %s: %s uploads, %s encodes", own, uploads, encodes)
		}
	}
}

func TestTheAPIIsOpenHereUnlessTheCallerSaysOtherwise(t *testing.T) {
	for own, open := range map[string]bool{
		"topRung=720": true, "jwtIssuer=": true, "jwtIssuer=https://issuer": false, "apiOpen=false": false,
	} {
		stack := deploy.Stack{Context: (place{stack: "vod"}).settings([]string{own})}
		if got := stack.Setting("apiOpen") == "true"; got != open {
			t.Errorf("-c %s: open is %t", own, got)
		}
	}
}

package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
)

// written is a line of the log about a write.
type written struct {
	Time, Msg, Caller, Action, ID, Outcome, RequestID, Field string
	Status                                                   int
}

// audited is a world whose log is JSON, as the function's.
type audited struct {
	*world
	log bytes.Buffer
}

func newAudited(t *testing.T) *audited {
	a := &audited{world: newWorld(t)}
	a.api.Log = slog.New(slog.NewJSONHandler(&a.log, nil))
	a.handler = a.api.Handler()
	return a
}

// lines are those about writes since the last call.
func (a *audited) lines() (all []written) {
	for line := range strings.Lines(a.log.String()) {
		var w written
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			a.t.Fatal(err)
		}
		if w.Msg == "write" {
			all = append(all, w)
		}
	}
	a.log.Reset()
	return all
}

// one wants one line, and its fields.
func (a *audited) one(call string, want written) {
	a.t.Helper()
	lines := a.lines()
	if len(lines) != 1 || lines[0].Time == "" {
		a.t.Errorf("%s: the log has %+v, want one line", call, lines)
		return
	}
	want.Time, want.Msg = lines[0].Time, "write"
	if lines[0] != want {
		a.t.Errorf("%s: the log says %+v, want %+v", call, lines[0], want)
	}
}

// mutations are calls, by their routes, that change a video; each gets one of
// its own that it can change.
func mutations(t *testing.T, a *audited) map[string]func() (id string, got answer) {
	fresh := func() string { id := a.create(alice, 5).Video.ID; a.lines(); return id }
	uploaded := func() string {
		made := a.create(alice, 5)
		a.upload(made)
		a.lines()
		return made.Video.ID
	}
	on := func(prepare func() string, method, suffix, body string) func() (string, answer) {
		return func() (string, answer) {
			id := prepare()
			return id, a.as(alice, method, "/videos/"+id+suffix, body)
		}
	}
	return map[string]func() (string, answer){
		"POST /videos": func() (string, answer) {
			got := a.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5}`)
			var made videoBody
			got.into(t, 201, &made)
			return made.Video.ID, got
		},
		"HEAD /videos/{id}/upload":          on(fresh, "HEAD", "/upload", ""), // as GET
		"GET /videos/{id}/upload":           on(fresh, "GET", "/upload", ""),
		"DELETE /videos/{id}/upload":        on(fresh, "DELETE", "/upload", ""),
		"POST /videos/{id}/upload/complete": on(uploaded, "POST", "/upload/complete", ""),
		"PATCH /videos/{id}":                on(fresh, "PATCH", "", `{"title":"b"}`),
		"POST /videos/{id}/encode":          on(func() string { id := uploaded(); a.encoded(id); return id }, "POST", "/encode", ""),
		"DELETE /videos/{id}":               on(fresh, "DELETE", "", ""),
	}
}

var actions = map[string]string{
	"POST /videos": "createVideo", "GET /videos/{id}/upload": "getUpload", "HEAD /videos/{id}/upload": "getUpload", "DELETE /videos/{id}/upload": "abortUpload", "POST /videos/{id}/upload/complete": "completeUpload",
	"PATCH /videos/{id}": "patchVideo", "POST /videos/{id}/encode": "encodeVideo", "DELETE /videos/{id}": "deleteVideo",
}

func TestEveryWriteOfEveryRouteHasALine(t *testing.T) {
	a := newAudited(t)
	calls := mutations(t, a)
	routes := append(apidoc.Routes(), apidoc.Route{Method: "HEAD", Path: "/videos/{id}/upload"})
	for _, route := range routes {
		key := route.Method + " " + route.Path
		call, known := calls[key]
		if route.Method != "GET" && !known {
			t.Fatalf("%s is a write that this test does not know", key)
		}
		if !known { // a read: no row changes, and no line is written
			id := a.create(alice, 5).Video.ID
			a.lines()
			before := a.rows.Row(id)
			a.as(alice, route.Method, strings.ReplaceAll(route.Path, "{id}", id), "")
			if after := a.rows.Row(id); after.Version != before.Version {
				t.Errorf("%s has changed the row, and is no write", key)
			}
			if lines := a.lines(); len(lines) != 0 {
				t.Errorf("%s: the log has %+v, want nothing", key, lines)
			}
			continue
		}
		id, got := call()
		if got.status >= 300 {
			t.Errorf("%s: %d %s", key, got.status, got.text)
		}
		a.one(key, written{Caller: httpapi.CallerHash(alice), Action: actions[key], ID: id, Outcome: "done", Status: got.status, RequestID: "request-1"})
	}
}

func TestEveryRefusedWriteHasALineWithItsReason(t *testing.T) {
	a := newAudited(t)
	made := a.create(alice, 5)
	id := made.Video.ID
	a.lines()
	for key, action := range actions {
		method, path, _ := strings.Cut(key, " ")
		path = strings.ReplaceAll(path, "{id}", id)
		about := id
		if !strings.Contains(path, id) {
			about = ""
		}
		a.as("", method, path, "{}")
		a.one("nobody's "+key, written{Action: action, ID: about, Outcome: "Unauthenticated", Status: 401, RequestID: "request-1"})
		if about == "" {
			continue
		}
		a.as(bob, method, path, map[bool]string{true: `{"title":"mine"}`}[method == "PATCH"])
		a.one("another's "+key, written{Caller: httpapi.CallerHash(bob), Action: action, ID: id, Outcome: "VideoUnknown", Status: 404, RequestID: "request-1"})
	}
	alices := func(action, about, outcome, field string) written {
		return written{Caller: httpapi.CallerHash(alice), Action: action, ID: about, Outcome: outcome, Field: field, Status: contract.ExplainAPI(contract.Code(outcome)).Status, RequestID: "request-1"}
	}
	for _, c := range []struct {
		method, path, body string
		headers            []string
		want               written
	}{
		{"POST", "/videos", with("size", 0), nil, alices("createVideo", "", "RequestInvalid", "size")},
		{"POST", "/videos", "{", nil, alices("createVideo", "", "RequestUnreadable", "")},
		{"POST", "/videos", `{"a":"` + strings.Repeat("a", 100<<10) + `"}`, nil, alices("createVideo", "", "BodyTooLarge", "")},
		{"POST", "/videos", with("fileName", "a.exe"), nil, alices("createVideo", "", "FileTypeUnsupported", "fileName")},
		{"POST", "/videos", with("size", 5), []string{"Accept", "text/html"}, alices("createVideo", "", "NotAcceptable", "")},
		{"POST", "/videos", with("size", 5), []string{"Content-Type", "text/plain"}, alices("createVideo", "", "BodyTypeUnsupported", "")},
		{"PATCH", "/videos/" + id, `{"title":"x"}`, []string{"If-Match", `"v9"`}, alices("patchVideo", id, "VersionMismatch", "If-Match")},
		{"POST", "/videos/" + id + "/encode", "", nil, alices("encodeVideo", id, "UploadMissing", "")},
		{"POST", "/videos/" + id + "/upload/complete", "", nil, alices("completeUpload", id, "UploadMissing", "")},
		{"DELETE", "/videos/" + strings.Repeat("x", 5000), "", nil, alices("deleteVideo", "", "VideoUnknown", "")},
		{"DELETE", "/videos/a%22%0A%7B", "", nil, alices("deleteVideo", "", "VideoUnknown", "")},
		{"PUT", "/videos/" + id, "", nil, alices("", id, "MethodNotAllowed", "")},
		{"POST", "/no/such/path", "", nil, alices("", "", "RouteUnknown", "")},
	} {
		got := a.as(alice, c.method, c.path, c.body, c.headers...)
		a.one(fmt.Sprintf("%s %.60s %.60s (%.300s)", c.method, c.path, c.body, got.text), c.want)
	}
	a.rows.Before = func(string, string) error { return contract.ErrThrottled }
	a.as(alice, "DELETE", "/videos/"+id, "")
	a.one("throttled", alices("deleteVideo", id, "Throttled", ""))
	a.rows.Before = func(string, string) error { panic("odd") }
	a.as(alice, "DELETE", "/videos/"+id, "")
	a.one("a fault", alices("deleteVideo", id, "Internal", ""))
}

func TestTheLogTellsWhoDeletedAVideo(t *testing.T) {
	a := newAudited(t)
	made := a.create(alice, 5)
	a.as(bob, "DELETE", "/videos/"+made.Video.ID, "")
	a.as(alice, "DELETE", "/videos/"+made.Video.ID, "")
	a.as(alice, "DELETE", "/videos/"+made.Video.ID, "")
	var deleted []string
	for _, line := range a.lines() {
		if line.ID == made.Video.ID && line.Action == "deleteVideo" && line.Outcome == "done" {
			deleted = append(deleted, line.Caller)
		}
	}
	// printf %s alice | sha256sum | cut -c1-32
	if want := []string{"2bd806c97f0e00af1a1fc3328fa763a9"}; !slices.Equal(deleted, want) {
		t.Errorf("deleted by %v, want %v", deleted, want)
	}
}

func TestTheSecurityPageAsksTheLogForWhatItHas(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(folder, "..", "..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	a := newAudited(t)
	a.as(alice, "DELETE", "/videos/"+a.create(alice, 5).Video.ID, "")
	var logged map[string]any
	for line := range strings.Lines(a.log.String()) {
		if strings.Contains(line, "deleteVideo") {
			if err := json.Unmarshal([]byte(line), &logged); err != nil {
				t.Fatal(err)
			}
		}
	}
	example := regexp.MustCompile(`(?m)^{"time".*}$`).Find(page)
	var shown map[string]any
	if err := json.Unmarshal(example, &shown); err != nil || !slices.Equal(slices.Sorted(maps.Keys(shown)), slices.Sorted(maps.Keys(logged))) {
		t.Errorf("%v: the page shows %s, the line is %v", err, example, logged)
	}
	query := regexp.MustCompile(`(?m)^fields @timestamp, (.*)\n\| filter msg = "(\w+)" and id = "`).FindSubmatch(page)
	if query == nil || string(query[2]) != logged["msg"] {
		t.Fatalf("the page's query is %q", query)
	}
	for name := range strings.SplitSeq(string(query[1]), ", ") {
		if logged[name] == nil {
			t.Errorf("the query asks for %s, which the line %v has not", name, logged)
		}
	}
	owner := regexp.MustCompile(`printf %s '(.*)' \| sha256sum \| cut -c1-32`).FindSubmatch(page)
	if owner == nil || httpapi.CallerHash(string(owner[1])) != shown["caller"] {
		t.Errorf("the page's command for %q does not give the hash of its line, %v", owner, shown["caller"])
	}
}

func TestTheLogHasNoNameOfACaller(t *testing.T) {
	a := newAudited(t)
	for _, call := range mutations(t, a) {
		call()
	}
	a.as(bob, "DELETE", "/videos/"+unknownID, "")
	if log := a.log.String(); strings.Contains(log, alice) || strings.Contains(log, bob) {
		t.Errorf("the log says %s", log)
	}
}

func TestWarmingIsNobodysWrite(t *testing.T) {
	a := newAudited(t)
	r := httptest.NewRequest("POST", "/videos", strings.NewReader(httpapi.RefusedVideo))
	r.Header.Set("Content-Type", "application/json")
	a.handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(httpapi.WithCaller(r.Context(), httpapi.Caller{Owner: "warm", RequestID: "warm", Warming: true})))
	if lines := a.lines(); len(lines) != 0 {
		t.Errorf("the log has %+v", lines)
	}
}

func TestACallerWhoIsNotTakenIsToldWhy(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest("GET", "/videos", nil)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r.WithContext(httpapi.WithCaller(r.Context(), httpapi.Caller{Refused: "send another token"})))
	got := answer{recorder.Code, recorder.Header(), recorder.Body.String()}.problem(t, contract.CodeUnauthenticated, "")
	if got.Detail != "send another token" {
		t.Errorf("it says %q", got.Detail)
	}
}

package rig

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorded is a Recorder in front of one server, with one function's endpoint.
func recorded(t *testing.T, server http.HandlerFunc) (recorder *Recorder, endpoint string) {
	t.Helper()
	upstream := httptest.NewServer(server)
	t.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	recorder = &Recorder{Dir: filepath.Join(t.TempDir(), "run")}
	if err := recorder.open(&Engine{Port: 1}); err != nil {
		t.Fatal(err)
	}
	for service := range recorder.upstream {
		recorder.upstream[service] = target
	}
	urls, err := recorder.endpoints("PlanFunction")
	if err != nil {
		t.Fatal(err)
	}
	return recorder, urls["S3"]
}

func send(t *testing.T, method, url, contentType, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// read ends the record and returns its calls.
func (r *Recorder) read(t *testing.T) []RecordedCall {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(r.Dir, callsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var calls []RecordedCall
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var call RecordedCall
		if err := json.Unmarshal(lines.Bytes(), &call); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
	}
	return calls
}

func TestARequestIsPassedOnAsItWasSigned(t *testing.T) {
	var host, uri, body string
	recorder, endpoint := recorded(t, func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		host, uri, body = r.Host, r.RequestURI, string(data)
		w.WriteHeader(http.StatusTeapot)
	})
	const path = "/bucket/a%2Bb%20c%3D;d/e?x=%2F&y;z&tagging="
	resp := send(t, http.MethodPut, endpoint+path, "application/xml", "<Tagging/>")
	if resp.StatusCode != http.StatusTeapot || "http://"+host != endpoint || uri != path || body != "<Tagging/>" {
		t.Errorf("%s: the server got %q from %s with %q", resp.Status, uri, host, body)
	}
	calls := recorder.read(t)
	if len(calls) != 1 {
		t.Fatalf("%d calls are recorded", len(calls))
	}
	c := calls[0]
	if c.Function != "PlanFunction" || c.Method != http.MethodPut || c.URI != path || c.Body != "<Tagging/>" || c.Status != http.StatusTeapot ||
		c.Headers["content-type"] != "application/xml" || c.Headers["host"] != host {
		t.Errorf("recorded is %+v", c)
	}
}

func TestTheBytesOfAnObjectAreNotRecorded(t *testing.T) {
	var got int64
	recorder, endpoint := recorded(t, func(_ http.ResponseWriter, r *http.Request) { got, _ = io.Copy(io.Discard, r.Body) })
	send(t, http.MethodPut, endpoint+"/bucket/key", "video/mp4", strings.Repeat("x", 1<<20))
	if calls := recorder.read(t); got != 1<<20 || len(calls) != 1 || calls[0].Body != "" {
		t.Errorf("%d bytes arrived, recorded are %d calls", got, len(calls))
	}
}

func TestWhatIsDownIsDownBehindTheRecorder(t *testing.T) {
	recorder, endpoint := recorded(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/bucket/key", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(request); err == nil {
		resp.Body.Close()
		t.Errorf("the answer is %s, want none", resp.Status)
	}
	recorder.read(t)
}

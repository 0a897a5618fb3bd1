package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seen is a request as the control plane got it.
type seen struct {
	Method, URI, Body string
	Header            http.Header
}

// controlPlane notes every request and answers 201.
func controlPlane(t *testing.T) (url string, last *seen) {
	t.Helper()
	last = &seen{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the gateway has given up on it
		}
		*last = seen{r.Method, r.RequestURI, string(body), r.Header}
		w.Header().Set("Location", "/videos/1")
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(s.Close)
	return s.URL, last
}

// listen starts a server on a free port and returns its URL.
func listen(t *testing.T, s *Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s.Address = l.Addr().String()
	if err := s.Initialize(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return "http://" + s.Address
}

// api is the gateway of a machine with one stack, vod, whose API is a1b2.
func api(t *testing.T, controlPlane string) string {
	t.Helper()
	handler, err := API{
		ControlPlane: controlPlane, Log: slog.New(slog.DiscardHandler),
		ID: func(stack string) (string, bool) { return "a1b2", stack == "vod" },
	}.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, &Server{Name: "API", Handler: handler, MaxHeader: MaxHeader})
}

func send(t *testing.T, method, url string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

func TestARequestReachesTheAPIAsItWasSent(t *testing.T) {
	plane, got := controlPlane(t)
	base := api(t, plane)
	for sent, want := range map[string]string{
		"/vod/videos":                      "/_aws/execute-api/a1b2/$default/videos",
		"/vod/videos?limit=1&cursor=a%2Bb": "/_aws/execute-api/a1b2/$default/videos?limit=1&cursor=a%2Bb",
		"/vod/videos?a;b&%zz=1":            "/_aws/execute-api/a1b2/$default/videos?a;b&%zz=1",
		"/vod/videos/a%2Fb%20c":            "/_aws/execute-api/a1b2/$default/videos/a%2Fb%20c",
		"/vod//videos/":                    "/_aws/execute-api/a1b2/$default//videos/",
		"/vod":                             "/_aws/execute-api/a1b2/$default/",
	} {
		resp, _ := send(t, http.MethodPost, base+sent, strings.NewReader(`{"a":1}`), "Authorization", "Bearer x", "If-Match", `"3"`)
		if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") != "/videos/1" {
			t.Errorf("%s: got %s %v", sent, resp.Status, resp.Header)
		}
		if got.URI != want || got.Method != http.MethodPost || got.Body != `{"a":1}` {
			t.Errorf("%s: the API got %s %s %q, want %s", sent, got.Method, got.URI, got.Body, want)
		}
		if got.Header.Get("Authorization") != "Bearer x" || got.Header.Get("If-Match") != `"3"` {
			t.Errorf("%s: the API got %v", sent, got.Header)
		}
	}
}

func TestAForgedForwardingHeaderDoesNotReachTheAPI(t *testing.T) {
	plane, got := controlPlane(t)
	send(t, http.MethodGet, api(t, plane)+"/vod/videos", nil, "X-Forwarded-For", "6.6.6.6", "Connection", "X-Hop", "X-Hop", "1")
	if forwarded := got.Header.Get("X-Forwarded-For"); forwarded != "127.0.0.1" {
		t.Errorf("forwarded for %q", forwarded)
	}
	if got.Header.Get("X-Hop") != "" {
		t.Error("a hop-by-hop header went on")
	}
}

func TestAnUnknownStackIsSaidToBeOne(t *testing.T) {
	plane, got := controlPlane(t)
	base := api(t, plane)
	for _, path := range []string{"/", "/other/videos", "/vod%2F..%2Fother/videos", "/_aws/execute-api/a1b2/$default/videos"} {
		resp, body := send(t, http.MethodGet, base+path, nil)
		var answer struct{ Message string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || resp.StatusCode != http.StatusNotFound || !strings.Contains(answer.Message, "no stack") {
			t.Errorf("%s: got %s %s %v", path, resp.Status, body, err)
		}
		if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: no page can read it", path)
		}
	}
	resp, _ := send(t, http.MethodOptions, base+"/other/videos", nil, "Origin", "http://page", "Access-Control-Request-Method", "POST")
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("a page may not ask: %s %v", resp.Status, resp.Header)
	}
	if got.URI != "" {
		t.Errorf("the control plane got %s", got.URI)
	}
}

func TestABodyOverTenMegabytesIsRefused(t *testing.T) {
	plane, got := controlPlane(t)
	base := api(t, plane)
	allowed := bytes.Repeat([]byte{'x'}, maxBody)
	if resp, _ := send(t, http.MethodPost, base+"/vod/videos", bytes.NewReader(allowed)); resp.StatusCode != http.StatusCreated || len(got.Body) != maxBody {
		t.Errorf("just 10 MiB: got %s, %d bytes", resp.Status, len(got.Body))
	}
	long := append(allowed, 'x')
	for name, body := range map[string]io.Reader{"announced": bytes.NewReader(long), "unannounced": io.MultiReader(bytes.NewReader(long))} {
		resp, answer := send(t, http.MethodPost, base+"/vod/videos", body)
		if resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(answer, `"message"`) {
			t.Errorf("%s: got %s %s", name, resp.Status, answer)
		}
	}
}

func TestAHeaderOverTheLimitIsRefused(t *testing.T) {
	plane, _ := controlPlane(t)
	resp, _ := send(t, http.MethodGet, api(t, plane)+"/vod/videos", nil, "X-Long", strings.Repeat("x", 16<<10))
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %s", resp.Status)
	}
}

func TestAControlPlaneThatIsGoneIsAnUnavailableService(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	resp, body := send(t, http.MethodGet, api(t, gone.URL)+"/vod/videos", nil)
	if resp.StatusCode != http.StatusServiceUnavailable || body != "{\"message\":\"Service Unavailable\"}\n" {
		t.Errorf("got %s %q", resp.Status, body)
	}
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = (&Server{Name: "API", Address: l.Addr().String(), Handler: http.NotFoundHandler()}).Initialize()
	if err == nil || !strings.Contains(err.Error(), "API: ") {
		t.Errorf("got %v", err)
	}
}

func page(t *testing.T, stacks ...string) string {
	t.Helper()
	dir := t.TempDir()
	p := Page{
		HTML: filepath.Join(dir, "index.html"), Player: filepath.Join(dir, "hls.min.js"),
		API: func() (string, bool) { return strings.Join(stacks, ""), len(stacks) > 0 },
	}
	for file, text := range map[string]string{p.HTML: "<title>page</title>", p.Player: "var Hls"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return listen(t, &Server{Name: "page", Handler: p.Handler()})
}

func TestThePageAndItsPlayerAreServedAndNothingElse(t *testing.T) {
	base := page(t)
	for path, want := range map[string]string{"/?api=x": "<title>page</title>", "/hls.min.js": "var Hls"} {
		if resp, body := send(t, http.MethodGet, base+path, nil); resp.StatusCode != http.StatusOK || body != want || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %s %q", path, resp.Status, body)
		}
	}
	for _, path := range []string{"/index.html", "/../gateway.go", "/%2e%2e/hls.min.js"} {
		if resp, body := send(t, http.MethodGet, base+path, nil); resp.StatusCode == http.StatusOK {
			t.Errorf("%s is served: %q", path, body)
		}
	}
	if resp, _ := send(t, http.MethodPost, base+"/?api=x", nil); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %s", resp.Status)
	}
}

func TestAPageThatNamesNoAPIIsSentToTheStacks(t *testing.T) {
	resp, _ := send(t, http.MethodGet, page(t, "http://127.0.0.1:1/vod")+"/", nil)
	if resp.StatusCode != http.StatusFound || resp.Header.Get("Location") != "/?api=http%3A%2F%2F127.0.0.1%3A1%2Fvod" {
		t.Errorf("got %s %q", resp.Status, resp.Header.Get("Location"))
	}
	if resp, body := send(t, http.MethodGet, page(t)+"/", nil); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make up") {
		t.Errorf("before the first deploy: got %s %q", resp.Status, body)
	}
}

func TestAMissingFileOfThePageSaysWhatToDo(t *testing.T) {
	base := listen(t, &Server{Name: "page", Handler: Page{HTML: filepath.Join(t.TempDir(), "none")}.Handler()})
	if resp, body := send(t, http.MethodGet, base+"/?api=x", nil); resp.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "make setup") {
		t.Errorf("got %s %q", resp.Status, body)
	}
}

package delivery

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// bucket is a stand-in for the object store: it answers signed requests
// only.
func bucket(t *testing.T, objects map[string]string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=000000000000/") {
			http.Error(w, "unsigned", http.StatusForbidden)
			return
		}
		if r.URL.RawQuery != "" || r.Header.Get("Cookie") != "" {
			http.Error(w, "viewer's secrets came through", http.StatusTeapot)
			return
		}
		body, ok := objects[r.URL.EscapedPath()]
		if !ok {
			http.Error(w, "NoSuchKey", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("Access-Control-Allow-Origin", "https://from-the-bucket")
		http.ServeContent(w, r, "", time.Unix(1, 0), strings.NewReader(body))
	}))
	t.Cleanup(s.Close)
	return s
}

func proxy(t *testing.T, store string, origins func() []Origin) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	p := &Proxy{
		Address: l.Addr().String(), Store: store, Region: "eu-central-1",
		AccessKey: "000000000000", SecretKey: "test", Origins: origins, Log: slog.New(slog.DiscardHandler),
	}
	if err := p.Initialize(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return "http://" + p.Address
}

func deployed() []Origin {
	return []Origin{{
		Bucket:  "out",
		Headers: map[string]string{"X-Content-Type-Options": "nosniff"},
		CORS: CORS{
			Origins: []string{"https://*.example.com"}, Methods: []string{"GET", "HEAD", "OPTIONS"},
			AllowHeaders: []string{"*"}, ExposeHeaders: []string{"Content-Range"}, MaxAge: 600,
		},
	}}
}

func do(t *testing.T, method, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

func TestViewerWithoutKeysReadsTheBucket(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/out/guid/mp4/my%20clip.mp4": "0123456789"}).URL, deployed)
	resp, body := do(t, http.MethodGet, base+"/guid/mp4/my%20clip.mp4?token=x", "Cookie", "session=1")
	if resp.StatusCode != http.StatusOK || body != "0123456789" || resp.Header.Get("Content-Type") != "video/mp4" {
		t.Errorf("got %s %q %q", resp.Status, resp.Header.Get("Content-Type"), body)
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Error("the distribution's headers are missing")
	}
}

func TestStreamsAreKeptForAYearAndErrorsAreNot(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/out/a.mp4": "x"}).URL, deployed)
	if resp, _ := do(t, http.MethodGet, base+"/a.mp4"); resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("stream: %q", resp.Header.Get("Cache-Control"))
	}
	if resp, _ := do(t, http.MethodGet, base+"/none.mp4"); resp.Header.Get("Cache-Control") != "" {
		t.Errorf("error: %q", resp.Header.Get("Cache-Control"))
	}
}

func TestEveryStackIsDelivered(t *testing.T) {
	store := bucket(t, map[string]string{"/out/a.mp4": "first", "/other/b.mp4": "second"}).URL
	base := proxy(t, store, func() []Origin { return append(deployed(), Origin{Bucket: "other"}) })
	for path, want := range map[string]string{"/a.mp4": "first", "/b.mp4": "second"} {
		if resp, body := do(t, http.MethodGet, base+path); resp.StatusCode != http.StatusOK || body != want {
			t.Errorf("%s gives %s %q", path, resp.Status, body)
		}
	}
	if resp, _ := do(t, http.MethodGet, base+"/c.mp4"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("what nobody has gives %s", resp.Status)
	}
}

func TestPlayersMaySeek(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/out/a.mp4": "0123456789"}).URL, deployed)
	resp, body := do(t, http.MethodGet, base+"/a.mp4", "Range", "bytes=2-4")
	if resp.StatusCode != http.StatusPartialContent || body != "234" || resp.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("got %s %q %q", resp.Status, resp.Header.Get("Content-Range"), body)
	}
	if resp, body := do(t, http.MethodHead, base+"/a.mp4"); resp.ContentLength != 10 || body != "" {
		t.Errorf("HEAD: %d bytes announced, %q sent", resp.ContentLength, body)
	}
}

func TestOnlyAllowedOriginsMayReadAcrossOrigins(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/out/a.mp4": "x"}).URL, deployed)
	for origin, want := range map[string]string{
		"https://play.example.com": "https://play.example.com", "https://example.com.evil.org": "", "": "",
	} {
		resp, _ := do(t, http.MethodGet, base+"/a.mp4", "Origin", origin)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("origin %q is told %q, want %q", origin, got, want)
		}
	}
	resp, _ := do(t, http.MethodOptions, base+"/a.mp4", "Origin", "https://play.example.com", "Access-Control-Request-Method", "GET")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD, OPTIONS" ||
		resp.Header.Get("Access-Control-Max-Age") != "600" {
		t.Errorf("preflight: %s %v", resp.Status, resp.Header)
	}
}

func TestMissingObjectIsNotFound(t *testing.T) {
	base := proxy(t, bucket(t, nil).URL, deployed)
	if resp, _ := do(t, http.MethodGet, base+"/nothing.mp4"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %s", resp.Status)
	}
}

func TestViewersCannotListOrWrite(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/out/": "the list", "/out/a.mp4": "x"}).URL, deployed)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/", http.StatusForbidden}, {http.MethodGet, "//", http.StatusForbidden},
		{http.MethodPut, "/a.mp4", http.StatusMethodNotAllowed}, {http.MethodDelete, "/a.mp4", http.StatusMethodNotAllowed},
		{http.MethodPost, "/a.mp4", http.StatusMethodNotAllowed},
	} {
		if resp, body := do(t, c.method, base+c.path); resp.StatusCode != c.want {
			t.Errorf("%s %s: %s %q, want %d", c.method, c.path, resp.Status, body, c.want)
		}
	}
}

func TestOtherBucketsAreOutOfReach(t *testing.T) {
	base := proxy(t, bucket(t, map[string]string{"/source/secret.mp4": "x"}).URL, deployed)
	for _, path := range []string{"/../source/secret.mp4", "/%2e%2e/source/secret.mp4", "/..%2fsource/secret.mp4"} {
		req, _ := http.NewRequest(http.MethodGet, base, nil)
		req.URL.Opaque = path
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s gives %s %q", path, resp.Status, body)
		}
	}
}

func TestBeforeTheFirstDeployItSaysSo(t *testing.T) {
	base := proxy(t, "http://127.0.0.1:1", func() []Origin { return nil })
	if resp, body := do(t, http.MethodGet, base+"/a.mp4"); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make up") {
		t.Errorf("got %s %q", resp.Status, body)
	}
}

func TestSilentObjectStoreIsABadGateway(t *testing.T) {
	base := proxy(t, "http://127.0.0.1:1", deployed)
	if resp, _ := do(t, http.MethodGet, base+"/a.mp4"); resp.StatusCode != http.StatusBadGateway {
		t.Errorf("got %s", resp.Status)
	}
}

func TestPatternsOfOrigins(t *testing.T) {
	for _, c := range []struct {
		pattern, origin string
		want            bool
	}{
		{"https://a.com", "https://a.com", true}, {"https://a.com", "https://b.com", false},
		{"https://*.a.com", "https://x.a.com", true}, {"https://*.a.com", "https://a.com", false},
		{"https://*.a.com", "https://x.a.com.evil", false},
	} {
		t.Run(fmt.Sprint(c.pattern, " ", c.origin), func(t *testing.T) {
			if matches(c.pattern, c.origin) != c.want {
				t.Errorf("want %t", c.want)
			}
		})
	}
}

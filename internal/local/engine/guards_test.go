package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/vodstack/vodstack/internal/local/delivery"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/guard"
)

// everyDoorIsClosed tries each port with what a page, a DNS name and another
// user of the machine can send.
func everyDoorIsClosed(t *testing.T, e *Engine) {
	p := e.Ports
	for name, c := range map[string]struct {
		port    int
		service string // that requests are signed for; empty where nothing is
		path    string
	}{
		"the control plane": {p.ControlPlane, "lambda", "/2015-03-31/functions"},
		"S3":                {p.Store, "s3", "/"},
		"MediaConvert":      {p.MediaConvert, "mediaconvert", "/2017-08-29/jobs"},
		"delivery":          {p.Delivery, "", "/x"},
		"the API":           {p.API, "execute-api", "/vod/videos"},
		"the page":          {p.Page, "", "/?api=x"},
	} {
		url := fmt.Sprintf("http://127.0.0.1:%d%s", c.port, c.path)
		for attack, change := range map[string]func(*http.Request){
			"another host":      func(r *http.Request) { r.Host = "evil.test:" + fmt.Sprint(c.port) },
			"another port":      func(r *http.Request) { r.Host = "127.0.0.1:1" },
			"a hostile page":    func(r *http.Request) { r.Header.Set("Origin", "https://evil.test") },
			"a hostile script":  func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
			"a page in a frame": func(r *http.Request) { r.Header.Set("Origin", "null") },
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
				if status := try(t, method, url, change); status != http.StatusForbidden {
					t.Errorf("%s of %s on the port of %s: %d", method, attack, name, status)
				}
			}
		}
		if c.service == "" {
			continue
		}
		for _, key := range []string{"test", ""} {
			old := func(r *http.Request) {
				sum := sha256.Sum256(nil)
				r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
				keys := aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: key}
				if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hex.EncodeToString(sum[:]), c.service, Region, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			if status := try(t, http.MethodGet, url, old); status != http.StatusForbidden {
				t.Errorf("the key %q on the port of %s: %d", key, name, status)
			}
		}
		if status := try(t, http.MethodGet, url, func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=1" }); status < http.StatusBadRequest {
			t.Errorf("a query parameter on the port of %s: %d", name, status)
		}
	}
	for _, path := range []string{"/_ministack/health", "/_ministack/reset", "/_aws/execute-api/a1b2/$default/videos"} {
		if status := try(t, http.MethodPost, p.ControlPlaneURL()+path, func(*http.Request) {}); status != http.StatusForbidden {
			t.Errorf("%s without a signature: %d", path, status)
		}
	}
}

func try(t *testing.T, method, url string, change func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp.StatusCode
}

func TestPagesAreAllowedByTheStacksOwnSetting(t *testing.T) {
	e := &Engine{Home: t.TempDir(), Log: slog.New(slog.DiscardHandler), Hosts: guard.ParseHosts("box.example.com"),
		Ports: Ports{ControlPlane: 4566, Store: 4567, MediaConvert: 4568, Delivery: 4569, API: 4570, Page: 4571}}
	const app, local, evil = "https://app.example.com", "http://localhost:3000", "https://evil.example"
	page, store, proxied := "http://127.0.0.1:4571", "http://127.0.0.1:4567", "https://box.example.com"
	for name, c := range map[string]struct {
		origins []string // in the template
		context []string // as somebody has written it
		want    []string
	}{
		"by default, those of this machine":     {[]string{"*"}, []string{"stage=local"}, []string{local, page, proxied}},
		"those that are named":                  {[]string{app}, []string{"corsOrigins=" + app}, []string{app, page, proxied}},
		"those that cdk.json names":             {[]string{app}, nil, []string{app, page, proxied}},
		"all, when somebody has written that":   {[]string{"*"}, []string{"corsOrigins=*"}, []string{app, local, page, proxied, store, evil, "null"}},
		"without any setting, the page's alone": {nil, nil, []string{page, proxied}},
	} {
		stack := deploy.Stack{Context: c.context, Origin: delivery.Origin{CORS: delivery.CORS{Origins: c.origins}}}
		for _, origin := range []string{app, local, page, proxied, store, evil, "null"} {
			if got := e.allows(stack, origin); got != slices.Contains(c.want, origin) {
				t.Errorf("%s: %s is allowed: %v", name, origin, got)
			}
		}
	}
}

// One stack that is open to all pages does not open its neighbour.
func TestAnAPIIsForThePagesOfItsOwnStack(t *testing.T) {
	e := &Engine{Home: t.TempDir(), Log: slog.New(slog.DiscardHandler), Ports: Ports{API: 4570, Page: 4571}}
	e.keys = e.newKeyring()
	for file, text := range map[string]string{
		"vod.json":  `{"name":"vod","origin":{"cors":{"origins":["*"]}}}`,
		"open.json": `{"name":"open","context":["corsOrigins=*"],"origin":{"cors":{"origins":["*"]}}}`,
	} {
		path := filepath.Join(e.Home, "stacks", file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	handler := e.guardAPI(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnContext = guard.ConnContext
	server.Start()
	defer server.Close()
	for path, want := range map[string]int{"/vod/videos": 403, "/open/videos": 418, "/none/videos": 403, "/": 403, "/vod/../open/videos": 403, "//open": 403} {
		if got := answer(t, server.URL, path, "https://evil.example"); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := answer(t, server.URL, "/none/videos", "http://127.0.0.1:4571"); got != 418 {
		t.Errorf("the page cannot read that a stack is missing: %d", got)
	}
}

// answer asks a server by the API's own host.
func answer(t *testing.T, url, path, origin string) int {
	t.Helper()
	return try(t, http.MethodPost, url+path, func(r *http.Request) {
		r.Host = "127.0.0.1:4570"
		r.Header.Set("Origin", origin)
	})
}

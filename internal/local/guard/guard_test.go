package guard

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The ports as the engine guards them; 4571 is the page's.
var kinds = map[string]Guard{
	"control plane": {Name: "the control plane", Port: 4566},
	"MediaConvert":  {Name: "MediaConvert", Port: 4568},
	"API":           {Name: "the API", Port: 4570, Origin: appOrPage},
	"S3":            {Name: "S3", Port: 4567, Origin: appOrPage, Embed: Presigned},
	"delivery":      {Name: "delivery", Port: 4569, Origin: appOrPage, Embed: Media},
	"page":          {Name: "the page", Port: 4571, Origin: func(*http.Request, string) bool { return false }, Embed: Links},
}

func appOrPage(_ *http.Request, origin string) bool {
	return origin == "https://app.example.com" || origin == "http://127.0.0.1:4571"
}

// ask sends one request through a guard and returns the status and the body.
func ask(g Guard, method, url, host string, headers ...string) (int, string) {
	r := httptest.NewRequest(method, url, nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	g.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestAHostThatIsNotThePortsIsRefused(t *testing.T) {
	g := Guard{Name: "delivery", Port: 4569, Embed: Media}
	proxied := g
	proxied.Hosts = ParseHosts(" Box.example.com:8443, dev.example.com ,,")
	for host, want := range map[string]struct{ plain, proxied int }{
		"127.0.0.1:4569":               {418, 418},
		"localhost:4569":               {418, 418},
		"LOCALHOST:4569":               {418, 418},
		"[::1]:4569":                   {418, 418},
		"127.0.0.1:4566":               {403, 403}, // another port
		"127.0.0.1":                    {403, 403},
		"[::1]":                        {403, 403},
		"":                             {403, 403},
		":4569":                        {403, 403},
		"evil.test:4569":               {403, 403},
		"localhost.evil.test:4569":     {403, 403},
		"127.0.0.1.evil.test:4569":     {403, 403},
		"bucket.localhost:4569":        {403, 403},
		"127.0.0.1:4569@evil.test":     {403, 403},
		"0.0.0.0:4569":                 {403, 403},
		"127.0.0.2:4569":               {403, 403},
		"2130706433:4569":              {403, 403},
		"box.example.com:8443":         {403, 418},
		"box.example.com:4569":         {403, 403},
		"dev.example.com":              {403, 418},
		"DEV.example.com:4569":         {403, 418},
		"evil.dev.example.com":         {403, 403},
		"[::ffff:127.0.0.1]:4569":      {403, 403},
		"dev.example.com.evil.test:80": {403, 403},
	} {
		if got, body := ask(g, "GET", "/x", host); got != want.plain {
			t.Errorf("%q: %d %s, want %d", host, got, body, want.plain)
		} else if got == 403 && (!strings.Contains(body, "VOD_HOSTS") || !strings.Contains(body, "4569")) {
			t.Errorf("%q: the answer does not help: %s", host, body)
		}
		if got, body := ask(proxied, "GET", "/x", host); got != want.proxied {
			t.Errorf("%q with VOD_HOSTS: %d %s, want %d", host, got, body, want.proxied)
		}
	}
}

func TestAHostOfABucketIsAllowedWhereThereAreBuckets(t *testing.T) {
	g := Guard{Name: "S3", Port: 4567, Subdomains: true}
	for host, want := range map[string]int{
		"bucket.localhost:4567": 418, "a.b.localhost:4567": 418, "localhost:4567": 418,
		"bucket.localhost": 403, "bucket.localhost:4566": 403, "bucket.localhost.evil.test:4567": 403, "evillocalhost:4567": 403, "bucket.127.0.0.1:4567": 403,
	} {
		if got, _ := ask(g, "GET", "/", host); got != want {
			t.Errorf("%s: %d, want %d", host, got, want)
		}
	}
}

func TestOnEachPortOnlyItsOwnPagesPass(t *testing.T) {
	type row struct {
		name, method, url string
		headers           []string
		passes            string // kinds
	}
	const all = "control plane, MediaConvert, API, S3, delivery, page"
	cross, same := []string{"Sec-Fetch-Site", "cross-site"}, []string{"Sec-Fetch-Site", "same-site"}
	with := func(site []string, more ...string) []string { return append(append([]string{}, site...), more...) }
	for _, c := range []row{
		{"a tool", "POST", "/", nil, all},
		{"a typed address", "GET", "/", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, all},
		{"a same-origin GET", "GET", "/", []string{"Sec-Fetch-Site", "same-origin"}, all},
		{"a hostile fetch", "POST", "/", with(cross, "Origin", "https://evil.example"), ""},
		{"a hostile fetch of an old browser", "POST", "/", []string{"Origin", "https://evil.example"}, ""},
		{"a hostile preflight", "OPTIONS", "/", []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "PUT"}, ""},
		{"a hidden origin", "POST", "/", with(cross, "Origin", "null"), ""},
		{"two origins", "POST", "/", []string{"Origin", "https://app.example.com", "Origin", "https://evil.example"}, ""},
		{"an origin that begins like the application's", "POST", "/", []string{"Origin", "https://app.example.com.evil.example"}, ""},
		{"the application", "PUT", "/", with(cross, "Origin", "https://app.example.com"), "API, S3, delivery"},
		{"the page", "PUT", "/", with(same, "Origin", "http://127.0.0.1:4571"), "API, S3, delivery"},
		{"another port of this machine", "POST", "/", with(same, "Origin", "http://127.0.0.1:9999"), ""},
		{"a link", "GET", "/", with(cross, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), "delivery, page"},
		{"a link to a presigned URL", "GET", "/?X-Amz-Signature=1", with(cross, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), "S3, delivery, page"},
		{"a form without an origin", "POST", "/", with(cross, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"), ""},
		{"a frame", "GET", "/", with(cross, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"), ""},
		{"a video element", "GET", "/", with(cross, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "video"), "delivery"},
		{"a video element with a presigned URL", "GET", "/?X-Amz-Signature=1", with(same, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "video"), "S3, delivery"},
		{"an image", "GET", "/", with(same, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"), "delivery"},
		{"a script", "GET", "/", with(cross, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script"), ""},
		{"a plugin", "GET", "/", with(cross, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "object"), ""},
		{"a blind fetch", "GET", "/", with(cross, "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "empty"), ""},
		{"a site that no browser has today", "GET", "/", []string{"Sec-Fetch-Site", "new"}, ""},
	} {
		for kind, g := range kinds {
			host := map[string]string{"control plane": "127.0.0.1:4566", "MediaConvert": "127.0.0.1:4568", "API": "127.0.0.1:4570",
				"S3": "127.0.0.1:4567", "delivery": "127.0.0.1:4569", "page": "localhost:4571"}[kind]
			want := 403
			if strings.Contains(c.passes, kind) {
				want = 418
			}
			if got, body := ask(g, c.method, c.url, host, c.headers...); got != want {
				t.Errorf("%s on the port of %s: %d %s, want %d", c.name, kind, got, body, want)
			}
		}
	}
}

func TestAPageMayAskThePortThatItCameFrom(t *testing.T) {
	for kind, want := range map[string]int{"page": 418, "delivery": 418, "control plane": 403, "MediaConvert": 403} {
		host := map[string]string{"page": "127.0.0.1:4571", "delivery": "127.0.0.1:4569", "control plane": "127.0.0.1:4566", "MediaConvert": "127.0.0.1:4568"}[kind]
		if got, body := ask(kinds[kind], "GET", "/", host, "Origin", "http://"+host, "Sec-Fetch-Site", "same-origin"); got != want {
			t.Errorf("%s: %d %s, want %d", kind, got, body, want)
		}
	}
}

func TestARefusalIsForNoPageToRead(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "127.0.0.1:4570"
	r.Header.Set("Origin", "https://evil.example")
	kinds["API"].Wrap(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 403 || w.Header().Get("Access-Control-Allow-Origin") != "" || !strings.Contains(w.Body.String(), "corsOrigins") {
		t.Errorf("the answer is %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestPagesOfThisMachineAreToldFromOthers(t *testing.T) {
	for origin, want := range map[string]int{
		"http://127.0.0.1:3000": 3000, "http://localhost:5173": 5173, "http://[::1]:8080": 8080, "https://localhost": 443, "http://localhost": 80,
		"http://127.0.0.1:3000/": -1, "http://127.0.0.1.evil.example:80": -1, "null": -1, "": -1, "file://": -1, "http://evil.example": -1,
		"http://localhost:3000@evil.example": -1, "chrome-extension://abcdef": -1, "http://a@localhost:1": -1, "http://localhost:x": -1,
	} {
		port, ok := LoopbackOrigin(origin)
		if ok != (want >= 0) || ok && port != want {
			t.Errorf("%q: %d %v, want %d", origin, port, ok, want)
		}
	}
	hosts := ParseHosts("box.example.com:8443,dev.example.com,[fd00::1]")
	for origin, want := range map[string]bool{
		"https://box.example.com:8443": true, "https://box.example.com": false, "https://dev.example.com": true,
		"http://dev.example.com:99": true, "https://evil.example": false, "http://[fd00::1]:80": true, "null": false, "": false,
	} {
		if got := HostOrigin(hosts, origin); got != want {
			t.Errorf("%q among VOD_HOSTS: %v", origin, got)
		}
	}
}

package gateway

import (
	"net/http"
	"net/url"
	"os"
)

// Page is the page to try a stack with, at an address of its own: API,
// uploads and delivery are other origins, as they are for an application.
type Page struct {
	HTML   string // file
	Player string // file of hls.js
	// API is the URL that a page is sent to which names none in ?api=; false
	// before the first deploy.
	API func() (string, bool)
}

// pagePolicy lets the page run its own scripts and nobody else's; which
// hosts it talks to depends on the API.
const pagePolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; " +
	"connect-src *; img-src * data:; media-src * blob:; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler is the page and its player, and nothing else.
func (p Page) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("api") {
			p.redirect(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", pagePolicy)
		serve(w, r, p.HTML, "text/html; charset=utf-8")
	})
	mux.HandleFunc("GET /hls.min.js", func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, p.Player, "text/javascript; charset=utf-8")
	})
	return mux
}

func (p Page) redirect(w http.ResponseWriter, r *http.Request) {
	api, ok := p.API()
	if !ok {
		http.Error(w, "nothing is deployed yet: type \"make up\"", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/?api="+url.QueryEscape(api), http.StatusFound)
}

// serve answers with a file as it is now, so that a change shows at the next
// reload.
func serve(w http.ResponseWriter, r *http.Request, file, contentType string) {
	f, err := os.Open(file)
	if err != nil {
		http.Error(w, "the page is not complete: type \"make setup\"", http.StatusInternalServerError)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", info.ModTime(), f)
}

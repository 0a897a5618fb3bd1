package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Limits of an HTTP API, from API Gateway's quotas.
const (
	maxBody = 10 << 20 // bytes
	// MaxHeader is for the request's line and header together, in bytes.
	MaxHeader = 10 << 10
	// maxIntegration is how long the function may take.
	maxIntegration = 30 * time.Second
)

// API is the HTTP APIs of all stacks: what comes for /<stack>/… goes to the
// control plane, which knows routes, authorizers and CORS. The path that the
// control plane serves an API under is made of an id that changes with every
// new deploy; the stack's name does not.
type API struct {
	ControlPlane string // URL
	// Dial connects to it; nil for the URL's own address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// ID returns the id of a stack's API; false when no such stack is
	// deployed, or one without an API.
	ID  func(stack string) (string, bool)
	Log *slog.Logger
}

// Handler is the API as one handler.
func (a API) Handler() (http.Handler, error) {
	upstream, err := url.Parse(a.ControlPlane)
	if err != nil {
		return nil, fmt.Errorf("the control plane's address: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if a.Dial != nil {
		transport.DialContext = a.Dial
	}
	transport.DisableCompression = true // answers go out byte for byte
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = maxIntegration
	transport.IdleConnTimeout = maxIntegration // the control plane keeps them for 75 s
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stack, rest := split(r.URL.EscapedPath())
		id, ok := a.ID(stack)
		if !ok {
			if r.Method == http.MethodOptions {
				letAsk(w) // so that a page reads what follows
				return
			}
			refuse(w, http.StatusNotFound, fmt.Sprintf("no stack %q with an API is deployed here; the address is http://%s/<stack>/videos", stack, r.Host))
			return
		}
		if r.ContentLength > maxBody {
			refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		proxy := &httputil.ReverseProxy{
			Transport:    transport,
			Rewrite:      func(pr *httputil.ProxyRequest) { rewrite(pr, upstream, id, rest) },
			ErrorHandler: a.failed,
		}
		proxy.ServeHTTP(w, r)
	}), nil
}

// split takes the stack's name off a path, which stays as it was sent.
func split(escaped string) (stack, rest string) {
	stack, rest, _ = strings.Cut(strings.TrimPrefix(escaped, "/"), "/")
	return stack, "/" + rest
}

// rewrite turns a request for a stack into one for its API's default stage.
func rewrite(pr *httputil.ProxyRequest, upstream *url.URL, id, rest string) {
	pr.SetXForwarded()
	raw := "/_aws/execute-api/" + id + "/$default" + rest
	path, err := url.PathUnescape(raw)
	if err != nil {
		path = raw // cannot be: it was read out of a URL
	}
	pr.Out.URL.Scheme, pr.Out.URL.Host = upstream.Scheme, upstream.Host
	pr.Out.URL.Path, pr.Out.URL.RawPath = path, raw
	// What cannot be parsed of it is the function's to judge.
	pr.Out.URL.RawQuery = pr.In.URL.RawQuery
	pr.Out.Host = upstream.Host
}

// failed answers as an HTTP API does when there is no answer to pass on.
func (a API) failed(w http.ResponseWriter, r *http.Request, err error) {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	if r.Context().Err() == nil {
		a.Log.Warn("the API does not answer", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
}

// letAsk answers a preflight request for a stack that is not there.
func letAsk(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "*")
	w.Header().Set("Access-Control-Allow-Headers", "*, Authorization")
	w.WriteHeader(http.StatusNoContent)
}

// refuse is an answer of the gateway's own, which any page may read.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	body := json.NewEncoder(w)
	body.SetEscapeHTML(false)
	// Whoever has gone hears nothing.
	_ = body.Encode(map[string]string{"message": message})
}

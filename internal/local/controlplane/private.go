package controlplane

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// socketName is in Dir, which only the engine's user can enter.
const socketName = "socket"

// private is the program that makes ministack listen there.
//
//go:embed private.py
var private []byte

func (s *Server) wrapper() string { return filepath.Join(s.Dir, "private.py") }

func (s *Server) writeWrapper() error {
	if err := os.Chmod(s.Dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(s.wrapper(), private, 0o600)
}

// Dial connects to the control plane's own socket, whatever the address. What
// comes that way is neither guarded nor verified.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	// The path of a socket has 107 bytes at most, and a home may be deep: a
	// path by the folder's descriptor is short.
	dir, err := syscall.Open(s.Dir, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("the control plane's folder: %w", err)
	}
	defer syscall.Close(dir)
	var d net.Dialer
	return d.DialContext(ctx, "unix", fmt.Sprintf("/proc/self/fd/%d/%s", dir, socketName))
}

// Client sends requests over the socket.
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.transport()} }

func (s *Server) transport() *http.Transport {
	return &http.Transport{
		DialContext: s.Dial, MaxIdleConnsPerHost: 64,
		DisableCompression: true,             // answers go out byte for byte
		IdleConnTimeout:    30 * time.Second, // the control plane keeps them for 75 s
	}
}

// Proxy passes requests on over the socket, as they were sent.
func (s *Server) Proxy() http.Handler {
	return &httputil.ReverseProxy{
		Transport: s.transport(),
		ErrorLog:  slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.Out.URL.Scheme, pr.Out.URL.Host = "http", s.Address
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery
			pr.Out.Host = pr.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				s.Log.Warn("the control plane does not answer", "method", r.Method, "path", r.URL.Path, "error", err)
			}
			http.Error(w, "the control plane does not answer", http.StatusBadGateway)
		},
	}
}

// Unsigned tells whether a request needs no signature since its URL is secret:
// those that CloudFormation gives to custom resources and wait conditions.
// AWS presigns them; ministack ends them in a random token, and checks it.
func Unsigned(r *http.Request) bool {
	for _, prefix := range []string{"/_ministack/cfn-response/", "/_ministack/cfn-signal/"} {
		if token, ok := strings.CutPrefix(r.URL.Path, prefix); ok {
			return r.Method == http.MethodPut && token != "" && url.PathEscape(token) == token
		}
	}
	return false
}

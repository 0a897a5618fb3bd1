// Package delivery stands for CloudFront on one machine: it reads the
// destination bucket for viewers, who have no keys, and adds the headers
// that the distribution adds.
package delivery

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
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/vodstack/vodstack/internal/local/guard"
)

// emptyPayload is the SHA-256 of no body, which every request here has.
const emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// forwarded are the viewer's headers that reach the bucket; everything else
// (cookies, authorization, query strings) stays outside, as with the
// distribution's cache policy.
var forwarded = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// Origin is the bucket that is delivered, and how.
type Origin struct {
	Bucket  string            `json:"bucket"`
	Headers map[string]string `json:"headers"` // added to every answer
	CORS    CORS              `json:"cors"`
}

// Identity is a path that tells, as JSON, who listens here.
type Identity struct {
	Path  string
	Value any
}

// Proxy serves a bucket to viewers on Address.
type Proxy struct {
	Address   string // 127.0.0.1:port
	Store     string // URL of the object store
	Region    string
	AccessKey string
	SecretKey string
	// Origins returns what to deliver: none before the first deploy, and
	// one for each stack.
	Origins func() []Origin
	// Identity is answered by the proxy itself.
	Identity Identity
	// Guard stands in front of everything; nil for nothing.
	Guard func(http.Handler) http.Handler
	Log   *slog.Logger

	store  *url.URL
	server *http.Server
	signer *v4.Signer
	done   chan struct{}
	err    error
}

// Initialize starts listening.
func (p *Proxy) Initialize() error {
	var err error
	if p.store, err = url.Parse(p.Store); err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	listener, err := net.Listen("tcp", p.Address)
	if err != nil {
		return fmt.Errorf("delivery: %w", err)
	}
	// S3 signs the path as it is sent.
	p.signer = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	handler := p.handler()
	if p.Guard != nil {
		handler = p.Guard(handler)
	}
	p.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ConnContext: guard.ConnContext}
	p.done = make(chan struct{})
	go p.run(listener)
	return nil
}

// Close stops listening and gives viewers a moment to finish.
func (p *Proxy) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(ctx) != nil {
		p.server.Close()
	}
	<-p.done
}

// Done is closed when the proxy has ended, by Close or by itself.
func (p *Proxy) Done() <-chan struct{} { return p.done }

// Err says why the proxy ended by itself; it is valid after Done.
func (p *Proxy) Err() error { return p.err }

func (p *Proxy) run(listener net.Listener) {
	defer close(p.done)
	if err := p.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		p.err = fmt.Errorf("delivery on %s ended: %w", p.Address, err)
	}
}

func (p *Proxy) handler() http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// What the bucket holds goes out byte for byte.
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.Identity.Path != "" && r.URL.Path == p.Identity.Path {
			p.identify(w)
			return
		}
		origins := p.Origins()
		if len(origins) == 0 {
			http.Error(w, "nothing is deployed yet: type \"make up\"", http.StatusServiceUnavailable)
			return
		}
		if !admit(w, r, origins[0]) {
			return
		}
		origin := p.holder(transport, origins, r)
		proxy := &httputil.ReverseProxy{
			Transport: transport,
			Rewrite:   func(pr *httputil.ProxyRequest) { p.rewrite(pr, origin.Bucket) },
			ModifyResponse: func(resp *http.Response) error {
				keepForever(resp)
				origin.decorate(resp.Header, r)
				return nil
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				p.Log.Warn("the object store does not answer", "path", r.URL.Path, "error", err)
				origin.decorate(w.Header(), r)
				http.Error(w, "the object store does not answer", http.StatusBadGateway)
			},
		}
		proxy.ServeHTTP(w, r)
	})
}

func (p *Proxy) identify(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(p.Identity.Value); err != nil {
		p.Log.Warn("nobody heard who listens here", "error", err)
	}
}

// admit answers what never reaches the bucket.
func admit(w http.ResponseWriter, r *http.Request, origin Origin) bool {
	switch {
	case r.Method == http.MethodOptions:
		origin.decorate(w.Header(), r)
		w.WriteHeader(http.StatusOK)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "this address only delivers", http.StatusMethodNotAllowed)
	case strings.Trim(r.URL.Path, "/") == "" || leavesBucket(r.URL.Path):
		// Neither the bucket's list nor other buckets are for viewers.
		origin.decorate(w.Header(), r)
		http.Error(w, "access denied", http.StatusForbidden)
	default:
		return true
	}
	return false
}

func leavesBucket(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return s == ".." || s == "." })
}

// holder finds the stack whose bucket has what is asked for; one that
// nobody has is the first stack's to miss.
func (p *Proxy) holder(transport http.RoundTripper, origins []Origin, r *http.Request) Origin {
	if len(origins) == 1 {
		return origins[0]
	}
	for _, o := range origins {
		head := r.Clone(r.Context())
		head.Method, head.Header = http.MethodHead, http.Header{}
		p.rewrite(&httputil.ProxyRequest{In: head, Out: head}, o.Bucket)
		resp, err := transport.RoundTrip(head)
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return o
		}
	}
	return origins[0]
}

// rewrite turns a viewer's request into a signed one for the bucket.
func (p *Proxy) rewrite(pr *httputil.ProxyRequest, bucket string) {
	out := pr.Out
	headers := http.Header{"User-Agent": {"vodstack-delivery"}}
	for _, name := range forwarded {
		if v := pr.In.Header.Get(name); v != "" {
			headers.Set(name, v)
		}
	}
	out.Header, out.Body, out.ContentLength = headers, nil, 0
	out.URL = &url.URL{
		Scheme: p.store.Scheme, Host: p.store.Host,
		Path: "/" + bucket + pr.In.URL.Path, RawPath: "/" + bucket + pr.In.URL.EscapedPath(),
	}
	out.Host = p.store.Host
	headers.Set("X-Amz-Content-Sha256", emptyPayload)
	keys := aws.Credentials{AccessKeyID: p.AccessKey, SecretAccessKey: p.SecretKey}
	err := p.signer.SignHTTP(out.Context(), keys, out, emptyPayload, "s3", p.Region, time.Now())
	if err != nil {
		p.Log.Error("a request cannot be signed", "path", pr.In.URL.Path, "error", err)
	}
}

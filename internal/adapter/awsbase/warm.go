package awsbase

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// warmLimit is how long a start waits for its connections. One that is not
// there by then is left to the first event.
const warmLimit = time.Second

type warmKey struct{}

// Warm runs calls whose requests are not sent. All else is done: the endpoint
// resolved, the request written and signed, a connection opened, an empty
// answer read. Lambda starts a function on a whole core, and gives a small one a
// fraction of a core for its events: what a process does once belongs here
// (docs/adr/0009). Nothing of it can fail the start, so calls ignore their
// errors.
func Warm(ctx context.Context, calls func(ctx context.Context)) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, warmKey{}, true), warmLimit)
	defer cancel()
	calls(ctx)
}

// dials are the hosts to which a client has opened a connection beforehand.
type dials struct {
	mutex sync.Mutex
	hosts map[string]bool
}

// first tells whether this host was not asked for before.
func (d *dials) first(host string) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.hosts[host] {
		return false
	}
	d.hosts[host] = true
	return true
}

// warm answers a request that is not sent.
func (c client) warm(request *http.Request) *http.Response {
	if c.dials.first(request.URL.Host) {
		c.connect(request)
	}
	empty := "{}"
	if request.Header.Get("X-Amz-Target") == "" && request.Header.Get("Content-Type") != "application/json" {
		empty = "<Empty/>"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(empty)), ContentLength: int64(len(empty)), Request: request,
	}
}

// connect opens a connection and leaves it with the transport's idle ones: a
// request that is given up while the transport dials for it. The transport
// goes on, "because a future request may be able to make use of the
// connection" (net/http, getConn), and nothing is sent.
func (c client) connect(request *http.Request) {
	ctx, giveUp := context.WithCancel(request.Context())
	defer giveUp()
	connected := make(chan struct{})
	var once sync.Once
	done := func() { once.Do(func() { close(connected) }) }
	trace := &httptrace.ClientTrace{
		ConnectStart: func(string, string) { giveUp() },
		ConnectDone: func(_, _ string, err error) {
			if err != nil || request.URL.Scheme == "http" {
				done()
			}
		},
		TLSHandshakeDone: func(tls.ConnectionState, error) { done() },
	}
	probe, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodHead, request.URL.Scheme+"://"+request.URL.Host, nil)
	if err != nil {
		return
	}
	response, err := c.http.Do(probe)
	if err == nil { // there was a connection already
		_ = response.Body.Close()
		return
	}
	select {
	case <-connected:
	case <-request.Context().Done():
	}
}

package awsbase

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// maxCopied is the longest request body that the client copies, in bytes. The
// functions' own bodies are shorter: an item of DynamoDB has 400 KB at most, a
// deletion of a thousand keys one megabyte.
const maxCopied = 4 << 20

// ioBuffer is what a connection reads and writes at once, in bytes: four of
// TLS's longest records.
const ioBuffer = 64 << 10

// Client is an HTTP client whose requests end after the timeout, body
// included.
func Client(timeout time.Duration) aws.HTTPClient {
	transport := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 2 * time.Second }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = 16
			// A request of 20 KB goes out in two writes, not in twenty.
			t.WriteBufferSize, t.ReadBufferSize = ioBuffer, ioBuffer
			t.TLSClientConfig.DynamicRecordSizingDisabled = true
		}).
		GetTransport()
	// A signature is for one host: a redirect is an answer, as in the SDK's own client.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client{http.Client{Transport: transport, Timeout: timeout, CheckRedirect: stay}, &dials{hosts: map[string]bool{}}}
}

// WithTimeout is a client with another timeout, which shares the connections
// of the first. A client of another kind stays as it is.
func WithTimeout(of aws.HTTPClient, timeout time.Duration) aws.HTTPClient {
	c, ok := of.(client)
	if !ok {
		return of
	}
	c.http.Timeout = timeout
	return c
}

// A client sends the SDK's requests with bodies of its own.
//
// The SDK wraps a body in a type that net/http does not know as one in memory,
// and closes it as soon as the answer's header is there (smithy-go 1.28.8,
// transport/http/client.go). So net/http sends the header by itself, and the
// answer may come while it still reads the body's end, which then is an error:
// the connection is dropped, sometimes under the answer that is being read
// ("use of closed network connection", aws-sdk-go-v2 issue 2737). A body of
// type bytes.Reader is sent together with the header, and stays readable.
type client struct {
	http  http.Client
	dials *dials
}

// Do sends a request. net/http sends it again at once, where the SDK would
// wait before it does, when a connection of an earlier call turns out to be
// dead before any answer: so it is in a function that was frozen.
func (c client) Do(request *http.Request) (*http.Response, error) {
	if request.Context().Value(warmKey{}) != nil {
		return c.warm(request), nil
	}
	owned, err := owning(request)
	if err != nil {
		return nil, fmt.Errorf("read the request's body: %w", err)
	}
	return c.http.Do(owned)
}

// owning is the request with a copy of its body.
func owning(request *http.Request) (*http.Request, error) {
	if request.Body == nil || request.ContentLength <= 0 || request.ContentLength > maxCopied {
		return request, nil
	}
	body := make([]byte, request.ContentLength)
	if _, err := io.ReadFull(request.Body, body); err != nil {
		return nil, err
	}
	owned := request.WithContext(request.Context()) // a shallow copy
	owned.Body = io.NopCloser(bytes.NewReader(body))
	owned.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	owned.Header = request.Header.Clone()
	owned.Header["Idempotency-Key"] = nil // not sent; see http.Transport
	return owned, nil
}

package objectstore

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
)

// ControlPlane is the S3 that CloudFormation makes buckets in and that Lambda
// loads code from. It answers for every bucket that the store does not have,
// and makes those that CreateBucket asks for: what it makes, its other services
// see, and it has the calls for events, lifecycle and encryption that the store
// lacks. The store has only the buckets of PrepareBucket.
type ControlPlane struct {
	Dial func(ctx context.Context) (net.Conn, error)
	// Verify, where set, refuses a request that may not pass. It is given the
	// request as it came, without its body.
	Verify func(*http.Request) error
}

const (
	// hostedDomain is what the host of a virtual-hosted request ends in: every
	// name below it is this machine (RFC 6761).
	hostedDomain = "localhost"
	// makeHereHeader on CreateBucket asks for a bucket of the store.
	makeHereHeader = "X-Vod-Make-Here"
	// controlPlaneHost is only for messages: Dial knows the address.
	controlPlaneHost = "control-plane"
)

// forwarder sends requests on to the control plane.
type forwarder struct {
	*ControlPlane
	transport http.RoundTripper
	store     backend.Backend
}

func newForwarder(to *ControlPlane, store backend.Backend) *forwarder {
	if to == nil {
		return nil
	}
	return &forwarder{ControlPlane: to, store: store, transport: &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return to.Dial(ctx) },
		DisableCompression: true,
		// A connection that the control plane closes while it is idle could
		// take an upload with it, which cannot be sent a second time.
		DisableKeepAlives: true,
	}}
}

// serves tells whether a request is the control plane's.
func (f *forwarder) serves(ctx fiber.Ctx) bool {
	if f == nil {
		return false
	}
	bucket, _ := bucketOf(ctx)
	if !utils.IsValidBucketName(bucket) || ctx.Get(makeHereHeader) != "" {
		return false
	}
	_, err := f.store.HeadBucket(ctx.RequestCtx(), &s3.HeadBucketInput{Bucket: &bucket})
	var known s3err.BucketError
	return errors.As(err, &known) && known.Code == s3err.GetAPIError(s3err.ErrNoSuchBucket).Code
}

// bucketOf is the bucket that a request names: in its host, or at the begin of
// its path; empty for the account's own calls.
func bucketOf(ctx fiber.Ctx) (bucket string, hosted bool) {
	host, _, _ := strings.Cut(string(ctx.Request().Header.Host()), ":")
	if bucket, hosted = strings.CutSuffix(host, "."+hostedDomain); hosted {
		return bucket, true
	}
	path, _, _ := strings.Cut(string(ctx.RequestCtx().RequestURI()), "?")
	bucket, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if unescaped, err := url.PathUnescape(bucket); err == nil {
		bucket = unescaped
	}
	return bucket, false
}

// send carries a request out on the control plane. Host and headers stay as
// they were signed; bodies are streamed in both directions.
func (f *forwarder) send(ctx fiber.Ctx) error {
	r, err := httpRequest(ctx)
	if err != nil {
		return ctx.SendStatus(http.StatusBadRequest)
	}
	if f.Verify != nil && r.Method != http.MethodOptions { // browsers do not sign preflights
		if err := f.Verify(r); err != nil {
			return refuse(ctx, s3err.GetAPIError(s3err.ErrAccessDenied))
		}
	}
	if err := address(ctx, r); err != nil {
		return ctx.SendStatus(http.StatusBadRequest)
	}
	body := bodyOf(ctx, r)
	resp, err := f.transport.RoundTrip(r)
	body.release(ctx)
	var refusal s3err.S3Error
	switch {
	case errors.As(err, &refusal): // of the body
		return refuse(ctx, refusal)
	case err != nil:
		return refuse(ctx, s3err.GetAPIError(s3err.ErrInternalError))
	}
	answer(ctx, resp)
	return nil
}

// address makes the request one to the control plane, which takes buckets in
// the path only.
func address(ctx fiber.Ctx, r *http.Request) error {
	if bucket, hosted := bucketOf(ctx); hosted {
		target, err := url.ParseRequestURI("/" + bucket + r.RequestURI)
		if err != nil {
			return err
		}
		r.URL = target
	}
	r.URL.Scheme, r.URL.Host = "http", controlPlaneHost
	for _, name := range hopHeaders {
		r.Header.Del(name)
	}
	if len(r.Header.Values("User-Agent")) == 0 {
		r.Header.Set("User-Agent", "") // none is added
	}
	return nil
}

// hopHeaders are about one connection; the first server has answered Expect.
var hopHeaders = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"}

// lentBody is a request's body while it is lent to the transport, which may
// read on after it has the answer.
type lentBody struct {
	io.Reader
	once     sync.Once
	returned chan struct{}
}

func (b *lentBody) Close() error {
	b.once.Do(func() { close(b.returned) })
	return nil
}

// bodyOf lends the body to the request.
func bodyOf(ctx fiber.Ctx, r *http.Request) *lentBody {
	body := &lentBody{returned: make(chan struct{})}
	length, stream := ctx.Request().Header.ContentLength(), ctx.Request().BodyStream()
	switch {
	case stream == nil: // none, or a form, which fasthttp has read already
		form := ctx.BodyRaw()
		body.Reader, length = bytes.NewReader(form), len(form)
	case length >= 0:
		body.Reader = &wholeBody{r: stream, left: int64(length)}
	default:
		body.Reader, length = stream, -1
	}
	r.Body, r.ContentLength = body, int64(length)
	if length == 0 {
		r.Body = http.NoBody
		_ = body.Close()
	}
	return body
}

// release waits until the transport has given the body back: afterwards it is
// another request's. A read that waits for a client that in turn waits for the
// answer is ended.
func (b *lentBody) release(ctx fiber.Ctx) {
	conn := ctx.RequestCtx().Conn()
	_ = conn.SetReadDeadline(time.Unix(1, 0))
	<-b.returned
	_ = conn.SetReadDeadline(time.Time{})
}

// answer hands the control plane's answer on.
func answer(ctx fiber.Ctx, resp *http.Response) {
	to := ctx.Response()
	to.SetStatusCode(resp.StatusCode)
	to.Header.SetNoDefaultContentType(true)
	for name, values := range resp.Header {
		if slices.Contains(hopHeaders, name) || name == "Content-Length" {
			continue
		}
		to.Header.Del(name)
		for _, v := range values {
			to.Header.Add(name, v)
		}
	}
	to.SetBodyStream(resp.Body, int(resp.ContentLength))
}

// refuse answers as S3 does.
func refuse(ctx fiber.Ctx, err s3err.S3Error) error {
	request, host := utils.EnsureRequestIDs(ctx)
	ctx.Response().Header.SetContentType(fiber.MIMEApplicationXML)
	return ctx.Status(err.StatusCode()).Send(err.XMLBody(request, host))
}

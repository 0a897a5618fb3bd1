package objectstore

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v3"
)

// admitKey finds the func in a guarded request's context that carries it out.
type admitKey struct{}

// admit is what the guard wraps.
func admit(_ http.ResponseWriter, r *http.Request) {
	if next, ok := r.Context().Value(admitKey{}).(func()); ok {
		next()
	}
}

// guardAnswer takes what the guard answers by itself. Of an admitted request
// only the headers count.
type guardAnswer struct {
	header http.Header
	status int
	body   []byte
}

func (a *guardAnswer) Header() http.Header    { return a.header }
func (a *guardAnswer) WriteHeader(status int) { a.status = status }

func (a *guardAnswer) Write(p []byte) (int, error) {
	a.body = append(a.body, p...)
	return len(p), nil
}

// httpRequest is the request without its body.
func httpRequest(ctx fiber.Ctx) (*http.Request, error) {
	from := ctx.RequestCtx()
	uri := string(from.RequestURI())
	target, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: string(from.Method()), URL: target, RequestURI: uri, Host: string(from.Request.Header.Host()),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Body: http.NoBody,
		RemoteAddr: from.RemoteAddr().String(),
	}
	for name, value := range from.Request.Header.All() {
		r.Header.Add(string(name), string(value))
	}
	r.Header.Del("Host")
	r.ContentLength = int64(max(from.Request.Header.ContentLength(), 0)) // which a signature may be of
	return r, nil
}

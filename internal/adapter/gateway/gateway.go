// Package gateway is what stands between an HTTP API of API Gateway and an
// http.Handler: events of payload version 2.0 become requests, and the caller
// is who the API's authorizer has confirmed.
package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/vodstack/vodstack/internal/contract"
)

// Caller is who asks and where, for the handler.
type Caller struct {
	Owner     string // empty when nobody was confirmed
	Refused   string // why nobody was, where there is more to say
	BaseURL   string // the API's own, without a slash at its end
	RequestID string // API Gateway's
	Warming   bool   // nobody asks: the request is Warm's
}

// Gateway hands events to a handler.
type Gateway struct {
	Auth    Auth
	BaseURL string // the API's own, where it is not the gateway's
	Handler http.Handler
	// Mark puts the caller into the context that the handler gets.
	Mark func(context.Context, Caller) context.Context
	Log  *slog.Logger
}

// Handle answers an event. It has no error of its own: what cannot be a
// request is a bad one.
func (g *Gateway) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	event.RawPath = g.path(event)
	event.Headers, event.RequestContext.DomainName = known(event)
	caller := Caller{BaseURL: g.base(event), RequestID: event.RequestContext.RequestID, Warming: event.RequestContext.RequestID == warmRequest}
	caller.Owner, caller.Refused = g.Auth.owner(event.RequestContext)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range event.Headers { // httpadapter splits them at their commas
			r.Header.Set(name, value)
		}
		g.Handler.ServeHTTP(w, r.WithContext(g.Mark(r.Context(), caller)))
	})
	answer, err := httpadapter.NewV2(handler).ProxyWithContext(ctx, event)
	if err != nil {
		g.Log.WarnContext(ctx, "no request", "requestId", caller.RequestID, "error", err.Error())
		return unreadable(), nil
	}
	return answer, nil
}

// path is the route's path, escaped: rawPath comes decoded, with whatever was
// in it. Behind a domain of one's own it begins with that domain's mapping.
func (g *Gateway) path(event events.APIGatewayV2HTTPRequest) string {
	path := event.RawPath
	if base, err := url.Parse(g.BaseURL); err == nil && base.Path != "" {
		prefix := strings.TrimSuffix(base.Path, "/")
		if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '/') {
			path = rest
		}
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Path: path}).EscapedPath()
}

func (g *Gateway) base(event events.APIGatewayV2HTTPRequest) string {
	if g.BaseURL != "" {
		return strings.TrimSuffix(g.BaseURL, "/")
	}
	return "https://" + event.RequestContext.DomainName
}

// known are the headers and the domain name without what cannot be part of a
// request: a handler never sees it.
func known(event events.APIGatewayV2HTTPRequest) (map[string]string, string) {
	headers := make(map[string]string, len(event.Headers))
	for name, value := range event.Headers {
		if !strings.ContainsAny(name+value, "\r\n\x00") {
			headers[name] = value
		}
	}
	domain := event.RequestContext.DomainName
	if _, err := url.Parse("https://" + domain); err != nil {
		domain = ""
	}
	return headers, domain
}

// unreadable is the answer to what is no request.
func unreadable() events.APIGatewayV2HTTPResponse {
	problem := contract.Problemf(contract.CodeRequestUnreadable,
		"the request's method, path or body cannot be read; send what GET /openapi.json describes")
	body, err := json.Marshal(problem)
	if err != nil {
		panic(err) // plain strings and a number
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: problem.Status, Body: string(body),
		Headers: map[string]string{"Content-Type": problem.ContentType(""), "Cache-Control": "no-store"},
	}
}

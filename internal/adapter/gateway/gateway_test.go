package gateway

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

type callerKey struct{}

// seen is what a handler got.
type seen struct {
	Caller
	method, path, query, body string
	header                    http.Header
}

// gate is a gateway whose handler remembers what it got.
func gate(auth Auth, base string) (*Gateway, *seen) {
	got := &seen{}
	return &Gateway{
		Auth: auth, BaseURL: base, Log: (&testkit.Log{}).Logger(),
		Mark: func(ctx context.Context, c Caller) context.Context { return context.WithValue(ctx, callerKey{}, c) },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			caller, _ := r.Context().Value(callerKey{}).(Caller)
			*got = seen{caller, r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header}
			w.Header().Set("ETag", `"v1"`)
			w.WriteHeader(201)
			_, _ = w.Write([]byte("{}"))
		}),
	}, got
}

func event(text string) events.APIGatewayV2HTTPRequest {
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		panic(err)
	}
	return e
}

func TestAnEventIsARequestOfItsCaller(t *testing.T) {
	g, got := gate(JWT, "")
	answer, err := g.Handle(context.Background(), event(`{"version":"2.0","rawPath":"/videos","rawQueryString":"limit=1&x=a%20b",
		"headers":{"accept":"text/html, application/json;q=0.5","if-match":"\"v1\", \"v2\"","content-type":"application/json"},
		"requestContext":{"domainName":"abc.execute-api.eu-central-1.amazonaws.com","requestId":"r1","http":{"method":"POST","path":"/videos"},
		"authorizer":{"jwt":{"claims":{"sub":"alice","iss":"x"},"scopes":[]}}},"body":"eyJhIjoxfQ==","isBase64Encoded":true}`))
	if err != nil || answer.StatusCode != 201 || answer.Body != "{}" || answer.Headers["Etag"] != `"v1"` {
		t.Errorf("answer is %+v, %v", answer, err)
	}
	if got.Owner != "alice" || got.BaseURL != "https://abc.execute-api.eu-central-1.amazonaws.com" || got.RequestID != "r1" {
		t.Errorf("caller is %+v", got.Caller)
	}
	if got.method != "POST" || got.path != "/videos" || got.query != "limit=1&x=a%20b" || got.body != `{"a":1}` {
		t.Errorf("request is %+v", got)
	}
	if got.header.Get("Accept") != "text/html, application/json;q=0.5" || got.header.Get("If-Match") != `"v1", "v2"` {
		t.Errorf("headers are %v", got.header)
	}
}

func TestAPathIsTakenAsItIsWhateverIsInIt(t *testing.T) {
	g, got := gate(Open, "")
	for _, path := range []string{"/videos/a b", "/videos/a?b=c", "/videos/a#b", "/videos/100%", "/videos/%2e%2e", "/videos/\u0000\r\n", "/videos/é🎬", "//videos", "/videos/../x", "/videos/:", "/\\", "/videos/[", `/"<>`} {
		var e events.APIGatewayV2HTTPRequest
		e.RawPath, e.RequestContext.HTTP.Method = path, "GET"
		answer, err := g.Handle(context.Background(), e)
		if err != nil || answer.StatusCode != 201 || got.path != path {
			t.Errorf("%q arrived as %q: %+v, %v", path, got.path, answer, err)
		}
	}
	for path, want := range map[string]string{"": "/", "videos": "/videos"} {
		var e events.APIGatewayV2HTTPRequest
		e.RawPath, e.RequestContext.HTTP.Method = path, "GET"
		if _, err := g.Handle(context.Background(), e); err != nil || got.path != want {
			t.Errorf("%q arrived as %q, %v", path, got.path, err)
		}
	}
}

func TestTheMappingOfADomainOfOnesOwnIsNoPartOfThePath(t *testing.T) {
	for _, base := range []string{"https://api.example/vod", "https://api.example/vod/"} {
		g, got := gate(Open, base)
		for raw, want := range map[string]string{"/vod/videos": "/videos", "/videos": "/videos", "/vod": "/", "/vodka/videos": "/vodka/videos", "/vod/vod/videos": "/vod/videos"} {
			var e events.APIGatewayV2HTTPRequest
			e.RawPath, e.RequestContext.HTTP.Method, e.RequestContext.DomainName = raw, "GET", "other"
			if _, err := g.Handle(context.Background(), e); err != nil || got.path != want || got.BaseURL != "https://api.example/vod" {
				t.Errorf("%s of %s: %s at %s, %v", raw, base, got.path, got.BaseURL, err)
			}
		}
	}
}

func TestWhatIsNoRequestIsABadOne(t *testing.T) {
	for name, change := range map[string]func(*events.APIGatewayV2HTTPRequest){
		"method": func(e *events.APIGatewayV2HTTPRequest) { e.RequestContext.HTTP.Method = "G E T" },
		"body":   func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.IsBase64Encoded = "!!", true },
	} {
		g, _ := gate(Open, "")
		e := event(`{"rawPath":"/videos","requestContext":{"http":{"method":"GET"}}}`)
		change(&e)
		answer, err := g.Handle(context.Background(), e)
		var problem contract.Problem
		if err != nil || json.Unmarshal([]byte(answer.Body), &problem) != nil || answer.StatusCode != 400 || problem.Code != contract.CodeRequestUnreadable ||
			answer.Headers["Content-Type"] != "application/problem+json" {
			t.Errorf("%s: %+v, %v", name, answer, err)
		}
	}
}

func TestOddHeadersAndDomainsDoNoHarm(t *testing.T) {
	g, got := gate(Open, "")
	e := event(`{"rawPath":"/videos","headers":{"x-a":"b\r\nx-evil: 1","x-good":"c"},"requestContext":{"domainName":"a b%zz","http":{"method":"GET"}}}`)
	answer, err := g.Handle(context.Background(), e)
	if err != nil || answer.StatusCode != 201 || got.header.Get("x-a") != "" || got.header.Get("x-good") != "c" {
		t.Errorf("%+v, %v; headers %v", answer, err, got.header)
	}
}

func TestOnlyWhatTheAuthorizerConfirmedMakesAnOwner(t *testing.T) {
	const (
		jwt     = `{"jwt":{"claims":{"sub":"alice"}}}`
		noSub   = `{"jwt":{"claims":{"name":"alice"}}}`
		user    = `{"iam":{"userId":"AIDAX","accessKey":"AKIA"}}`
		role    = `{"iam":{"userId":"AROAX:session-1"}}`
		cognito = `{"iam":{"userId":"AROAX:CognitoIdentityCredentials","cognitoIdentity":{"identityId":"eu-central-1:abc","amr":["authenticated"]}}}`
		noID    = `{"iam":{"userId":null,"cognitoIdentity":null}}`
		lambda  = `{"lambda":{"sub":"alice"}}`
	)
	for _, c := range []struct {
		auth       Auth
		authorizer string
		owner      string
	}{
		{JWT, jwt, "alice"}, {JWT, noSub, ""}, {JWT, user, ""}, {JWT, lambda, ""}, {JWT, "null", ""}, {JWT, "{}", ""},
		{IAM, user, "AIDAX"}, {IAM, role, "AROAX"}, {IAM, cognito, "eu-central-1:abc"}, {IAM, noID, ""}, {IAM, jwt, ""}, {IAM, "null", ""},
		{Open, "null", "local"}, {Open, jwt, "local"}, {"", jwt, ""}, {"", user, ""},
		{JWT, `{"jwt":{"claims":{"sub":"` + strings.Repeat("a", 1025) + `"}}}`, ""},
	} {
		g, got := gate(c.auth, "")
		e := event(`{"rawPath":"/videos","headers":{"authorization":"Bearer x"},"requestContext":{"http":{"method":"GET"},"authorizer":` + c.authorizer + `}}`)
		if _, err := g.Handle(context.Background(), e); err != nil || got.Owner != c.owner {
			t.Errorf("%s %s: owner is %q, want %q (%v)", c.auth, c.authorizer, got.Owner, c.owner, err)
		}
	}
}

func TestAnUnknownWayOfAuthorizationStopsTheStart(t *testing.T) {
	for word, ok := range map[string]bool{"IAM": true, "JWT": true, "OPEN": true, "": false, "open": false, "NONE": false} {
		var a Auth
		if err := a.UnmarshalText([]byte(word)); (err == nil) != ok {
			t.Errorf("%q: %v", word, err)
		}
	}
}

func TestWarmingReachesTheHandlerWhateverTheAuthorization(t *testing.T) {
	for _, auth := range []Auth{IAM, JWT, Open} {
		g, got := gate(auth, "")
		g.Warm(context.Background(), "POST", "/videos", "{}")
		if got.Owner == "" || got.method != "POST" || got.path != "/videos" || got.body != "{}" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: the handler got %+v", auth, got)
		}
	}
}

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
	if got.Owner != "jwt:x|alice" || got.BaseURL != "https://abc.execute-api.eu-central-1.amazonaws.com" || got.RequestID != "r1" || got.Warming {
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

// ownerOf is whom a gateway takes the caller of an event for.
func ownerOf(t *testing.T, auth Auth, authorizer string) Caller {
	t.Helper()
	g, got := gate(auth, "")
	e := event(`{"rawPath":"/videos","headers":{"authorization":"Bearer x"},"requestContext":{"http":{"method":"GET"},"authorizer":` + authorizer + `}}`)
	if _, err := g.Handle(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	return got.Caller
}

// token is an authorizer that has confirmed claims.
func token(claims map[string]string) string {
	text, err := json.Marshal(map[string]any{"jwt": map[string]any{"claims": claims, "scopes": nil}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// signedBy is an authorizer that has confirmed a signature, as API Gateway
// describes it.
func signedBy(userID, arn string) string {
	return `{"iam":{"accessKey":"ASIA","accountId":"123456789012","callerId":"` + userID + `","cognitoIdentity":null,"principalOrgId":"aws:PrincipalOrgID","userArn":"` + arn + `","userId":"` + userID + `"}}`
}

func TestOnlyWhatTheAuthorizerConfirmedMakesAnOwner(t *testing.T) {
	const (
		noSub   = `{"jwt":{"claims":{"iss":"https://i","name":"alice"}}}`
		noIss   = `{"jwt":{"claims":{"sub":"alice"}}}`
		cognito = `{"iam":{"userId":"AROAX:CognitoIdentityCredentials","cognitoIdentity":{"identityId":"eu-central-1:abc","amr":["authenticated"]}}}`
		noID    = `{"iam":{"userId":null,"cognitoIdentity":null}}`
		unnamed = `{"iam":{"userId":"AROAX:"}}`
		lambda  = `{"lambda":{"sub":"alice"}}`
	)
	jwt, user, role := token(map[string]string{"iss": "https://i", "sub": "alice"}), signedBy("AIDAX", "arn:aws:iam::123456789012:user/alice"), signedBy("AROAX:session-1", "arn:aws:sts::123456789012:assumed-role/R/session-1")
	for _, c := range []struct {
		auth       Auth
		authorizer string
		owner      string
	}{
		{JWT, jwt, "jwt:https://i|alice"}, {JWT, noSub, ""}, {JWT, noIss, ""}, {JWT, user, ""}, {JWT, lambda, ""}, {JWT, "null", ""}, {JWT, "{}", ""},
		{IAM, user, "iam:AIDAX"}, {IAM, role, "iam:AROAX:session-1"}, {IAM, cognito, "cognito:eu-central-1:abc"}, {IAM, noID, ""}, {IAM, unnamed, ""}, {IAM, jwt, ""}, {IAM, "null", ""},
		{Open, "null", "local"}, {Open, jwt, "local"}, {"", jwt, ""}, {"", user, ""},
	} {
		if got := ownerOf(t, c.auth, c.authorizer); got.Owner != c.owner {
			t.Errorf("%s %s: owner is %q, want %q", c.auth, c.authorizer, got.Owner, c.owner)
		}
	}
}

// people are callers of whom no two are one owner.
var people = []struct {
	auth       Auth
	authorizer string
}{
	{IAM, signedBy("AROAROLE:alice", "arn:aws:sts::123456789012:assumed-role/Role/alice")},
	{IAM, signedBy("AROAROLE:mallory", "arn:aws:sts::123456789012:assumed-role/Role/mallory")},
	{IAM, signedBy("AROAOTHER:alice", "arn:aws:sts::123456789012:assumed-role/Other/alice")},
	{IAM, signedBy("AROAROLE", "arn:aws:iam::123456789012:role/Role")},
	{IAM, signedBy("AIDAALICE", "arn:aws:iam::123456789012:user/alice")},
	{IAM, signedBy("123456789012", "arn:aws:iam::123456789012:root")},
	{IAM, signedBy("123456789012:alice", "arn:aws:sts::123456789012:federated-user/alice")},
	{IAM, signedBy("123456789012:mallory", "arn:aws:sts::123456789012:federated-user/mallory")},
	{IAM, `{"iam":{"userId":"AROAPOOL:CognitoIdentityCredentials","cognitoIdentity":{"identityId":"eu-central-1:alice"}}}`},
	{IAM, `{"iam":{"userId":"AROAPOOL:CognitoIdentityCredentials","cognitoIdentity":{"identityId":"eu-central-1:mallory"}}}`},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "alice"})},
	{JWT, token(map[string]string{"iss": "https://other", "sub": "alice"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "other|alice"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "AIDAALICE"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "iam:AIDAALICE"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "local"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "AROAROLE:alice"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "eu-central-1:alice"})},
	{JWT, token(map[string]string{"iss": "https://issuer", "sub": "Alice"})},
	{Open, "null"},
}

func TestNoTwoPeopleAreOneOwner(t *testing.T) {
	seen := map[string]string{}
	for _, p := range people {
		owner := ownerOf(t, p.auth, p.authorizer).Owner
		if other, known := seen[owner]; known || owner == "" {
			t.Errorf("%s is the owner %q, as is %s", p.authorizer, owner, other)
		}
		seen[owner] = p.authorizer
		if strings.Contains(owner, "123456789012") || strings.Contains(owner, "arn:") {
			t.Errorf("the owner %q names the account", owner)
		}
		if again := ownerOf(t, p.auth, p.authorizer).Owner; again != owner {
			t.Errorf("%s is %q, then %q", p.authorizer, owner, again)
		}
	}
}

func TestAnOwnerOfAnEarlierVersionIsNobodysNow(t *testing.T) {
	for _, p := range people {
		if owner := ownerOf(t, p.auth, p.authorizer).Owner; owner != LocalOwner && !strings.HasPrefix(owner, "iam:") && !strings.HasPrefix(owner, "jwt:https://") && !strings.HasPrefix(owner, "cognito:") {
			t.Errorf("the owner %q has no kind, so it could be one of an earlier version", owner)
		}
	}
}

func TestATokenThatIsNoAccessTokenIsRefused(t *testing.T) {
	claims := func(change map[string]string) map[string]string {
		all := map[string]string{"iss": "https://i", "sub": "alice", "aud": "web", "exp": "1"}
		for name, value := range change {
			all[name] = value
		}
		return all
	}
	for _, change := range []map[string]string{
		{"token_use": "id"}, {"token_use": "ID"}, {"nonce": "n"}, {"nonce": ""}, {"at_hash": "h"}, {"c_hash": "h"}, {"events": "map[]"}, {"token_use": "access", "at_hash": "h"},
	} {
		if got := ownerOf(t, JWT, token(claims(change))); got.Owner != "" || !strings.Contains(got.Refused, "access token") {
			t.Errorf("%v: owner is %q, refused with %q", change, got.Owner, got.Refused)
		}
	}
	for _, change := range []map[string]string{{}, {"token_use": "access"}, {"scope": "videos"}, {"auth_time": "1", "azp": "web"}} {
		if got := ownerOf(t, JWT, token(claims(change))); got.Owner != "jwt:https://i|alice" || got.Refused != "" {
			t.Errorf("%v: owner is %q, refused with %q", change, got.Owner, got.Refused)
		}
	}
}

func TestAnOwnerFitsAnIndexAndCanBeTold(t *testing.T) {
	longest := strings.Repeat("a", ownerLimit-len("jwt:https://i|"))
	for sub, ok := range map[string]bool{
		"a": true, "auth0|5f7c8ec7c33c6c004bbafe82": true, "é🎬": true, "a b": true, "a#Complete": true, longest: true,
		longest + "a": false,
	} {
		if got := ownerOf(t, JWT, token(map[string]string{"iss": "https://i", "sub": sub})); (got.Owner != "") != ok {
			t.Errorf("%.40q: owner is %.40q", sub, got.Owner)
		}
	}
	// What cannot be read is one and the same character whatever it was.
	for _, sub := range []string{"a\x00b", "a\nb", "a\x7fb", "a\u0085b", "a\ufffdb", "a\xffb"} {
		if got := ownerOf(t, JWT, token(map[string]string{"iss": "https://i", "sub": sub})); got.Owner != "" {
			t.Errorf("%q is the owner %q", sub, got.Owner)
		}
	}
	if got := ownerOf(t, JWT, token(map[string]string{"iss": "https://i|a", "sub": "b"})); got.Owner != "" {
		t.Errorf("an issuer with a bar in it makes the owner %q, which another could be, too", got.Owner)
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
		if got.Owner == "" || !got.Warming || got.method != "POST" || got.path != "/videos" || got.body != "{}" || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: the handler got %+v", auth, got)
		}
	}
}

package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// everyCall is each route of a video, as another owner would try it.
var everyCall = []struct {
	method, path string
	body         any
	headers      []string
}{
	{http.MethodGet, "", nil, nil},
	{http.MethodGet, "/upload", nil, nil},
	{http.MethodPost, "/upload/complete", nil, nil},
	{http.MethodDelete, "/upload", nil, nil},
	{http.MethodPatch, "", map[string]any{"title": "mine now"}, []string{"If-Match", "*"}},
	{http.MethodPost, "/encode", map[string]any{}, nil},
	{http.MethodGet, "/events", nil, nil},
	{http.MethodDelete, "", nil, nil},
}

func strangers(t *testing.T) {
	t.Parallel()
	owner, stranger := person(t, "owner"), person(t, "stranger")
	d := owner.announce(t, clips.Tiny, map[string]any{"title": "private"})
	nobodys := "00000000-0000-4000-8000-00000000dead"
	for _, call := range everyCall {
		foreign := stranger.do(t, call.method, d.path()+call.path, call.body, call.headers...)
		unknown := stranger.do(t, call.method, "/videos/"+nobodys+call.path, call.body, call.headers...)
		wantProblem(t, foreign, http.StatusNotFound, "VideoUnknown")
		if strings.ReplaceAll(foreign.Text, d.id, nobodys) != unknown.Text || foreign.Status != unknown.Status {
			t.Errorf("%s %s of another's video: %s, of none: %s", call.method, call.path, foreign, unknown)
		}
	}
	for _, answer := range []rest.Answer{stranger.get(t, "/videos"), stranger.get(t, "/videos?status=new")} {
		if strings.Contains(answer.Text, d.id) {
			t.Error("another's video is listed")
		}
	}
	checkValues(t, d.look(t), map[string]any{"title": "private", "encodingStatus": "new"})
	sameTime(t, stranger, d.path(), "/videos/"+nobodys)
}

// sameTime asks in turn for a video of someone else and for none.
func sameTime(t *testing.T, c caller, foreign, unknown string) {
	t.Helper()
	const rounds = 41
	took := map[string][]time.Duration{}
	for range rounds {
		for _, path := range []string{foreign, unknown} {
			began := time.Now()
			c.do(t, http.MethodGet, path, nil)
			took[path] = append(took[path], time.Since(began))
		}
	}
	median := func(path string) time.Duration { return slices.Sorted(slices.Values(took[path]))[rounds/2] }
	t.Logf("the median of %d calls: another's video %v, none %v", rounds, median(foreign), median(unknown))
	// A read of the table more takes about 5 ms here; half a call's time is
	// far beyond what the machine's noise does to a median.
	if a, b := median(foreign), median(unknown); a > b*3/2 || b > a*3/2 {
		t.Errorf("the time tells them apart: another's video %v, none %v", a, b)
	}
}

func badTokens(t *testing.T) {
	t.Parallel()
	good := world.issuer.Claims("someone", nil)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	hour := time.Hour
	tokens := map[string]string{
		"expired":                    minted(world.issuer.Token("someone", map[string]any{"exp": time.Now().Add(-time.Second).Unix()})),
		"not good yet":               minted(world.issuer.Token("someone", map[string]any{"nbf": time.Now().Add(hour).Unix()})),
		"of another issuer":          minted(world.issuer.Token("someone", map[string]any{"iss": "http://127.0.0.1:1/"})),
		"for another audience":       minted(world.issuer.Token("someone", map[string]any{"aud": "another application"})),
		"for no audience":            minted(world.issuer.Token("someone", map[string]any{"aud": nil})),
		"signed by a stranger":       minted(world.issuer.Sign(jwt.SigningMethodRS256, other, good)),
		"with alg none":              minted(world.issuer.Sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good)),
		"with a public key's secret": minted(world.issuer.Sign(jwt.SigningMethodHS256, world.issuer.PublicKey(), good)),
		"no token":                   "",
		"garbage":                    "garbage",
	}
	whole := minted(world.issuer.Token("someone", nil))
	cut := strings.LastIndex(whole, ".")
	tokens["unsigned"] = whole[:cut+1]
	tokens["of two parts"] = whole[:cut]
	tokens["of another subject"] = reworded(t, whole)
	for what, token := range tokens {
		t.Run(what, func(t *testing.T) {
			c := caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"], Token: token}, world.meta}
			for _, call := range everyCall {
				refused(t, c.do(t, call.method, "/videos/00000000-0000-4000-8000-00000000dead"+call.path, call.body, call.headers...))
			}
			refused(t, c.do(t, http.MethodPost, "/videos", request(clips.Tiny, 1000, nil)))
			refused(t, c.do(t, http.MethodGet, "/videos", nil))
			refused(t, c.do(t, http.MethodGet, "/no/such/path", nil))
		})
	}
	t.Run("a subject that is empty owns nothing", func(t *testing.T) {
		for _, change := range []map[string]any{{"sub": nil}, {"sub": ""}} {
			answer := bearer(t, "", change).do(t, http.MethodGet, "/videos", nil)
			wantProblem(t, answer, http.StatusUnauthorized, "Unauthenticated")
		}
	})
	t.Run("a token without the scope does not pass the gateway", func(t *testing.T) {
		for _, scope := range []any{nil, "", "profile", rest.Scope + "s"} {
			c := bearer(t, "someone", map[string]any{"scope": scope})
			for _, call := range everyCall {
				answer := c.do(t, call.method, "/videos/00000000-0000-4000-8000-00000000dead"+call.path, call.body, call.headers...)
				if answer.Status != http.StatusForbidden || strings.Contains(answer.Text, "urn:vodstack") {
					t.Errorf("%s %s with the scope %v: %s, want the gateway's 403", call.method, call.path, scope, answer)
				}
			}
		}
	})
	t.Run("a token that is not for access owns nothing", func(t *testing.T) {
		for _, change := range []map[string]any{{"token_use": "id"}, {"nonce": "n-0S6_WzA2Mj"}, {"at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"}} {
			answer := bearer(t, "someone", change).do(t, http.MethodGet, "/videos", nil)
			wantProblem(t, answer, http.StatusUnauthorized, "Unauthenticated")
		}
	})
	anybody := caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"]}, world.meta}
	anybody.get(t, "/healthz")
}

// refused wants 401 and nothing that tells of videos.
func refused(t *testing.T, answer rest.Answer) {
	t.Helper()
	if answer.Status != http.StatusUnauthorized {
		t.Errorf("the answer is %s, want 401", answer)
	}
}

// minted is the token; the claims of these tests can always be signed.
func minted(token string, err error) string {
	if err != nil {
		panic(err)
	}
	return token
}

// reworded is a good token with another subject under the old signature.
func reworded(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(claims), "someone", "another", 1)))
	return strings.Join(parts, ".")
}

package rest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestATokenIsGoodForWhoeverReadsTheKeySet(t *testing.T) {
	issuer, err := NewIssuer()
	if err != nil {
		t.Fatal(err)
	}
	defer issuer.Close()
	token, err := issuer.Token("someone", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/jwks.json"} {
		response, err := http.Get(issuer.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if want := map[string]string{"/.well-known/jwks.json": keyID}[path]; !strings.Contains(string(body), want) || len(body) < 50 {
			t.Errorf("%s is %s", path, body)
		}
	}
	key := func(*jwt.Token) (any, error) { return &issuer.key.PublicKey, nil }
	parsed, err := jwt.Parse(token, key, jwt.WithIssuer(issuer.URL), jwt.WithAudience(Audience), jwt.WithExpirationRequired())
	if err != nil {
		t.Fatal(err)
	}
	if subject, _ := parsed.Claims.GetSubject(); subject != "someone" {
		t.Errorf("the subject is %q", subject)
	}
	without, err := issuer.Token("someone", map[string]any{"exp": 1, "aud": nil})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.Parse(without, key); err == nil {
		t.Error("an expired token is good")
	}
}

func TestPartsCoverTheContentOnce(t *testing.T) {
	content := []byte("0123456789abc")
	u := Upload{PartSize: 5, PartCount: 3}
	var whole strings.Builder
	for number := 1; number <= u.PartCount; number++ {
		whole.Write(u.Slice(number, content))
	}
	if whole.String() != string(content) {
		t.Errorf("the parts are %q", whole.String())
	}
}

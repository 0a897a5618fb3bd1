package rest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Audience is who the issuer's tokens are for.
const Audience = "vodstack-tests"

// Scope is what they allow, beside what is of no use here.
const Scope = "vod/videos"

// keyID names the issuer's key in its key set and in its tokens.
const keyID = "tests-1"

// An Issuer hands out JWTs as an identity provider does: RS256, with OIDC
// discovery and a key set that anybody may read.
type Issuer struct {
	URL string // the claim iss

	key    *rsa.PrivateKey
	server *http.Server
}

// NewIssuer makes a key of its own and serves it on a free port of this
// machine until Close.
func NewIssuer() (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make the issuer's key: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the issuer's key: %w", err)
	}
	i := &Issuer{URL: "http://" + listener.Addr().String(), key: key}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	routes.HandleFunc("GET /.well-known/jwks.json", i.keys)
	i.server = &http.Server{Handler: routes, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = i.server.Serve(listener) }()
	return i, nil
}

// Close ends the service; tokens are good as long as whoever checks them
// remembers the key.
func (i *Issuer) Close() error { return i.server.Close() }

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"id_token"}, "subject_types_supported": []string{"public"},
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	number := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	answer(w, map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
		"n": number(i.key.N), "e": number(big.NewInt(int64(i.key.E))),
	}}})
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// Claims of a token for a subject, good for an hour; change replaces or, with
// nil, removes claims.
func (i *Issuer) Claims(subject string, change map[string]any) jwt.MapClaims {
	// A minute back: the checker's clock may be a second behind.
	begun := time.Now().Add(-time.Minute)
	claims := jwt.MapClaims{
		"iss": i.URL, "aud": Audience, "sub": subject, "scope": "profile " + Scope,
		"iat": begun.Unix(), "nbf": begun.Unix(), "exp": begun.Add(time.Hour).Unix(),
	}
	for name, value := range change {
		if value == nil {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

// Owner is whom the API takes the bearer of a subject's token for.
func (i *Issuer) Owner(subject string) string { return "jwt:" + i.URL + "|" + subject }

// Token is a signed token for a subject, with these changes to its claims.
func (i *Issuer) Token(subject string, change map[string]any) (string, error) {
	return i.Sign(jwt.SigningMethodRS256, i.key, i.Claims(subject, change))
}

// Sign makes a token with another method or key, but with the id of the
// issuer's own key in its header, as a forger would.
func (i *Issuer) Sign(method jwt.SigningMethod, key any, claims jwt.Claims) (string, error) {
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = keyID
	signed, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed, nil
}

// PublicKey is the issuer's key in the form that a forger has at hand: the
// modulus's bytes, to be tried as the secret of a symmetric signature.
func (i *Issuer) PublicKey() []byte { return i.key.N.Bytes() }

package guard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const (
	ourID, ourSecret = "000000000000", "0123456789-of-this-home-0123456789_abcdef"
)

var today = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func verifier() Verifier {
	ring := &Keyring{Root: aws.Credentials{AccessKeyID: ourID, SecretAccessKey: ourSecret}, File: os.DevNull, Log: slog.New(slog.DiscardHandler)}
	return Verifier{Key: ring.Find, Now: func() time.Time { return today }}
}

// signing is how a request of the tests is signed.
type signing struct {
	id, secret, service string
	at                  time.Time
	hash                string // of the body, by default
	declare             bool   // sends X-Amz-Content-Sha256
}

// signed is a request for SQS that is signed well, but for what change does.
func signed(t *testing.T, change func(*signing)) *http.Request {
	t.Helper()
	const body = `{"QueueName":"q"}`
	s := signing{id: ourID, secret: ourSecret, service: "sqs", at: today, hash: hashOf(body)}
	if change != nil {
		change(&s)
	}
	r := httptest.NewRequest("POST", "http://127.0.0.1:4566/a%20b/c?x=%2F&y=1&y=0", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AmazonSQS.CreateQueue")
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	if s.declare {
		r.Header.Set("X-Amz-Content-Sha256", s.hash)
	}
	keys := aws.Credentials{AccessKeyID: s.id, SecretAccessKey: s.secret}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = s.service == "s3" })
	if err := signer.SignHTTP(t.Context(), keys, r, s.hash, s.service, "eu-central-1", s.at); err != nil {
		t.Fatal(err)
	}
	return r
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func TestASignatureIsVerified(t *testing.T) {
	for _, c := range []struct {
		name   string
		sign   func(*signing)
		alter  func(*http.Request)
		status int
	}{
		{"a good one", nil, nil, 200},
		{"one with the body's hash", func(s *signing) { s.declare = true }, nil, 200},
		{"one of S3", func(s *signing) { s.service, s.declare = "s3", true }, nil, 200},
		{"one of S3 with a body that nobody has hashed", func(s *signing) { s.service, s.declare, s.hash = "s3", true, "UNSIGNED-PAYLOAD" }, nil, 200},
		{"one of another service with a body that nobody has hashed", func(s *signing) { s.declare, s.hash = true, "UNSIGNED-PAYLOAD" }, nil, 403},
		{"one of a clock that is 14 minutes late", func(s *signing) { s.at = today.Add(-14 * time.Minute) }, nil, 200},
		{"one of a clock that is 14 minutes early", func(s *signing) { s.at = today.Add(14 * time.Minute) }, nil, 200},
		{"one that is 16 minutes old", func(s *signing) { s.at = today.Add(-16 * time.Minute) }, nil, 403},
		{"one from the future", func(s *signing) { s.at = today.Add(16 * time.Minute) }, nil, 403},
		{"the fixed key of before", func(s *signing) { s.secret = "test" }, nil, 403},
		{"an unknown key", func(s *signing) { s.id = "AKIAIOSFODNN7EXAMPLE" }, nil, 403},
		{"no secret", func(s *signing) { s.secret = "" }, nil, 403},
		{"an altered body", nil, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"QueueName":"z"}`)) }, 403},
		{"an altered body with the old hash", func(s *signing) { s.declare = true }, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"QueueName":"z"}`)) }, 403},
		{"an altered path", nil, func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/other", "" }, 403},
		{"an altered query", nil, func(r *http.Request) { r.URL.RawQuery += "&z=1" }, 403},
		{"an altered method", nil, func(r *http.Request) { r.Method = "DELETE" }, 403},
		{"an altered header", nil, func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.DeleteQueue") }, 403},
		{"another host", nil, func(r *http.Request) { r.Host = "127.0.0.1:4568" }, 403},
		{"an added header of AWS's", nil, func(r *http.Request) { r.Header.Set("X-Amz-Mfa", "1") }, 403},
		{"another header", nil, func(r *http.Request) { r.Header.Set("Accept-Language", "de") }, 200},
		{"an altered date", nil, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260304T050608Z") }, 403},
		{"no date", nil, func(r *http.Request) { r.Header.Del("X-Amz-Date") }, 403},
		{"a garbled date", nil, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260304") }, 403},
		{"no signature", nil, func(r *http.Request) { r.Header.Del("Authorization") }, 403},
		{"any signature at all", nil, func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=f")
		}, 403},
		{"an empty signature", nil, func(r *http.Request) {
			before, _, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature=")
		}, 403},
		{"a host that is not signed", nil, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ";host;", ";", 1))
		}, 403},
		{"two signatures", nil, func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, 403},
		{"a query parameter only", nil, func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL.RawQuery = "X-Amz-Signature=1"
		}, 403},
		{"a query parameter beside it", nil, func(r *http.Request) { r.URL.RawQuery += "&X-Amz-Signature=1" }, 403},
		{"a bearer token", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := signed(t, c.sign)
			if c.alter != nil {
				c.alter(r)
			}
			w := httptest.NewRecorder()
			verifier().Require(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("the answer is %d %s, want %d", w.Code, w.Body, c.status)
			}
		})
	}
}

// The store sends large bodies on while they come.
func TestASignatureIsVerifiedBeforeTheBodyComes(t *testing.T) {
	for name, c := range map[string]struct {
		sign  func(*signing)
		valid bool
	}{
		"a good one":                 {func(s *signing) { s.service, s.declare = "s3", true }, true},
		"one without a hash":         {func(s *signing) { s.service, s.declare, s.hash = "s3", true, "UNSIGNED-PAYLOAD" }, true},
		"one that declares no hash":  {func(s *signing) { s.service = "s3" }, false},
		"one of another service":     {func(s *signing) { s.declare = true }, false},
		"the fixed key of before":    {func(s *signing) { s.service, s.declare, s.secret = "s3", true, "test" }, false},
		"one that is 16 minutes old": {func(s *signing) { s.service, s.declare, s.at = "s3", true, today.Add(-16*time.Minute) }, false},
	} {
		r := signed(t, c.sign)
		r.Body = nil
		if err := verifier().VerifyHeader(r); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheBodyArrivesAsItWasSigned(t *testing.T) {
	w := httptest.NewRecorder()
	verifier().Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })).ServeHTTP(w, signed(t, nil))
	if w.Body.String() != `{"QueueName":"q"}` {
		t.Errorf("the service reads %q", w.Body)
	}
}

func TestAPresignedURLIsVerified(t *testing.T) {
	presigned := func(secret, service string, at time.Time, seconds string) *http.Request {
		r := httptest.NewRequest("GET", "http://127.0.0.1:4566/a%2Fb?X-Amz-Expires="+seconds, nil)
		hash := hashOf("")
		if service == "s3" {
			hash = unsignedPayload
		}
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
		uri, _, err := signer.PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: ourID, SecretAccessKey: secret}, r, hash, service, "eu-central-1", at)
		if err != nil {
			t.Fatal(err)
		}
		return httptest.NewRequest("GET", uri, nil)
	}
	altered := func(r *http.Request, from, to string) *http.Request {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, from, to, 1)
		return r
	}
	for name, c := range map[string]struct {
		request *http.Request
		valid   bool
	}{
		"a good one":            {presigned(ourSecret, "sts", today, "60"), true},
		"one of S3":             {presigned(ourSecret, "s3", today, "60"), true},
		"the last minute of it": {presigned(ourSecret, "s3", today.Add(-59*time.Minute), "3600"), true},
		"one that has expired":  {presigned(ourSecret, "s3", today.Add(-61*time.Minute), "3600"), false},
		"a wrong key":           {presigned("test", "sts", today, "60"), false},
		"a longer life":         {altered(presigned(ourSecret, "sts", today, "60"), "X-Amz-Expires=60", "X-Amz-Expires=600"), false},
		"a life without end":    {presigned(ourSecret, "sts", today, "604801"), false},
		"no life at all":        {presigned(ourSecret, "sts", today, ""), false},
		"another parameter":     {altered(presigned(ourSecret, "sts", today, "60"), "X-Amz-Expires", "Action=Evil&X-Amz-Expires"), false},
	} {
		if err := verifier().Verify(c.request); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The SDK's clients sign each in the way of their service.
func TestWhatTheSDKSignsIsTaken(t *testing.T) {
	v := verifier()
	v.Now = nil
	s := httptest.NewServer(v.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, "{}")
	})))
	defer s.Close()
	for secret, want := range map[string]bool{ourSecret: true, "test": false} {
		keys := credentials.NewStaticCredentialsProvider(ourID, secret, "")
		_, queue := sqs.New(sqs.Options{BaseEndpoint: &s.URL, Region: "eu-central-1", Credentials: keys, RetryMaxAttempts: 1}).
			ListQueues(t.Context(), &sqs.ListQueuesInput{})
		store := s3.New(s3.Options{BaseEndpoint: &s.URL, Region: "eu-central-1", Credentials: keys, UsePathStyle: true, RetryMaxAttempts: 1})
		_, put := store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("a b/ü+~(1)'*.mp4"), Body: bytes.NewReader([]byte("x"))})
		_, stream := store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k"), Body: bytes.NewReader(nil),
			ContentType: aws.String("a/b"), Metadata: map[string]string{"a": " b  c "}})
		for name, err := range map[string]error{"SQS": queue, "S3": put, "S3 with metadata": stream} {
			if (err == nil) != want {
				t.Errorf("%s with the secret %q: %v", name, secret, err)
			}
		}
	}
}

func TestARefusalHasTheServicesShape(t *testing.T) {
	var document struct{ Code, Message string }
	if body := refusalOf(t, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-amz-json-1.0") }, "sqs"); json.Unmarshal([]byte(body), &map[string]string{}) != nil || !strings.Contains(body, `"__type":"SignatureDoesNotMatch"`) || !strings.Contains(body, "bin/vod env") {
		t.Errorf("a service with JSON answers %s", body)
	}
	if body := refusalOf(t, nil, "s3"); xml.Unmarshal([]byte(body), &document) != nil || document.Code != "SignatureDoesNotMatch" {
		t.Errorf("S3 answers %s", body)
	}
	var wrapped struct {
		Error struct{ Code, Message string }
	}
	form := func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	if body := refusalOf(t, form, "sts"); xml.Unmarshal([]byte(body), &wrapped) != nil || wrapped.Error.Code != "SignatureDoesNotMatch" {
		t.Errorf("a service with the query protocol answers %s", body)
	}
}

func refusalOf(t *testing.T, change func(*http.Request), service string) string {
	t.Helper()
	r := signed(t, func(s *signing) { s.service, s.secret = service, "wrong" })
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	verifier().Require(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != 403 || w.Header().Get("X-Amzn-RequestId") == "" {
		t.Errorf("%s: %d %v", service, w.Code, w.Header())
	}
	return w.Body.String()
}

// accounts stands for STS and IAM, which hand out keys.
func accounts(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	key := `<AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>s/1+</SecretAccessKey>`
	switch r.Form.Get("Action") {
	case "AssumeRole":
		_, _ = io.WriteString(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s2</SecretAccessKey>`+
			`<SessionToken>tok</SessionToken><Expiration>`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	case "CreateAccessKey":
		_, _ = io.WriteString(w, `<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>u</UserName>`+key+`</AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>`)
	case "ListAccessKeys":
		_, _ = io.WriteString(w, `<ListAccessKeysResponse><AccessKeyId>AKIA9</AccessKeyId></ListAccessKeysResponse>`)
	case "GetCallerIdentity":
		_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	default:
		_, _ = io.WriteString(w, `<R></R>`)
	}
}

// As the CDK's command line does: it assumes a role and signs as that.
func TestKeysThatAreHandedOutAreTakenUntilTheyAreDeleted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	home := aws.Credentials{AccessKeyID: ourID, SecretAccessKey: ourSecret}
	role := aws.Credentials{AccessKeyID: "ASIA1", SecretAccessKey: "s2", SessionToken: "tok"}
	user := aws.Credentials{AccessKeyID: "AKIA1", SecretAccessKey: "s/1+"}
	var engine http.Handler
	start := func() {
		ring := &Keyring{Root: home, File: file, Log: slog.New(slog.DiscardHandler)}
		engine = Verifier{Key: ring.Find}.Require(ring.Watch(http.HandlerFunc(accounts)))
	}
	ask := func(service, action string, keys aws.Credentials) bool {
		return call(t, engine, service, url.Values{"Action": {action}, "AccessKeyId": {"AKIA1"}}, keys) == 200
	}
	taken := func(keys aws.Credentials) bool { return ask("sqs", "ListQueues", keys) }
	start()
	if taken(role) || taken(user) {
		t.Error("keys are taken that nobody has handed out")
	}
	if !ask("sts", "AssumeRole", home) || !ask("iam", "CreateAccessKey", home) || !ask("iam", "ListAccessKeys", home) {
		t.Fatal("the home's own key is not taken")
	}
	start() // again, on the same home
	for name, c := range map[string]struct {
		keys aws.Credentials
		want bool
	}{
		"a role's":               {role, true},
		"a role's without token": {aws.Credentials{AccessKeyID: "ASIA1", SecretAccessKey: "s2"}, false},
		"a role's, wrong token":  {aws.Credentials{AccessKeyID: "ASIA1", SecretAccessKey: "s2", SessionToken: "other"}, false},
		"a role's, wrong secret": {aws.Credentials{AccessKeyID: "ASIA1", SecretAccessKey: "s3", SessionToken: "tok"}, false},
		"a user's":               {user, true},
		"one that was listed":    {aws.Credentials{AccessKeyID: "AKIA9", SecretAccessKey: ""}, false},
	} {
		if taken(c.keys) != c.want {
			t.Errorf("%s key is taken: %v", name, !c.want)
		}
	}
	if ask("iam", "DeleteAccessKey", home); taken(user) {
		t.Error("a deleted key is taken")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file is %v %v", info, err)
	}
}

// call sends a signed request of the query protocol.
func call(t *testing.T, to http.Handler, service string, form url.Values, keys aws.Credentials) int {
	t.Helper()
	r := httptest.NewRequest("POST", "http://127.0.0.1:4566/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hashOf(form.Encode()), service, "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w.Code
}

func TestAnExpiredKeyIsNotTaken(t *testing.T) {
	ring := &Keyring{File: filepath.Join(t.TempDir(), "keys.json"), Log: slog.New(slog.DiscardHandler)}
	ring.learn(url.Values{}, []byte("<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><Expiration>2020-01-01T00:00:00Z</Expiration>"))
	if _, ok := ring.Find("ASIA1"); ok {
		t.Error("it is")
	}
	if _, ok := ring.Find(""); ok {
		t.Error("a ring without a key takes a request without one")
	}
}

package guard

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	timeForm  = "20060102T150405Z"
	// maxSkew is how far a client's clock may be off, as AWS allows.
	maxSkew = 15 * time.Minute
	// maxPresigned is how long a presigned URL can be valid.
	maxPresigned = 7 * 24 * time.Hour
	// maxBody bounds what is held in memory to be hashed, in bytes: more than
	// the largest function that Lambda takes in a request.
	maxBody = 256 << 20
	// unsignedPayload stands for the hash in a presigned URL of S3.
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// Verifier verifies Signature Version 4, in headers or in a presigned URL. It
// has the SDK's own signer sign the request again.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type Verifier struct {
	// Key finds the keys that an access key id stands for.
	Key func(accessKey string) (aws.Credentials, bool)
	// Now is the time; time.Now when nil.
	Now func() time.Time
}

// Refusal is why a request is not taken for signed, in AWS's words.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// errTooLarge is for a body that is not held in memory.
var errTooLarge = &Refusal{"RequestEntityTooLargeException", "The request is larger than 256 MiB."}

// Signed tells whether a request claims to be signed.
func Signed(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") || r.URL.Query().Has("X-Amz-Signature")
}

// Require returns a handler that passes on only requests with a valid
// signature.
func (v Verifier) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := v.Verify(r); err != nil {
			refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Check is like Require, but lets requests pass that claim no signature.
func (v Verifier) Check(next http.Handler) http.Handler {
	checked := v.Require(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Signed(r) {
			checked.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// claim is what a request says of its signature.
type claim struct {
	accessKey, day, region, service string
	date                            string
	headers                         []string // signed, by name in small letters
	signature                       string
	presigned                       bool
	expires                         time.Duration // of a presigned URL
}

// Verify returns an error unless the request is signed by a known key, now,
// and as it has arrived. It may put the request's body into memory.
func (v Verifier) Verify(r *http.Request) error { return v.verify(r, payloadHash) }

// VerifyHeader is like Verify for a request of S3 whose body comes later: the
// body's hash, if there is one, is taken from the header and not compared.
func (v Verifier) VerifyHeader(r *http.Request) error { return v.verify(r, declaredHash) }

func (v Verifier) verify(r *http.Request, hashOf func(*http.Request, claim) (string, error)) error {
	c, err := readClaim(r)
	if err != nil {
		return err
	}
	key, known := v.Key(c.accessKey)
	if !known {
		return &Refusal{"UnrecognizedClientException", "The access key " + strconv.Quote(c.accessKey) +
			" is not known here; eval \"$(bin/vod env)\" sets this machine's."}
	}
	signed, err := time.Parse(timeForm, c.date)
	if err != nil {
		return incomplete("X-Amz-Date is not of the form " + timeForm)
	}
	if err := v.inTime(c, signed); err != nil {
		return err
	}
	if err := allSigned(r, c); err != nil {
		return err
	}
	if token := sessionToken(r); subtle.ConstantTimeCompare([]byte(token), []byte(key.SessionToken)) != 1 && key.SessionToken != "" {
		return &Refusal{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	hash, err := hashOf(r, c)
	if err != nil {
		return err
	}
	want, err := sign(r, c, key, hash, signed)
	if err != nil {
		return incomplete(err.Error())
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.signature)) != 1 {
		return &Refusal{"SignatureDoesNotMatch", "The request is not signed with this machine's secret key, or was altered; " +
			"eval \"$(bin/vod env)\" sets the key."}
	}
	return nil
}

func incomplete(message string) error {
	return &Refusal{"IncompleteSignatureException", message}
}

func readClaim(r *http.Request) (claim, error) {
	authorizations := r.Header.Values("Authorization")
	query := r.URL.Query()
	switch {
	case len(authorizations) == 1 && strings.HasPrefix(authorizations[0], algorithm+" "):
		if query.Has("X-Amz-Signature") {
			return claim{}, incomplete("The request has two signatures.")
		}
		return headerClaim(r, strings.TrimPrefix(authorizations[0], algorithm+" "))
	case len(authorizations) == 0 && query.Get("X-Amz-Algorithm") == algorithm:
		return queryClaim(query)
	default:
		return claim{}, &Refusal{"MissingAuthenticationTokenException",
			"The request is not signed with Signature Version 4; eval \"$(bin/vod env)\" sets the keys that sign it."}
	}
}

func headerClaim(r *http.Request, text string) (claim, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	return newClaim(claim{date: r.Header.Get("X-Amz-Date"), signature: parts["Signature"]}, parts["Credential"], parts["SignedHeaders"])
}

func queryClaim(query url.Values) (claim, error) {
	seconds, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	expires := time.Duration(seconds) * time.Second
	if err != nil || seconds < 1 || expires > maxPresigned {
		return claim{}, incomplete("X-Amz-Expires must be from 1 to 604800 seconds.")
	}
	c := claim{date: query.Get("X-Amz-Date"), signature: query.Get("X-Amz-Signature"), presigned: true, expires: expires}
	return newClaim(c, query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"))
}

// newClaim completes a claim by its credential scope, such as
// AKID/20260101/eu-central-1/sqs/aws4_request.
func newClaim(c claim, credential, headers string) (claim, error) {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || scope[0] == "" || c.signature == "" {
		return c, incomplete("The credential must be <access key>/<date>/<region>/<service>/aws4_request.")
	}
	c.accessKey, c.day, c.region, c.service = scope[0], scope[1], scope[2], scope[3]
	c.headers = strings.Split(strings.ToLower(headers), ";")
	if !strings.HasPrefix(c.date, c.day) || c.day == "" {
		return c, incomplete("The credential's date is not that of X-Amz-Date.")
	}
	return c, nil
}

func (v Verifier) inTime(c claim, signed time.Time) error {
	now := time.Now()
	if v.Now != nil {
		now = v.Now()
	}
	last := signed.Add(maxSkew)
	if c.presigned {
		last = signed.Add(c.expires)
	}
	if signed.After(now.Add(maxSkew)) || now.After(last) {
		return &Refusal{"RequestExpired", "The request was signed at " + c.date + ", and now it is " + now.UTC().Format(timeForm) + "."}
	}
	return nil
}

// allSigned refuses a request whose meaning could be altered beside its
// signature.
func allSigned(r *http.Request, c claim) error {
	if !slices.Contains(c.headers, "host") {
		return incomplete("The header host must be signed.")
	}
	for name := range r.Header {
		// The hash is part of what is signed, by itself.
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && name != "x-amz-content-sha256" && !slices.Contains(c.headers, name) {
			return incomplete("The header " + name + " must be signed.")
		}
	}
	return nil
}

func sessionToken(r *http.Request) string {
	if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
		return token
	}
	return r.URL.Query().Get("X-Amz-Security-Token")
}

// declaredHash is what S3 wants to be told of the body.
func declaredHash(r *http.Request, c claim) (string, error) {
	given := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case c.service != "s3":
		return "", incomplete("The request is not signed for S3.")
	case given == "" && c.presigned:
		return unsignedPayload, nil
	case given == "":
		return "", incomplete("The header x-amz-content-sha256 is missing.")
	}
	return given, nil
}

// payloadHash is what is signed of the body. A hash that the request gives is
// compared with the body; only S3 has bodies that nobody has hashed.
func payloadHash(r *http.Request, c claim) (string, error) {
	given := r.Header.Get("X-Amz-Content-Sha256")
	if c.service == "s3" {
		switch {
		case given == "" && c.presigned:
			return unsignedPayload, nil
		case given == unsignedPayload, strings.HasPrefix(given, "STREAMING-"):
			return given, nil
		}
	}
	hash, err := hashBody(r)
	if err != nil {
		return "", err
	}
	if given != "" && given != hash {
		return "", &Refusal{"XAmzContentSHA256Mismatch", "The body's hash is not what X-Amz-Content-Sha256 says."}
	}
	return hash, nil
}

// hashBody reads the body and puts it back.
func hashBody(r *http.Request) (string, error) {
	if r.ContentLength > maxBody {
		return "", errTooLarge
	}
	var body bytes.Buffer
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(sum, &body), http.MaxBytesReader(nil, r.Body, maxBody)); err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return "", errTooLarge
		}
		return "", &Refusal{"IncompleteBody", "The request's body ended early."}
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(&body), int64(body.Len()), nil
	return hex.EncodeToString(sum.Sum(nil)), nil
}

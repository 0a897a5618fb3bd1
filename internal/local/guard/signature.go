package guard

import (
	"crypto/subtle"
	"net/http"
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

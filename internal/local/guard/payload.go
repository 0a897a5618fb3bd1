package guard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
)

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

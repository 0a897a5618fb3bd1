package guard

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// sign returns the signature that the request has if it was signed with key.
func sign(r *http.Request, c claim, key aws.Credentials, hash string, at time.Time) (string, error) {
	key.SessionToken = "" // it is in the request, where it was signed
	again := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{}, URL: &url.URL{
		Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery,
	}}
	for _, name := range c.headers {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = slices.Clone(r.Header.Values(name))
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = c.service == "s3" // which signs the path as it is sent
		o.DisableHeaderHoisting = true
	})
	if !c.presigned {
		if err := signer.SignHTTP(r.Context(), key, again, hash, c.service, c.region, at); err != nil {
			return "", err
		}
		_, signature, _ := strings.Cut(again.Header.Get("Authorization"), "Signature=")
		return signature, nil
	}
	return presign(r.Context(), signer, again, c, key, hash, at)
}

func presign(ctx context.Context, signer *v4.Signer, again *http.Request, c claim, key aws.Credentials, hash string, at time.Time) (string, error) {
	query := again.URL.Query()
	query.Del("X-Amz-Signature")
	again.URL.RawQuery = query.Encode()
	signed, _, err := signer.PresignHTTP(ctx, key, again, hash, c.service, c.region, at)
	if err != nil {
		return "", err
	}
	_, signature, _ := strings.Cut(signed, "X-Amz-Signature=")
	return signature, nil
}

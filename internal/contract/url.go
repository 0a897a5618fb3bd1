package contract

import (
	"net/url"
	"strings"
)

// URL is where a key is delivered: each segment of its path percent-encoded,
// the slashes between them kept.
func URL(base, key string) string {
	segments := strings.Split(key, "/")
	for i, segment := range segments {
		segments[i] = escapeSegment(segment)
	}
	return strings.TrimSuffix(base, "/") + "/" + strings.Join(segments, "/")
}

// escapeSegment also writes the characters that url.PathEscape leaves alone
// but that links in text and HTML trip over.
func escapeSegment(s string) string {
	return strings.NewReplacer("&", "%26", "$", "%24", "+", "%2B", "=", "%3D", ":", "%3A", "@", "%40").
		Replace(url.PathEscape(s))
}

// S3URI is bucket and key as one raw URI.
func S3URI(bucket, key string) string { return "s3://" + bucket + "/" + key }

// ParseS3URI takes a raw URI apart; ok is false when it is none.
func ParseS3URI(uri string) (bucket, key string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	if !ok {
		return "", "", false
	}
	bucket, key, ok = strings.Cut(rest, "/")
	return bucket, key, ok && bucket != "" && key != ""
}

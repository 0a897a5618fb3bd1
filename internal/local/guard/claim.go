package guard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// claim is what a request says of its signature.
type claim struct {
	accessKey, day, region, service string
	date                            string
	headers                         []string // signed, by name in small letters
	signature                       string
	presigned                       bool
	expires                         time.Duration // of a presigned URL
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

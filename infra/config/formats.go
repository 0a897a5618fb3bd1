package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	stackName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)
	jobTemplate    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 _-]{0,79}$`)
	queueARN       = regexp.MustCompile(`^arn:aws[a-z-]*:mediaconvert:[a-z0-9-]+:\d{12}:queues/[A-Za-z0-9_-]+$`)
	certificateARN = regexp.MustCompile(`^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+$`)
	hostName       = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	originHost     = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$`)
)

func email(to *string, v value) error {
	s, err := v.text()
	if err != nil {
		return err
	}
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s {
		return errNotAllowed
	}
	*to = s
	return nil
}

// origins takes web origins as browsers send them; a star stands alone, or
// in place of the first label, which is all that CloudFront and S3 share.
func origins(to *[]string, v value) error {
	items, err := v.items()
	if err != nil {
		return err
	}
	if slices.Equal(items, []string{"*"}) {
		*to = items
		return nil
	}
	for i, s := range items {
		scheme, host, _ := strings.Cut(s, "://")
		if (scheme != "https" && scheme != "http") || !originHost.MatchString(host) || slices.Contains(items[:i], s) {
			return errNotAllowed
		}
	}
	*to = items
	return nil
}

// baseURL takes a scheme and a host, nothing else: keys are appended to it
// after a slash, and its host is a stack output.
func baseURL(to *string, v value) error {
	s, err := v.text()
	if err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || fmt.Sprintf("%s://%s", u.Scheme, u.Host) != s {
		return errNotAllowed
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return errNotAllowed
	}
	*to = s
	return nil
}

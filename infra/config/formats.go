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
	originHost     = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$`)
	audienceName   = regexp.MustCompile(`^[!-+--~]{1,256}$`) // printable, no space, no comma
	// RFC 6749, 3.3, without the comma; the length is API Gateway's limit.
	scopeName   = regexp.MustCompile(`^[!#-+\--\[\]-~]{1,64}$`)
	contentType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/(\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,126})$`)
)

// setStackName refuses what SSM does: "can't be prefixed with aws or ssm
// (case-insensitive)", says its API reference about PutParameter's Name.
func setStackName(c *Config, v value) error {
	var name string
	if err := match(&name, v, stackName); err != nil {
		return err
	}
	if lower := strings.ToLower(name); strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm") {
		return errNotAllowed
	}
	c.StackName = name
	return nil
}

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

// origins takes web origins as browsers send them; a star stands alone. S3
// and CloudFront would take one in place of the first label, but API Gateway
// refuses it, which would end a deployment half-way.
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

// webURL takes the URL of a page or a service: a scheme, a host, and maybe a
// path, as it was written.
func webURL(to *string, v value) error {
	s, err := v.text()
	if err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || fmt.Sprintf("%s://%s%s", u.Scheme, u.Host, u.EscapedPath()) != s {
		return errNotAllowed
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return errNotAllowed
	}
	*to = s
	return nil
}

// apiBase takes what paths such as /videos are appended to.
func apiBase(to *string, v value) error {
	var s string
	if err := webURL(&s, v); err != nil || strings.HasSuffix(s, "/") {
		return errNotAllowed
	}
	*to = s
	return nil
}

func audience(to *[]string, v value) error {
	return matchAll(to, v, 50, audienceName)
}

func contentTypes(to *[]string, v value) error {
	return matchAll(to, v, 100, contentType)
}

// matchAll takes a list of up to so many members, each once.
func matchAll(to *[]string, v value, most int, pattern *regexp.Regexp) error {
	items, err := v.items()
	if err != nil || len(items) == 0 || len(items) > most {
		return errNotAllowed
	}
	for i, s := range items {
		if !pattern.MatchString(s) || slices.Contains(items[:i], s) {
			return errNotAllowed
		}
	}
	*to = items
	return nil
}

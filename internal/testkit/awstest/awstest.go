// Package awstest stands in for AWS's side of the wire: the SDK marshals,
// signs and reads as it always does, only nothing leaves the process.
package awstest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Call is one request as it went over the wire.
type Call struct {
	Method string
	Target string // X-Amz-Target, empty for REST APIs
	Host   string
	Path   string // as it was sent, escaped
	Query  string
	Header http.Header
	Body   string
}

// Answer is what comes back.
type Answer struct {
	Status int // 200 when it is zero
	Header map[string]string
	Body   string
	Err    error // in place of an answer
}

// Service answers calls and remembers them.
type Service struct {
	Reply func(Call) Answer

	mu    sync.Mutex
	calls []Call
}

// Config is an SDK configuration whose calls all go to the service, tried
// once.
func (s *Service) Config(t *testing.T) aws.Config {
	t.Helper()
	return aws.Config{
		Region:     "eu-central-1",
		HTTPClient: s,
		Retryer:    func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
	}
}

// Do takes the place of the SDK's HTTP client.
func (s *Service) Do(r *http.Request) (*http.Response, error) {
	call := Call{
		Method: r.Method, Target: r.Header.Get("X-Amz-Target"), Host: r.URL.Host,
		Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header,
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		call.Body = string(body)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	answer := s.Reply(call)
	if answer.Err != nil {
		return nil, answer.Err
	}
	return response(r, answer), nil
}

func response(r *http.Request, answer Answer) *http.Response {
	header := http.Header{}
	for name, value := range answer.Header {
		header.Set(name, value)
	}
	status := answer.Status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{
		StatusCode: status, Header: header, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(answer.Body)), ContentLength: int64(len(answer.Body)),
	}
}

// Calls are the requests so far.
func (s *Service) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

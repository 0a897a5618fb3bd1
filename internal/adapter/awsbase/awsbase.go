// Package awsbase is what the adapters have in common: how the SDK is set up,
// and what its errors mean.
package awsbase

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/contract"
)

// Attempts is how often a call is tried within a function, and Backoff the
// longest wait in between. Longer patience is the state machine's part.
const (
	Attempts = 4
	Backoff  = 2 * time.Second
)

// Config loads the SDK's settings from the environment. Each attempt of a
// call ends after the timeout: a function that was frozen may hold
// connections that are dead, and finds out only by waiting.
func Config(ctx context.Context, timeout time.Duration) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(Client(timeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = Attempts
				o.MaxBackoff = Backoff
			})
		}),
	)
	if err != nil {
		return cfg, fmt.Errorf("load SDK settings: %w", err)
	}
	return cfg, nil
}

// Client is an HTTP client whose requests end after the timeout, body
// included.
func Client(timeout time.Duration) aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTimeout(timeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 2 * time.Second }).
		WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = 16 })
}

// With is the settings with another timeout.
func With(cfg aws.Config, timeout time.Duration) aws.Config {
	cfg = cfg.Copy()
	cfg.HTTPClient = Client(timeout)
	return cfg
}

// throttles, denials and absences are the services' names for what the
// contract's errors say.
var (
	throttles = []string{
		"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "SlowDown",
		"RequestLimitExceeded", "ProvisionedThroughputExceededException", "RequestThrottled", "RequestThrottledException",
		"KMSThrottlingException", "LimitExceededException",
	}
	denials = []string{
		"AccessDenied", "AccessDeniedException", "Forbidden", "ForbiddenException", "AuthorizationError",
		"UnauthorizedOperation", "NotAuthorized", "KMSAccessDeniedException", "AllAccessDisabled",
	}
	absences = []string{"NoSuchKey", "NoSuchVersion", "NotFound", "NotFoundException", "NoSuchBucket"}
)

// Explain wraps an SDK error in the contract's word for it, where there is
// one, so that the steps can tell what to do without knowing the service.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	if kind := kindOf(err); kind != nil {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

func kindOf(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch code := api.ErrorCode(); {
		case slices.Contains(throttles, code):
			return contract.ErrThrottled
		case slices.Contains(denials, code):
			return contract.ErrDenied
		case slices.Contains(absences, code):
			return contract.ErrNotFound
		}
	}
	return kindOfResponse(err)
}

// kindOfResponse judges by the status: bodies may be missing, as after HEAD.
// Without any response the way to the service is down.
func kindOfResponse(err error) error {
	status := 0
	var response *awshttp.ResponseError
	var call *smithy.OperationError
	switch {
	case errors.As(err, &response):
		status = response.HTTPStatusCode()
	case !errors.As(err, &call):
		return nil // not of the SDK
	}
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case status == http.StatusNotFound:
		return contract.ErrNotFound
	case status == http.StatusForbidden:
		return contract.ErrDenied
	case status == http.StatusTooManyRequests:
		return contract.ErrThrottled
	case status == 0 || status >= 500:
		return contract.ErrUnavailable
	}
	return nil
}

// Interrupted marks an error while a body was read: another try may help.
func Interrupted(err error) error {
	return fmt.Errorf("%w: %w", contract.ErrUnavailable, err)
}

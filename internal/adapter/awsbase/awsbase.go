// Package awsbase is what the adapters have in common: how the SDK is set up,
// and what its errors mean.
package awsbase

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

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

// Interrupted marks an error while a body was read: another try may help.
func Interrupted(err error) error {
	return fmt.Errorf("%w: %w", contract.ErrUnavailable, err)
}

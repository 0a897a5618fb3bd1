// Package awsbase is what the adapters have in common: how the SDK is set up,
// and what its errors mean.
package awsbase

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/vodstack/vodstack/internal/contract"
)

// Attempts is how often a call is tried within a function, and Backoff the
// longest wait in between. Longer patience is the state machine's part.
const (
	Attempts = 4
	Backoff  = 2 * time.Second
)

// Config is the SDK's settings from a function's environment, where Lambda
// puts all of them: region, credentials and, on one machine, endpoints. The
// SDK's own loader also looks for files, profiles and metadata servers, at
// two to five milliseconds of processor time for each cold start. Each attempt
// of a call ends after the timeout: a function that was frozen may hold
// connections that are dead, and finds out only by waiting.
func Config(_ context.Context, timeout time.Duration) (aws.Config, error) {
	region, id, secret := os.Getenv("AWS_REGION"), os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if region == "" || id == "" || secret == "" {
		return aws.Config{}, errors.New("load SDK settings: AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are required in the environment")
	}
	trustBundle()
	cfg := aws.Config{
		Region:      region,
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(id, secret, os.Getenv("AWS_SESSION_TOKEN"))),
		HTTPClient:  Client(timeout),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = Attempts
				o.MaxBackoff = Backoff
			})
		},
		ConfigSources:              []any{endpoints{}},
		AccountIDEndpointMode:      aws.AccountIDEndpointModePreferred,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if all := os.Getenv("AWS_ENDPOINT_URL"); all != "" {
		cfg.BaseEndpoint = &all
	}
	return cfg, nil
}

// endpoints are those that the environment names for one service each, as in
// AWS_ENDPOINT_URL_S3.
type endpoints struct{}

// GetServiceBaseEndpoint is what the SDK asks its sources for.
func (endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (url string, found bool, err error) {
	url = os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return url, url != "", nil
}

// With is the settings with another timeout.
func With(cfg aws.Config, timeout time.Duration) aws.Config {
	cfg = cfg.Copy()
	cfg.HTTPClient = WithTimeout(cfg.HTTPClient, timeout)
	return cfg
}

// Interrupted marks an error while a body was read: another try may help.
func Interrupted(err error) error {
	return fmt.Errorf("%w: %w", contract.ErrUnavailable, err)
}

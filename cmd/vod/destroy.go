package main

import (
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/teardown"
)

// destroyCommand deletes a stack in the account of the environment.
type destroyCommand struct {
	Stack string `arg:"" optional:"" help:"The stack's name; VOD_STACK, or vod, where it is left out."`
}

// Run asks first: the stack's name has to be typed.
func (d destroyCommand) Run(s *session) error {
	cfg, err := config.LoadDefaultConfig(s.ctx)
	if err != nil {
		return fmt.Errorf("read the environment's AWS settings: %w", err)
	}
	if cfg.Region == "" {
		return fmt.Errorf("no region: set AWS_REGION to the one that the stack is in")
	}
	name := d.Stack
	if name == "" {
		name = s.place.stack
	}
	return teardown.Teardown{
		Stacks: teardown.CloudFormation{Client: cloudformation.NewFromConfig(cfg), Region: cfg.Region, Wait: time.Hour},
		// The local engine has no host names for buckets.
		Buckets: teardown.S3{Client: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = os.Getenv("AWS_ENDPOINT_URL_S3") != "" })},
		In:      os.Stdin, Out: s.stderr,
	}.Run(s.ctx, name)
}

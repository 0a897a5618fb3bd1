package rig

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// A Stack is one deployed stack, seen through plain AWS SDK clients that know
// of the engine only what `vod env` exports.
type Stack struct {
	Name    string
	Engine  *Engine
	Outputs map[string]string // by output key

	CloudFormation *cloudformation.Client
	CloudFront     *cloudfront.Client
	DynamoDB       *dynamodb.Client
	Lambda         *lambda.Client
	Logs           *cloudwatchlogs.Client
	MediaConvert   *mediaconvert.Client
	S3             *s3.Client
	SFN            *sfn.Client
	SNS            *sns.Client
	SQS            *sqs.Client

	machine string // ARN of the state machine
}

// Join connects to the engine's stack the way an application would: `vod env`
// into the environment, then the SDK's default configuration. The environment
// is the process's, so that two stacks are joined one after the other.
func Join(ctx context.Context, e *Engine) (*Stack, error) {
	name := e.Stack
	vars, err := e.Env(ctx)
	if err != nil {
		return nil, err
	}
	for key, value := range vars {
		if err := os.Setenv(key, value); err != nil {
			return nil, fmt.Errorf("export %s: %w", key, err)
		}
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("configure the SDK: %w", err)
	}
	// The functions' own client: the SDK's drops connections under their answers.
	cfg.HTTPClient = awsbase.Client(5 * time.Minute)
	s := &Stack{
		Name:           name,
		Engine:         e,
		CloudFormation: cloudformation.NewFromConfig(cfg),
		CloudFront:     cloudfront.NewFromConfig(cfg),
		DynamoDB:       dynamodb.NewFromConfig(cfg),
		Lambda:         lambda.NewFromConfig(cfg),
		Logs:           cloudwatchlogs.NewFromConfig(cfg),
		MediaConvert:   mediaconvert.NewFromConfig(cfg),
		S3:             s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		SFN:            sfn.NewFromConfig(cfg),
		SNS:            sns.NewFromConfig(cfg),
		SQS:            sqs.NewFromConfig(cfg),
	}
	return s, s.readOutputs(ctx)
}

func (s *Stack) readOutputs(ctx context.Context) error {
	out, err := s.CloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &s.Name})
	if err != nil {
		return fmt.Errorf("describe the stack %s: %w", s.Name, err)
	}
	s.Outputs = map[string]string{}
	for _, output := range out.Stacks[0].Outputs {
		s.Outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return s.findMachine(ctx)
}

// resource is the physical id of the stack's resource for which ok holds.
func (s *Stack) resource(ctx context.Context, what string, ok func(logical, kind string) bool) (string, error) {
	out, err := s.CloudFormation.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &s.Name})
	if err != nil {
		return "", fmt.Errorf("list the stack's resources: %w", err)
	}
	for _, r := range out.StackResources {
		if ok(aws.ToString(r.LogicalResourceId), aws.ToString(r.ResourceType)) {
			return aws.ToString(r.PhysicalResourceId), nil
		}
	}
	return "", fmt.Errorf("the stack %s has no %s", s.Name, what)
}

func (s *Stack) findMachine(ctx context.Context) error {
	var err error
	s.machine, err = s.resource(ctx, "state machine", func(_, kind string) bool {
		return kind == "AWS::StepFunctions::StateMachine"
	})
	return err
}

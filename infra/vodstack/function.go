package vodstack

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// A function is one Lambda function with the role it runs as.
type function struct {
	name   string
	lambda awslambda.Function
	logs   awslogs.LogGroup
	role   awsiam.Role
	size   size
}

// newFunction makes one function, with a log group that it alone may write
// to.
func newFunction(stack awscdk.Stack, cfg config.Config, assets, name, about string, s size) (function, error) {
	folder := filepath.Join(assets, name)
	if _, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil {
		return function{}, fmt.Errorf("function %s isn't built (make build does it): %w", name, err)
	}
	id := exported(name)
	logs := newLogGroup(stack, cfg, id+"Logs", nil)
	role := awsiam.NewRole(stack, new(id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(new("lambda.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow(on(logs.LogGroupArn()), "logs:CreateLogStream", "logs:PutLogEvents"))
	lambda := awslambda.NewFunction(stack, new(id), &awslambda.FunctionProps{
		Description:  new(about),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture(cfg),
		Handler:      new("bootstrap"),
		Code:         awslambda.Code_FromAsset(new(folder), nil),
		MemorySize:   jsii.Number(s.megabytes),
		Timeout:      seconds(s.seconds),
		Role:         role,
		LogGroup:     logs,
		Environment:  &map[string]*string{"STACK_NAME": new(cfg.StackName)},
	})
	twiceDependent(pinned(lambda, id+"Function"))
	return function{name, lambda, logs, role, s}, nil
}

// set gives a function an environment variable.
func (f function) set(name string, value *string) {
	f.lambda.AddEnvironment(new(name), value, nil)
}

// may adds permissions.
func (f function) may(statements ...awsiam.PolicyStatement) {
	for _, s := range statements {
		f.role.AddToPolicy(s)
	}
}

func architecture(cfg config.Config) awslambda.Architecture {
	if cfg.Architecture == "x86_64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

// exported turns a function's name into a part of a logical id.
func exported(name string) string {
	switch name {
	case "jobstate":
		return "JobState"
	case "videoevents":
		return "VideoEvents"
	}
	return string(name[0]-'a'+'A') + name[1:]
}

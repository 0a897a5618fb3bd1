package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"github.com/vodstack/vodstack/infra/config"
)

// newLogGroup makes a log group that forgets after the configured days. A
// nil name is one that CloudFormation makes up.
//
// The days are set on the resource: the construct has an enumeration of
// words (ONE_WEEK) where CloudWatch and our configuration have numbers.
func newLogGroup(stack awscdk.Stack, cfg config.Config, id string, name *string) awslogs.LogGroup {
	logs := awslogs.NewLogGroup(stack, new(id), &awslogs.LogGroupProps{
		LogGroupName:  name,
		Retention:     awslogs.RetentionDays_INFINITE,
		RemovalPolicy: removal(cfg),
	})
	resource(logs).AddPropertyOverride(new("RetentionInDays"), cfg.LogRetentionDays)
	return logs
}

package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// allow grants actions on resources, and nothing more.
func allow(resources []*string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: &resources,
	})
}

// allowWhere grants under a condition.
func allowWhere(condition map[string]any, resources []*string, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings(actions...),
		Resources:  &resources,
		Conditions: &condition,
	})
}

// on is short for a list of ARNs.
func on(arns ...*string) []*string { return arns }

// acceptPolicy says why a role's own policy has a star in a resource.
func acceptPolicy(role awsiam.Role, reason string) {
	policy := role.Node().FindChild(new("DefaultPolicy"))
	accept(policy, exception{"AwsSolutions-IAM5", reason})
}

// fromService lets a service put into a queue what comes from one rule or
// topic.
func fromService(service string, source *string, queue awssqs.Queue) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(new(service), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": source}},
	})
}

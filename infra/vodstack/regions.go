package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// openRegions are those that every account has from the start. All others,
// and each that AWS opens since 2019, have to be opted into (AWS Account
// Management's guide: Enable or disable AWS Regions in your account).
var openRegions = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
	"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
}

// logsFromCloudFront is the condition under which CloudFront may log into a
// bucket of the stack's region. Its standard logging (legacy) delivers to no
// bucket in a region that has to be opted into, and a distribution that asks
// for it is refused (CloudFront's guide: Configure standard logging (legacy),
// "Choose an Amazon S3 bucket for standard logs"; that of version 2 has "Send
// logs to opt-in AWS Regions" as what is new). Version 2 is set up in us-east-1
// only, where no stack of another region can do it: so there are no such logs
// in those regions.
//
// The template is the same for all regions, so the region is asked for when it
// is deployed.
func logsFromCloudFront(stack awscdk.Stack) awscdk.CfnCondition {
	var open []awscdk.ICfnConditionExpression
	for _, region := range openRegions {
		open = append(open, awscdk.Fn_ConditionEquals(stack.Region(), new(region)))
	}
	return awscdk.NewCfnCondition(stack, new("LogsFromCloudFront"), &awscdk.CfnConditionProps{
		Expression: awscdk.Fn_ConditionAnd(inPartitionAWS(stack), awscdk.Fn_ConditionOr(open...)),
	})
}

// inPartitionAWS holds in the partition aws; in any other a deploy ends before
// anything is made, with "Unable to get mapping for OnlyInPartition::aws-cn::Works".
// config.CheckRegion says it better, but a template may be deployed elsewhere
// than where it was made. A rule of the template would have a sentence, too;
// but rules are about parameters, says CloudFormation's guide, and nothing
// about the partition.
func inPartitionAWS(stack awscdk.Stack) awscdk.ICfnConditionExpression {
	mapping := awscdk.NewCfnMapping(stack, new("OnlyInPartition"), &awscdk.CfnMappingProps{
		Mapping: &map[string]*map[string]any{"aws": {"Works": "yes"}},
	})
	return awscdk.Fn_ConditionEquals(mapping.FindInMap(stack.Partition(), new("Works"), nil), "yes")
}

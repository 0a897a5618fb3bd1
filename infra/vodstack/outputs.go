package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/vodstack/vodstack/infra/config"
)

// An output is a value that other applications read: as the stack's output,
// by import under <stack>:<export>, or from SSM under /<stack>/<name>.
type output struct {
	name, export, about string
	value               *string
}

// newOutputs publishes the outputs; their names are a promise.
func newOutputs(stack awscdk.Stack, cfg config.Config, r resources, rest api) {
	group := constructs.NewConstruct(stack, new("Outputs"))
	for _, o := range []output{
		{"Source", "Source", "Bucket to upload to", r.store.source.BucketName()},
		{"Destination", "Destination", "Bucket with the streams", r.store.destination.BucketName()},
		{"DynamoDBTable", "DynamoDBTable", "Tracking table", r.table.TableName()},
		{"VideoTable", "VideoTable", "Table of the integration's videos", r.videos.table.TableName()},
		{"SnsNotificationTopic", "SnsNotificationTopic", "ARN of the topic with all messages", r.news.topic.TopicArn()},
		{"SnsTopicName", "SnsTopic", "Name of the topic", r.news.topic.TopicName()},
		{"SqsUrl", "SqsQueue", "URL of the result queue", r.news.results.QueueUrl()},
		{"SqsArn", "SqsQueueArn", "ARN of the result queue", r.news.results.QueueArn()},
		{"CloudFront", "CloudFront", "Host that the streams are delivered from", r.cdn.host},
		{"ApiUrl", "ApiUrl", "What the REST API's paths are appended to", rest.url},
		{"UUID", "UUID", "Identifier of this deployment", deploymentID(stack)},
	} {
		awscdk.NewCfnOutput(group, new(o.name), &awscdk.CfnOutputProps{
			Key:         new(o.name),
			Description: new(o.about),
			Value:       o.value,
			ExportName:  new(cfg.StackName + ":" + o.export),
		})
		awsssm.NewStringParameter(group, new(o.name+"Parameter"), &awsssm.StringParameterProps{
			ParameterName: new("/" + cfg.StackName + "/" + o.name),
			Description:   new(o.about),
			StringValue:   o.value,
		})
	}
}

// Command finishedvideos is a CDK app of its own beside the stack "vod": a
// queue that hears of every video that has ended, well or badly.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newFinishedVideos(app, "finishedvideos", "vod")
	app.Synth(nil)
}

// newFinishedVideos subscribes a queue to the topic that the pipeline's
// stack exports.
func newFinishedVideos(scope constructs.Construct, id, pipeline string) awscdk.Stack {
	stack := awscdk.NewStack(scope, new(id), nil)
	arn := awscdk.Fn_ImportValue(new(pipeline + ":SnsNotificationTopic"))
	topic := awssns.Topic_FromTopicArn(stack, new("Notifications"), arn)

	dead := newQueue(stack, "DeadLetters", nil)
	queue := newQueue(stack, "Finished", &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(5)})
	topic.AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, &awssnssubscriptions.SqsSubscriptionProps{
		RawMessageDelivery: new(true),
		DeadLetterQueue:    dead,
		FilterPolicy: &map[string]awssns.SubscriptionFilter{
			"status": awssns.SubscriptionFilter_StringFilter(&awssns.StringConditions{
				Allowlist: jsii.Strings("Complete", "Error"),
			}),
		},
	}))
	awscdk.NewCfnOutput(stack, new("QueueUrl"), &awscdk.CfnOutputProps{Value: queue.QueueUrl()})
	return stack
}

// newQueue is encrypted, takes messages over TLS only, and keeps them for
// 14 days, the longest that SQS offers.
func newQueue(stack awscdk.Stack, id string, dead *awssqs.DeadLetterQueue) awssqs.Queue {
	return awssqs.NewQueue(stack, new(id), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      new(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		DeadLetterQueue: dead,
	})
}

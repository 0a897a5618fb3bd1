package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// integration are the queues that functions work off: S3's events, the topic's
// messages and the REST API's promises.
type integration struct {
	uploads inbox        // S3's events, for ingest
	events  inbox        // the topic's messages, for videoevents
	work    inbox        // what is left to do about a video, for sweep
	unknown awssqs.Queue // messages about videos that the API didn't create
}

// oneAfterTheOther keeps ingest within StartExecution's bucket, which the
// account's other state machines, the API and sweep draw from, too: 800 calls
// at once and 150 a second after that in most regions, 1,300 and 300 in three
// (Step Functions' guide: quotas, state throttling). A record takes one call
// of 20 ms or more, so two invocations, the fewest that Lambda can be limited
// to, make 100 calls a second at most. That begins 10,000 uploads in two to
// four minutes and 100,000 in half an hour, which MediaConvert, at a few jobs
// a second, is far from taking.
//
// What is refused all the same is no poison: at a try every 48 seconds, 375
// tries outlast five hours in which Step Functions takes nothing at all.
var oneAfterTheOther = atMost{batch: 10, atOnce: 2, tries: 375}

// newIntegration makes the queues and lets the topic fill that of its
// messages.
func newIntegration(stack awscdk.Stack, cfg config.Config, news notifications, run functions) integration {
	i := integration{
		uploads: newInbox(stack, cfg, "Uploads", run.ingest, oneAfterTheOther),
		events:  newInbox(stack, cfg, "VideoEvents", run.videoevents, atMost{batch: 10, tries: 20}), // for a quarter of an hour
		work:    newInbox(stack, cfg, "Work", run.sweep, atMost{batch: 1, atOnce: 5, tries: 5}),
		unknown: newQueue(stack, cfg, "UnknownVideos", "UnknownVideosQueue", nil),
	}
	accept(i.unknown, exception{"AwsSolutions-SQS3", "It is where messages wait that nobody could use; people read it."})
	// Raw, so that a message is the topic's body and its attributes are the
	// queue's. What SNS cannot deliver to the queue is kept, too.
	awssns.NewSubscription(stack, new("VideoEventsSubscription"), &awssns.SubscriptionProps{
		Topic:              news.topic,
		Protocol:           awssns.SubscriptionProtocol_SQS,
		Endpoint:           i.events.queue.QueueArn(),
		RawMessageDelivery: new(true),
		DeadLetterQueue:    i.events.lost,
	})
	i.events.queue.AddToResourcePolicy(fromService("sns.amazonaws.com", news.topic.TopicArn(), i.events.queue))
	return i
}

// An inbox is a queue that a function works off. What the function has failed
// on too often waits in the lost queue.
type inbox struct {
	name        string
	queue, lost awssqs.Queue
}

// atMost are the limits of how a queue is worked off. MediaConvert and
// CloudFront take a few calls a second, so what calls them for every message
// runs a few times at once; zero is Lambda's own limit. A message is lost
// after so many tries.
type atMost struct{ batch, atOnce, tries int }

// newInbox makes both queues and joins the first to its function. A message
// is hidden six times as long as the function may run, as Lambda's guide has
// it ("Creating and configuring an Amazon SQS event source mapping"): Lambda
// may try again while it is throttled. What a killed process had in hand comes
// again as late as that, so the functions that somebody waits for get little
// time.
func newInbox(stack awscdk.Stack, cfg config.Config, name string, to function, limits atMost) inbox {
	lost := newQueue(stack, cfg, name+"Lost", name+"LostQueue", nil)
	queue := newQueue(stack, cfg, name+"Inbox", name+"Queue", &awssqs.DeadLetterQueue{Queue: lost, MaxReceiveCount: jsii.Number(limits.tries)})
	resource(queue).AddPropertyOverride(new("VisibilityTimeout"), 6*to.size.seconds)
	to.may(allow(on(queue.QueueArn()), "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"))
	mapping := &awslambda.CfnEventSourceMappingProps{
		FunctionName:   to.lambda.FunctionArn(),
		EventSourceArn: queue.QueueArn(),
		BatchSize:      jsii.Number(limits.batch),
		// One message that fails doesn't bring back the others.
		FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
	}
	if limits.atOnce > 0 {
		mapping.ScalingConfig = &awslambda.CfnEventSourceMapping_ScalingConfigProperty{MaximumConcurrency: jsii.Number(limits.atOnce)}
	}
	awslambda.NewCfnEventSourceMapping(stack, new(name+"Mapping"), mapping)
	return inbox{name, queue, lost}
}

package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/internal/contract"
)

// A feed brings events to a function, or to the queue that it works off. What
// cannot be delivered waits in the lost queue; so does what a function without
// a queue fails on after all retries.
type feed struct {
	to   function
	lost awssqs.Queue
}

// newFeeds makes the rules. No event of S3 is filtered out by its key here:
// the function says in its log why it ignores a file.
func newFeeds(stack awscdk.Stack, cfg config.Config, store storage, p pipeline, q integration, run functions) []feed {
	return []feed{
		newQueueFeed(stack, cfg, run.ingest, q.uploads, events{about: "New objects in the source bucket", like: map[string]any{
			"source":      jsii.Strings("aws.s3"),
			"detail-type": jsii.Strings("Object Created"),
			"detail":      map[string]any{"bucket": map[string]any{"name": []*string{store.source.BucketName()}}},
		}}),
		// MediaConvert sends the events of all jobs of the account. Of ours only
		// progress and the end change anything; how a job begins doesn't.
		newFeed(stack, cfg, run.jobstate, events{about: "MediaConvert's events about our own jobs", like: map[string]any{
			"source":      jsii.Strings("aws.mediaconvert"),
			"detail-type": jsii.Strings("MediaConvert Job State Change"),
			"detail": map[string]any{
				"userMetadata": map[string]any{"workflow": jsii.Strings(cfg.StackName)},
				"status":       jsii.Strings(contract.JobComplete, contract.JobError, contract.JobCanceled, contract.JobStatusUpdate),
			},
		}}),
		// A safety net for executions that end without their Fail state:
		// stopped by hand, or too long a history.
		newFeed(stack, cfg, run.fail, events{about: "Executions that ended badly", like: map[string]any{
			"source":      jsii.Strings("aws.states"),
			"detail-type": jsii.Strings("Step Functions Execution Status Change"),
			"detail": map[string]any{
				"stateMachineArn": []*string{p.machine.StateMachineArn()},
				"status":          jsii.Strings("FAILED", "TIMED_OUT", "ABORTED"),
			},
		}}),
		// Whatever was promised and forgotten is found within a minute.
		newFeed(stack, cfg, run.sweep, events{about: "Time to look for work that is due", every: new("rate(1 minute)")}),
	}
}

// events are what a rule hands over: those like a pattern, or one every so
// often.
type events struct {
	about string
	like  map[string]any
	every *string
}

// newQueueFeed makes a rule that fills the queue of a function. Lambda tries
// an event that it was handed directly three times only, and a burst of
// uploads ends in more throttling than that; a queue keeps it.
func newQueueFeed(stack awscdk.Stack, cfg config.Config, to function, queue inbox, what events) feed {
	rule, lost := newRule(stack, cfg, to, queue.queue.QueueArn(), what)
	queue.queue.AddToResourcePolicy(fromService("events.amazonaws.com", rule.AttrArn(), queue.queue))
	return feed{to, lost}
}

// newFeed makes a rule that invokes a function, and both nets under it.
// EventBridge's own dead-letter queue sees only what it could not hand over to
// Lambda; an event that Lambda took and the function failed on is the other
// one's business.
func newFeed(stack awscdk.Stack, cfg config.Config, to function, what events) feed {
	id := exported(to.name)
	rule, lost := newRule(stack, cfg, to, to.lambda.FunctionArn(), what)
	to.may(allow(on(lost.QueueArn()), "sqs:SendMessage"))
	awslambda.NewCfnEventInvokeConfig(stack, new(id+"Retries"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             to.lambda.FunctionName(),
		Qualifier:                new("$LATEST"),
		MaximumRetryAttempts:     jsii.Number(2),
		MaximumEventAgeInSeconds: jsii.Number(6 * 60 * 60),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: lost.QueueArn()},
		},
	})
	awslambda.NewCfnPermission(stack, new(id+"MayBeInvoked"), &awslambda.CfnPermissionProps{
		Action:       new("lambda:InvokeFunction"),
		FunctionName: to.lambda.FunctionArn(),
		Principal:    new("events.amazonaws.com"),
		SourceArn:    rule.AttrArn(),
	})
	return feed{to, lost}
}

// newRule makes the rule that feeds a function, by a target that is the
// function or its queue, and the rule's dead-letter queue.
func newRule(stack awscdk.Stack, cfg config.Config, feeds function, target *string, what events) (awsevents.CfnRule, awssqs.Queue) {
	id := exported(feeds.name)
	lost := newQueue(stack, cfg, id+"Lost", id+"LostQueue", nil)
	accept(lost, exception{"AwsSolutions-SQS3", "It is a dead-letter queue itself, of a rule, which cdk-nag doesn't see."})
	props := &awsevents.CfnRuleProps{
		Description:        new(what.about),
		ScheduleExpression: what.every,
		State:              new("ENABLED"),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id:               new(feeds.name),
			Arn:              target,
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: lost.QueueArn()},
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumRetryAttempts: jsii.Number(185), MaximumEventAgeInSeconds: jsii.Number(24 * 60 * 60),
			},
		}},
	}
	if what.like != nil {
		props.EventPattern = what.like
	}
	rule := awsevents.NewCfnRule(stack, new(id+"Events"), props)
	lost.AddToResourcePolicy(fromService("events.amazonaws.com", rule.AttrArn(), lost))
	return rule, lost
}

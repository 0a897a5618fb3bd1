package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// notifications are the two ways in which other applications are told.
type notifications struct {
	topic       awssns.Topic
	results     awssqs.Queue
	undelivered awssqs.Queue // results that a reader failed on
}

// newNotifications makes topic and queues. The topic is encrypted with the
// account's own SNS key: everyone of the account who may publish may use it
// (its policy, which cannot be changed, allows all principals of the account
// through SNS), and subscribers get plain messages.
//
// The key is named by its alias, as SNS's guide does it (Setting up topic
// encryption, sns-enable-encryption-for-topic): SNS makes the key on first
// use. An ARN in its place would be that of a key which a new account doesn't
// have.
//
// Only plan, publish and fail publish here. A role of the same account needs
// no word of the topic's policy, its own is enough; a service that publishes,
// such as S3, EventBridge or CloudWatch, would need both another key and a
// statement in the policy, which EnforceSSL has made out of SNS's default.
func newNotifications(stack awscdk.Stack, cfg config.Config) notifications {
	topic := pinned(awssns.NewTopic(stack, new("Notifications"), &awssns.TopicProps{
		DisplayName: new(cfg.StackName + " videos"),
		EnforceSSL:  new(true),
	}), "NotificationTopic")
	resource(topic).AddPropertyOverride(new("KmsMasterKeyId"), "alias/aws/sns")
	topic.ApplyRemovalPolicy(removal(cfg))
	if cfg.AdminEmail != "" {
		mail(stack, "AdminEmail", topic, cfg.AdminEmail)
	}
	undelivered := newQueue(stack, cfg, "UndeliveredResults", "UndeliveredResultsQueue", nil)
	return notifications{
		topic:       topic,
		undelivered: undelivered,
		// Five tries, as a reader that restarts loses a message or two.
		results: newQueue(stack, cfg, "Results", "ResultQueue", &awssqs.DeadLetterQueue{
			Queue: undelivered, MaxReceiveCount: jsii.Number(5),
		}),
	}
}

// newQueue keeps messages for 14 days, the longest that SQS offers, so that
// they outlast a long weekend.
func newQueue(stack awscdk.Stack, cfg config.Config, name, id string, dead *awssqs.DeadLetterQueue) awssqs.Queue {
	return pinned(awssqs.NewQueue(stack, new(name), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      new(true),
		RetentionPeriod: days(14),
		DeadLetterQueue: dead,
		RemovalPolicy:   removal(cfg),
	}), id)
}

func mail(stack awscdk.Stack, id string, topic awssns.ITopic, address string) {
	awssns.NewSubscription(stack, new(id), &awssns.SubscriptionProps{
		Topic:    topic,
		Protocol: awssns.SubscriptionProtocol_EMAIL,
		Endpoint: new(address),
	})
}

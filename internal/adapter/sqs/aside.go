package sqs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// Aside is a queue of messages that nobody could use.
type Aside struct {
	Client *sqs.Client
	URL    string
}

// Keep sends a message as it came, with the reason as an attribute.
func (a *Aside) Keep(ctx context.Context, body, reason string) error {
	_, err := a.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &a.URL, MessageBody: &body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			"reason": {DataType: aws.String("String"), StringValue: &reason},
		},
	})
	return awsbase.Explain(err)
}

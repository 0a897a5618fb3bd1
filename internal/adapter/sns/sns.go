// Package sns publishes the pipeline's messages on its topic.
package sns

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Topic is one topic.
type Topic struct {
	Client *sns.Client
	ARN    string
}

// Publish sends a message with its attributes, by which subscribers
// filter and recognise a repeat.
func (t *Topic) Publish(ctx context.Context, m contract.Message) error {
	_, err := t.Client.Publish(ctx, &sns.PublishInput{
		TopicArn: &t.ARN,
		Subject:  &m.Subject,
		Message:  &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			"messageId": text(m.ID),
			"status":    text(string(m.Status)),
			"guid":      text(m.GUID),
		},
	})
	return awsbase.Explain(err)
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
}

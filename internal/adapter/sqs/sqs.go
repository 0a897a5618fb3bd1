// Package sqs sends messages to queues.
package sqs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Queue is one queue.
type Queue struct {
	Client *sqs.Client
	URL    string
}

// Send sends one message.
func (q *Queue) Send(ctx context.Context, body string) error {
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.URL, MessageBody: &body})
	return awsbase.Explain(err)
}

// Results is the result queue.
type Results struct {
	Client *sqs.Client
	URL    string
}

// Send sends a result with the attribute by which a reader recognises a
// repeat.
func (r *Results) Send(ctx context.Context, m contract.Message) error {
	_, err := r.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &r.URL, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			"messageId": {DataType: aws.String("String"), StringValue: &m.ID},
		},
	})
	return awsbase.Explain(err)
}

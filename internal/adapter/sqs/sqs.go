// Package sqs sends results to the result queue.
package sqs

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
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

package library

import (
	"context"
	"log/slog"
)

// Batch is what Lambda hands over from a queue.
type Batch struct {
	Records []struct {
		MessageID string `json:"messageId"`
		Body      string `json:"body"`
	} `json:"Records"`
}

// Failures name the messages of a batch that shall come again; the others are
// done.
type Failures struct {
	BatchItemFailures []Failure `json:"batchItemFailures"`
}

// Failure names one message.
type Failure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// each takes the messages of a batch one after the other. One that fails
// keeps none of the others from being taken.
func (b Batch) each(ctx context.Context, log *slog.Logger, take func(ctx context.Context, body string) error) Failures {
	failures := Failures{BatchItemFailures: []Failure{}}
	for _, record := range b.Records {
		if err := take(ctx, record.Body); err != nil {
			log.Error("message failed", "message", record.MessageID, "error", err)
			failures.BatchItemFailures = append(failures.BatchItemFailures, Failure{record.MessageID})
		}
	}
	return failures
}

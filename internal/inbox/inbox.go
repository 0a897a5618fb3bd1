// Package inbox is a function's side of a queue that it works off: what Lambda
// hands over, and what it wants to hear.
package inbox

import (
	"context"
	"log/slog"
	"time"
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

// reserve is kept of a function's time, or a third of it where that is less: no
// message is begun in it. A function that runs into its timeout reports
// nothing, and all messages come again.
const reserve = 10 * time.Second

// Each takes the messages of a batch one after the other. One that fails
// keeps none of the others from being taken; those that there is no time for
// come again.
func (b Batch) Each(ctx context.Context, log *slog.Logger, take func(ctx context.Context, body string) error) Failures {
	failures := Failures{BatchItemFailures: []Failure{}}
	until := lastBegin(ctx)
	for _, record := range b.Records {
		if ctx.Err() != nil || time.Now().After(until) {
			log.Warn("message left for later", "message", record.MessageID)
			failures.BatchItemFailures = append(failures.BatchItemFailures, Failure{record.MessageID})
			continue
		}
		if err := take(ctx, record.Body); err != nil {
			log.Error("message failed", "message", record.MessageID, "error", err)
			failures.BatchItemFailures = append(failures.BatchItemFailures, Failure{record.MessageID})
		}
	}
	return failures
}

// forever is the last moment of a context without a deadline.
const forever = 100 * 365 * 24 * time.Hour

// lastBegin is until when there is time to begin a message.
func lastBegin(ctx context.Context) time.Time {
	deadline, limited := ctx.Deadline()
	if !limited {
		return time.Now().Add(forever)
	}
	return deadline.Add(-min(reserve, time.Until(deadline)/3))
}

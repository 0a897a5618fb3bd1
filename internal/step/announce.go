package step

import (
	"context"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// Announcer tells others how a video ended, on the topic and on the queue, each
// at least once: a mark in the record follows each message, so that a state
// that is tried again, or the safety net, sends only what is missing. Where the
// mark was lost, an equal message is sent again.
type Announcer struct {
	Records Records
	Topic   Topic
	Queue   Queue
	Now     func() time.Time
}

// Final sends what the final record says and the marks do not yet have.
func (a *Announcer) Final(ctx context.Context, rec contract.Record) error {
	if rec.TellsSns() && rec.SnsSentAt == "" {
		if err := a.sns(ctx, rec); err != nil {
			return err
		}
	}
	if rec.TellsSqs() && rec.SqsSentAt == "" {
		return a.sqs(ctx, rec)
	}
	return nil
}

func (a *Announcer) sns(ctx context.Context, rec contract.Record) error {
	message, err := contract.FinalMessage(rec)
	if err != nil {
		return err
	}
	if err := a.Topic.Publish(ctx, message); err != nil {
		return fmt.Errorf("announce video %s: %w", rec.GUID, err)
	}
	return mark(ctx, a.Records, rec.GUID, contract.Internal{SnsSentAt: contract.Time(a.Now())})
}

func (a *Announcer) sqs(ctx context.Context, rec contract.Record) error {
	body, err := contract.ResultBody(rec)
	if err != nil {
		return err
	}
	if err := a.Queue.Send(ctx, body); err != nil {
		return fmt.Errorf("send result of video %s: %w", rec.GUID, err)
	}
	return mark(ctx, a.Records, rec.GUID, contract.Internal{SqsSentAt: contract.Time(a.Now())})
}

// mark writes that a message has been sent, where that is not written yet.
func mark(ctx context.Context, records Records, guid string, sent contract.Internal) error {
	_, _, err := records.Update(ctx, guid, contract.Change{Once: contract.Record{Internal: sent}})
	if err != nil {
		return fmt.Errorf("mark message of video %s as sent: %w", guid, err)
	}
	return nil
}

package step

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// Announcer tells others how a video ended, on the topic and on the queue, each
// at least once: a mark in the record follows the messages, so that a state
// that is tried again, or the safety net, sends only what is missing. Where the
// mark was lost, an equal message is sent again.
type Announcer struct {
	Records Records
	Topic   Topic
	Queue   Queue
	Now     func() time.Time
}

// Final sends what the final record says and the marks do not yet have, both
// at once.
func (a *Announcer) Final(ctx context.Context, rec contract.Record) error {
	var sent contract.Internal
	err := together(
		func() (err error) { sent.SnsSentAt, err = a.sns(ctx, rec); return err },
		func() (err error) { sent.SqsSentAt, err = a.sqs(ctx, rec); return err },
	)
	if sent.SnsSentAt == "" && sent.SqsSentAt == "" {
		return err
	}
	return cmp.Or(err, mark(ctx, a.Records, rec.GUID, sent))
}

// sns sends the message, and returns when; empty when it needs none.
func (a *Announcer) sns(ctx context.Context, rec contract.Record) (at string, err error) {
	if !rec.TellsSns() || rec.SnsSentAt != "" {
		return "", nil
	}
	message, err := contract.FinalMessage(rec)
	if err != nil {
		return "", err
	}
	if err := a.Topic.Publish(ctx, message); err != nil {
		return "", fmt.Errorf("announce video %s: %w", rec.GUID, err)
	}
	return contract.Time(a.Now()), nil
}

// sqs is the same for the result.
func (a *Announcer) sqs(ctx context.Context, rec contract.Record) (at string, err error) {
	if !rec.TellsSqs() || rec.SqsSentAt != "" {
		return "", nil
	}
	body, err := contract.ResultBody(rec)
	if err != nil {
		return "", err
	}
	if err := a.Queue.Send(ctx, body); err != nil {
		return "", fmt.Errorf("send result of video %s: %w", rec.GUID, err)
	}
	return contract.Time(a.Now()), nil
}

// mark writes that messages have been sent, where that is not written yet.
func mark(ctx context.Context, records Records, guid string, sent contract.Internal) error {
	_, _, err := records.Update(ctx, guid, contract.Change{Once: contract.Record{Internal: sent}, Unread: true})
	if err != nil {
		return fmt.Errorf("mark messages of video %s as sent: %w", guid, err)
	}
	return nil
}

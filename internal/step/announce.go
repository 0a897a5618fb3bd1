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
// mark was lost, an equal message is sent again: messages are made of the
// record alone, which nobody changes once it is final.
type Announcer struct {
	Records Records
	Topic   Topic
	Queue   Queue
	Now     func() time.Time
}

// Final sends what the final record says and the marks do not yet have, both
// at once. Before an Error comes the Ingest message of a video that failed
// before plan could send it: subscribers create their entry when they hear it.
func (a *Announcer) Final(ctx context.Context, rec contract.Record) error {
	var sent contract.Internal
	err := a.send(ctx, rec, &sent)
	if sent.IngestSentAt+sent.SnsSentAt+sent.SqsSentAt == "" {
		return err
	}
	return cmp.Or(err, mark(ctx, a.Records, rec, sent))
}

func (a *Announcer) send(ctx context.Context, rec contract.Record, sent *contract.Internal) (err error) {
	if rec.WorkflowStatus == contract.StatusError {
		if sent.IngestSentAt, err = announceIngest(ctx, a.Topic, rec, a.Now); err != nil {
			return err
		}
	}
	return together(
		func() (err error) { sent.SnsSentAt, err = a.sns(ctx, rec); return err },
		func() (err error) { sent.SqsSentAt, err = a.sqs(ctx, rec); return err },
	)
}

// announceIngest sends the Ingest message and returns when; empty where a mark
// in the record says that it was sent.
func announceIngest(ctx context.Context, topic Topic, rec contract.Record, now func() time.Time) (at string, err error) {
	if !rec.TellsSns() || rec.IngestSentAt != "" {
		return "", nil
	}
	message, err := contract.IngestMessage(rec)
	if err != nil {
		return "", err
	}
	if err := topic.Publish(ctx, message); err != nil {
		return "", fmt.Errorf("announce video %s: %w", rec.GUID, err)
	}
	return contract.Time(now()), nil
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
	result, err := contract.ResultMessage(rec)
	if err != nil {
		return "", err
	}
	if err := a.Queue.Send(ctx, result); err != nil {
		return "", fmt.Errorf("send result of video %s: %w", rec.GUID, err)
	}
	return contract.Time(a.Now()), nil
}

// mark writes that messages have been sent, where that is not written yet. A
// record that a redrive has reopened meanwhile has other messages to send: the
// mark of an earlier run would keep them back.
func mark(ctx context.Context, records Records, rec contract.Record, sent contract.Internal) error {
	_, _, err := records.Update(ctx, rec.GUID, contract.Change{
		Once:   contract.Record{Internal: sent},
		If:     []contract.Condition{{Field: "redrives", Op: contract.AbsentOrLess, Value: rec.Redrives + 1}},
		Unread: true,
	})
	if err != nil {
		return fmt.Errorf("mark messages of video %s as sent: %w", rec.GUID, err)
	}
	return nil
}

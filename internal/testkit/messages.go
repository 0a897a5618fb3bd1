package testkit

import (
	"context"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
)

// Topic keeps the messages that were published.
type Topic struct {
	// Before, where set, is called before a message is taken; its error is
	// returned and the message is lost.
	Before func(contract.Message) error
	// After, where set, is called after a message was taken; its error is
	// returned in place of the answer, as when that is lost.
	After func(contract.Message) error

	mu       sync.Mutex
	messages []contract.Message
}

// Publish takes a message.
func (t *Topic) Publish(_ context.Context, m contract.Message) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Before != nil {
		if err := t.Before(m); err != nil {
			return err
		}
	}
	t.messages = append(t.messages, m)
	if t.After != nil {
		return t.After(m)
	}
	return nil
}

// Messages are all that have been published, in order.
func (t *Topic) Messages() []contract.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]contract.Message(nil), t.messages...)
}

// Of is how many messages of a status have been published.
func (t *Topic) Of(status contract.Status) (messages []contract.Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range t.messages {
		if m.Status == status {
			messages = append(messages, m)
		}
	}
	return messages
}

// Queue keeps the bodies that were sent.
type Queue struct {
	// Before is as the Topic's.
	Before func(body string) error

	mu     sync.Mutex
	bodies []string
}

// Send takes a message.
func (q *Queue) Send(_ context.Context, body string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.Before != nil {
		if err := q.Before(body); err != nil {
			return err
		}
	}
	q.bodies = append(q.bodies, body)
	return nil
}

// Bodies are what was sent.
func (q *Queue) Bodies() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]string(nil), q.bodies...)
}

// Results is the result queue: a topic without a status to filter by.
type Results struct{ Topic }

// Send takes a result.
func (r *Results) Send(ctx context.Context, m contract.Message) error { return r.Publish(ctx, m) }

// Bodies are what was sent.
func (r *Results) Bodies() (bodies []string) {
	for _, m := range r.Messages() {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

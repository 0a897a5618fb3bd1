package testkit

import (
	"context"
	"errors"
	"sync"
)

// Completion is how a task was completed. Name is empty when it went well.
type Completion struct{ Token, Name, Cause string }

// Tasks is the waiting side of a state machine: each token that was opened
// can be completed once; later or for other tokens nothing happens, as with
// a task that is gone.
type Tasks struct {
	// Before, where set, is called before a completion; its error is returned
	// and the task goes on waiting.
	Before func(Completion) error

	mu          sync.Mutex
	open        map[string]bool
	completions []Completion
}

// Open makes a token known, as when its task begins to wait.
func (t *Tasks) Open(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[string]bool{}
	}
	t.open[token] = true
}

// Expire makes a token unknown, as when its task has timed out.
func (t *Tasks) Expire(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, token)
}

// Succeed completes a task well.
func (t *Tasks) Succeed(_ context.Context, token, _ string) error {
	return t.complete(Completion{Token: token})
}

// Fail completes a task badly.
func (t *Tasks) Fail(_ context.Context, token, name, cause string) error {
	return t.complete(Completion{Token: token, Name: name, Cause: cause})
}

func (t *Tasks) complete(c Completion) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.Token == "" {
		return errors.New("an empty token is refused")
	}
	if t.Before != nil {
		if err := t.Before(c); err != nil {
			return err
		}
	}
	if t.open[c.Token] {
		delete(t.open, c.Token)
		t.completions = append(t.completions, c)
	}
	return nil
}

// Completions are the tasks that were completed, in order.
func (t *Tasks) Completions() []Completion {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Completion(nil), t.completions...)
}

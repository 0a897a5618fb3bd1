package events

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Target is where a rule sends an event.
type Target struct {
	Rule       string        `json:"rule"` // ARN
	ID         string        `json:"id"`
	ARN        string        `json:"arn"`
	Input      string        `json:"input,omitempty"` // constant, sent in place of the event
	DeadLetter string        `json:"deadLetter,omitempty"`
	Retries    int           `json:"retries"` // after the first attempt
	MaxAge     time.Duration `json:"maxAge"`
}

// Router finds the targets of an event in its wire form.
type Router interface {
	Route(ctx context.Context, event []byte) ([]Target, error)
}

// Carrier takes an event to one target. It returns nil when the target has
// it, ErrOutage, *FunctionError, a Permanent error, or any other error
// that is worth another attempt.
type Carrier interface {
	Carry(ctx context.Context, to Target, event []byte) error
	// Bury puts an event that could not be delivered where the target or
	// the function says; a target without such a place loses it.
	Bury(ctx context.Context, d Burial) error
}

// ErrOutage means that the control plane does not answer: no attempt is
// counted, the event waits.
var ErrOutage = errors.New("the control plane does not answer")

// FunctionError is a function's own failure, which its settings treat, not
// the rule's.
type FunctionError struct {
	Retries     int           // after the first run
	MaxAge      time.Duration // of the event
	Destination string        // ARN for events whose runs all failed
	Payload     json.RawMessage
}

func (e *FunctionError) Error() string { return "function failed: " + string(e.Payload) }

// Permanent marks an error that no retry would change.
type Permanent struct{ Err error }

func (e *Permanent) Error() string { return e.Err.Error() }
func (e *Permanent) Unwrap() error { return e.Err }

// Burial is an event that is given up.
type Burial struct {
	Target    Target
	Event     []byte
	Cause     error
	Condition string // as EventBridge and Lambda name it
	Attempts  int    // runs or attempts that failed
}

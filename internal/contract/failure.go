package contract

import (
	"errors"
	"fmt"
)

// Failure ends a video: retrying would not help. Its message is one sentence
// for people.
type Failure struct {
	Code    Code
	Message string
}

// Error is the sentence; the code travels as the error's name.
func (f *Failure) Error() string { return f.Message }

// Failf makes a Failure.
func Failf(code Code, format string, args ...any) *Failure {
	return &Failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Errors that are worth another try. Adapters wrap them around what the
// service said; their names are in the state machine's Retry.
var (
	// ErrThrottled says that the service wants us to slow down.
	ErrThrottled = errors.New("throttled")
	// ErrUnavailable says that the service or the way to it is down.
	ErrUnavailable = errors.New("unavailable")
	// ErrInDoubt says that a call may have been carried out: its answer was
	// lost. Look before you repeat it.
	ErrInDoubt = errors.New("the call may have been carried out")
	// ErrDenied says that the function's role may not do this.
	ErrDenied = errors.New("access denied")
	// ErrNotFound says that the thing asked for is not there.
	ErrNotFound = errors.New("not found")
)

// The names that the state machine's Retry knows.
const (
	NameThrottled   = "Throttled"
	NameUnavailable = "Unavailable"
)

// ErrorName is the name under which the state machine sees an error: the code
// of a Failure, or the name of a kind that is worth another try.
func ErrorName(err error) string {
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		return string(failure.Code)
	case errors.Is(err, ErrInDoubt):
		return NameUnavailable
	case errors.Is(err, ErrThrottled):
		return NameThrottled
	case errors.Is(err, ErrUnavailable):
		return NameUnavailable
	case errors.Is(err, ErrDenied):
		return string(CodeAccessDenied)
	}
	return string(CodeInternal)
}

// Sentence is what people read of an error: a Failure's own words, or the
// whole chain for the operator.
func Sentence(err error) string {
	var failure *Failure
	if errors.As(err, &failure) {
		return failure.Message
	}
	return err.Error()
}

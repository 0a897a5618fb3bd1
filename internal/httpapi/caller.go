package httpapi

import "context"

// Caller is who asks, as the API's authorizer has confirmed it, and where.
type Caller struct {
	Owner     string // empty when nobody was confirmed
	Refused   string // why nobody was, where there is more to say
	BaseURL   string // the API's own, without a slash at its end
	RequestID string // for the operator
	Warming   bool   // nobody asks: the function warms itself
}

type callerKey struct{}

// WithCaller hands the caller to the handlers.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

func callerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

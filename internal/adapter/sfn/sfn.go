// Package sfn talks to Step Functions: starts executions and completes
// waiting tasks.
package sfn

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// The service's limits for a failure, in characters.
const (
	nameLimit  = 256
	causeLimit = 32768
)

// Machine is the state machine whose executions are started.
type Machine struct {
	Client *sfn.Client
	ARN    string
}

// Start starts an execution. One of that name that exists already counts as
// started: it stands for the same event.
func (m *Machine) Start(ctx context.Context, name, input string) error {
	_, err := m.Client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &m.ARN, Name: &name, Input: &input,
	})
	var exists *types.ExecutionAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	return awsbase.Explain(err)
}

// Tasks completes waiting tasks.
type Tasks struct {
	Client *sfn.Client
}

// Succeed completes a task well.
func (t *Tasks) Succeed(ctx context.Context, token, output string) error {
	_, err := t.Client.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{TaskToken: &token, Output: &output})
	return done(err)
}

// Fail completes a task badly, under the name that the state machine's Retry
// and Catch look at.
func (t *Tasks) Fail(ctx context.Context, token, name, cause string) error {
	_, err := t.Client.SendTaskFailure(ctx, &sfn.SendTaskFailureInput{
		TaskToken: &token,
		Error:     aws.String(clip(name, nameLimit)),
		Cause:     aws.String(clip(cause, causeLimit)),
	})
	return done(err)
}

// done takes a task that is complete already, timed out or gone as done.
func done(err error) error {
	var timedOut *types.TaskTimedOut
	var gone *types.TaskDoesNotExist
	if errors.As(err, &timedOut) || errors.As(err, &gone) {
		return nil
	}
	return awsbase.Explain(err)
}

func clip(s string, limit int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), limit)])
}

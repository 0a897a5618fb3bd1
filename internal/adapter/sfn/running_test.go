package sfn_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func TestAnExecutionRunsUntilItHasEnded(t *testing.T) {
	for status, want := range map[string]bool{
		"RUNNING": true, "PENDING_REDRIVE": true, "SUCCEEDED": false, "FAILED": false, "TIMED_OUT": false, "ABORTED": false,
	} {
		s, client := service(t, awstest.Answer{Body: `{"executionArn":"arn","stateMachineArn":"arn","startDate":1,"status":"` + status + `"}`})
		machine := &sfn.Machine{Client: client, ARN: "arn:aws:states:eu-central-1:123456789012:stateMachine:vod-pipeline"}
		running, err := machine.Running(context.Background(), "guid")
		if err != nil || running != want {
			t.Errorf("%s: running %v, %v", status, running, err)
		}
		if got := fields(t, s.Calls()[0].Body)["executionArn"]; got != "arn:aws:states:eu-central-1:123456789012:execution:vod-pipeline:guid" {
			t.Errorf("asked for %s", got)
		}
	}
}

func TestAnExecutionThatNeverWasDoesNotRun(t *testing.T) {
	_, client := service(t, refusal("ExecutionDoesNotExist"))
	if running, err := (&sfn.Machine{Client: client, ARN: "arn"}).Running(context.Background(), "guid"); running || err != nil {
		t.Errorf("running %v, %v", running, err)
	}
	_, client = service(t, refusal("ThrottlingException"))
	if _, err := (&sfn.Machine{Client: client, ARN: "arn"}).Running(context.Background(), "guid"); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
}

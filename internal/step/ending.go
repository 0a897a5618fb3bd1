package step

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// An ending is how and where an execution failed.
type ending struct {
	execution    string // ARN
	redriveCount int    // times that the execution has been redriven
	input        contract.Execution
	stage        string // Plan, Encode, Publish or Execution
	failure      *contract.Failure
}

// executionEvent is "Step Functions Execution Status Change".
type executionEvent struct {
	Source string `json:"source"`
	Detail struct {
		ExecutionArn string `json:"executionArn"`
		Name         string `json:"name"`
		Status       string `json:"status"`
		Input        string `json:"input"` // empty when it is too long for an event
		Error        string `json:"error"`
		Cause        string `json:"cause"`
		RedriveCount int    `json:"redriveCount"`
	} `json:"detail"`
}

// readEnding reads either form of Fail's input.
func readEnding(raw json.RawMessage) (ending, error) {
	var event executionEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		return ending{}, fmt.Errorf("read failure: %w", err)
	}
	if event.Source == "aws.states" {
		return endingOfEvent(event)
	}
	var state contract.Failing
	if err := json.Unmarshal(raw, &state); err != nil {
		return ending{}, fmt.Errorf("read failure: %w", err)
	}
	if state.Input.GUID == "" {
		return ending{}, errors.New("read failure: it names no video")
	}
	e := ending{execution: state.Execution.ARN, redriveCount: state.Execution.RedriveCount, input: state.Input, stage: "Execution"}
	cause := contract.StateError{Error: string(contract.CodeInternal), Cause: "the execution failed without saying why"}
	switch {
	case state.Input.PublishError != nil:
		e.stage, cause = "Publish", *state.Input.PublishError
	case state.Input.EncodeError != nil:
		e.stage, cause = "Encode", *state.Input.EncodeError
	case state.Input.PlanError != nil:
		e.stage, cause = "Plan", *state.Input.PlanError
	}
	e.failure = explain(e.stage, cause)
	return e, nil
}

// endingOfEvent reads the event of an execution that ended badly. Its name is
// the guid, whatever became of its input.
func endingOfEvent(event executionEvent) (ending, error) {
	d := event.Detail
	e := ending{execution: d.ExecutionArn, redriveCount: d.RedriveCount, stage: "Execution"}
	if d.Input != "" {
		if err := json.Unmarshal([]byte(d.Input), &e.input); err != nil {
			return e, fmt.Errorf("read input of execution %s: %w", d.Name, err)
		}
	}
	if e.input.GUID == "" {
		e.input.GUID = d.Name
	}
	switch d.Status {
	case "ABORTED":
		e.failure = contract.Failf(contract.CodeExecutionStopped, "the execution was stopped")
	case "TIMED_OUT":
		e.failure = contract.Failf(contract.CodeExecutionStopped, "the execution ran out of time")
	default:
		e.failure = explain(e.stage, contract.StateError{Error: d.Error, Cause: d.Cause})
	}
	return e, nil
}

// explain turns a state's error into a published code and one sentence.
func explain(stage string, e contract.StateError) *contract.Failure {
	said := message(e.Cause)
	if info, ok := contract.Explain(contract.Code(e.Error)); ok {
		if said == "" {
			said = info.Meaning
		}
		return &contract.Failure{Code: info.Code, Message: said}
	}
	switch {
	case e.Error == "States.Timeout" && stage == "Encode":
		return contract.Failf(contract.CodeJobTimedOut, "the job sent no news for as long as the stack waits")
	case strings.Contains(e.Error, "AccessDenied"):
		return contract.Failf(contract.CodeAccessDenied, "%s may not do what it must: %s", stage, said)
	case strings.HasSuffix(e.Error, "TooManyRequestsException"):
		return contract.Failf(contract.CodeThrottled, "the function of %s could not run: too many run already", stage)
	case e.Error == "States.Timeout", strings.Contains(e.Error, "Timedout"), strings.HasPrefix(e.Error, "Lambda."):
		return contract.Failf(contract.CodeUnavailable, "the function of %s did not answer in time (%s)", stage, e.Error)
	}
	return contract.Failf(contract.CodeInternal, "%s failed with %s: %s", stage, cmp.Or(e.Error, "an unnamed error"), cmp.Or(said, "no cause was given"))
}

// message is the sentence in a cause: a function's error is JSON, a failed
// task's the sentence itself.
func message(cause string) string {
	var function struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(cause), &function) == nil && function.ErrorMessage != "" {
		cause = function.ErrorMessage
	}
	const limit = 1000 // bytes: one readable sentence, whatever a service adds
	if len(cause) > limit {
		cause = strings.ToValidUTF8(cause[:limit], "") + "…"
	}
	return cause
}

// consoleLink is where the execution's history can be read.
func consoleLink(arn string) string {
	parts := strings.Split(arn, ":") // arn:aws:states:<region>:<account>:execution:<machine>:<name>
	if len(parts) < 8 {
		return ""
	}
	region := parts[3]
	return "https://" + region + ".console.aws.amazon.com/states/home?region=" + region + "#/v2/executions/details/" + arn
}

package workflow_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/workflow"
)

// state is what the tests look at in a state.
type state struct {
	Type           string
	Resource       string
	Next           string
	End            bool
	TimeoutSeconds int
	Parameters     map[string]any
	Retry          []retrier
	Catch          []struct {
		ErrorEquals []string
		ResultPath  string
		Next        string
	}
}

type retrier struct {
	ErrorEquals     []string
	IntervalSeconds int
	BackoffRate     float64
	MaxAttempts     int
	MaxDelaySeconds int
	JitterStrategy  string
}

func params() workflow.Params {
	return workflow.Params{
		PlanArn: "arn:plan", EncodeArn: "arn:encode", PublishArn: "arn:publish", FailArn: "arn:fail", Partition: "aws-cn", EncodeCheckSeconds: 42,
	}
}

func define(t *testing.T) map[string]state {
	t.Helper()
	text, err := workflow.Definition(params())
	if err != nil {
		t.Fatal(err)
	}
	var machine struct {
		StartAt string
		States  map[string]state
	}
	if err := json.Unmarshal([]byte(text), &machine); err != nil {
		t.Fatal(err)
	}
	if machine.StartAt != "Plan" {
		t.Errorf("the machine starts at %s", machine.StartAt)
	}
	return machine.States
}

func TestTheNamesAreAllFilledInAndNothingElseChanges(t *testing.T) {
	text, err := workflow.Definition(params())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "${") || strings.Contains(text, "arn:aws:") {
		t.Errorf("a name is left out in %s", text)
	}
	file, err := os.ReadFile("pipeline.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	back := strings.NewReplacer("arn:plan", "${PlanArn}", "arn:encode", "${EncodeArn}", "arn:publish", "${PublishArn}",
		"arn:fail", "${FailArn}", "arn:aws-cn:states:::", "arn:aws:states:::", `"TimeoutSeconds": 42`, `"TimeoutSeconds": 900`).Replace(text)
	if back != string(file) {
		t.Error("the definition differs from the file in more than its names")
	}
}

func TestOnlyEncodeWaitsForTheCheckInterval(t *testing.T) {
	for name, s := range define(t) {
		if (s.TimeoutSeconds == 42) != (name == "Encode") {
			t.Errorf("%s has a timeout of %d s", name, s.TimeoutSeconds)
		}
	}
}

func TestAPlainVideoEntersAtMostFiveStates(t *testing.T) {
	states, name := define(t), "Plan"
	for entered := 1; ; entered++ {
		if entered > 5 {
			t.Fatal("more than five")
		}
		s := states[name]
		if s.End {
			return
		}
		name = s.Next
	}
}

func TestNothingDiesSilently(t *testing.T) {
	for name, s := range define(t) {
		if s.Type == "Fail" {
			continue
		}
		if s.TimeoutSeconds == 0 || len(s.Retry) == 0 {
			t.Errorf("%s has no timeout or no retry", name)
		}
		if name == "Failed" { // its error is how an execution ends; the rule on failed executions hears of it
			continue
		}
		if len(s.Catch) != 1 || s.Catch[0].ErrorEquals[0] != "States.ALL" {
			t.Errorf("%s doesn't catch everything", name)
			continue
		}
		if to := s.Catch[0].Next; to != "Fail" && name != "Fail" {
			t.Errorf("%s goes to %s on an error", name, to)
		}
	}
}

func TestFailLearnsWhichStateFailed(t *testing.T) {
	for name, field := range map[string]string{"Plan": "planError", "Encode": "encodeError", "Publish": "publishError"} {
		if path := define(t)[name].Catch[0].ResultPath; path != "$."+field {
			t.Errorf("%s puts its error at %s", name, path)
		}
		text := []byte(`{"` + field + `":{"Error":"E","Cause":"C"}}`)
		var input contract.Execution
		if err := json.Unmarshal(text, &input); err != nil {
			t.Fatal(err)
		}
		if input.PlanError == nil && input.EncodeError == nil && input.PublishError == nil {
			t.Errorf("the input of Fail has no field %s", field)
		}
	}
}

func TestFailuresOfTheVideoAreNotTriedAgain(t *testing.T) {
	for name, s := range define(t) {
		if name == "Fail" {
			continue
		}
		for _, r := range s.Retry {
			for _, e := range r.ErrorEquals {
				_, published := contract.Explain(contract.Code(e))
				if published && e != contract.NameThrottled && e != contract.NameUnavailable {
					t.Errorf("%s tries %s again", name, e)
				}
				if e == "States.ALL" || e == "States.TaskFailed" {
					t.Errorf("%s tries everything again", name)
				}
			}
		}
	}
}

// patience is how long a retrier goes on, in the mean, in seconds: with full
// jitter each wait is between nothing and what it would be without.
func patience(r retrier) float64 {
	total, wait := 0.0, float64(r.IntervalSeconds)
	for range r.MaxAttempts {
		total += min(wait, float64(r.MaxDelaySeconds)) / 2
		wait *= r.BackoffRate
	}
	return total
}

const day = 24 * 60 * 60

// test/simulation plays what these budgets are worth in a burst.
func TestAServiceThatIsBusyOrDownIsAskedAgainForDays(t *testing.T) {
	for _, name := range []string{"Plan", "Encode", "Publish"} {
		for kind, days := range map[string]float64{contract.NameThrottled: 3, contract.NameUnavailable: 1.5} {
			r, ok := retrierOf(define(t)[name], kind)
			if !ok || r.JitterStrategy != "FULL" || r.MaxDelaySeconds == 0 || patience(r) < days*day {
				t.Errorf("%s, %s: %+v lasts for %.1f days", name, kind, r, patience(r)/day)
			}
		}
	}
}

// crashes is what a process that died is called, whether it had begun to work
// or was still starting: Step Functions takes the errorType of Lambda's answer
// for the error's name, and Lambda.Unknown where there is none ("Handle Lambda
// service exceptions" in its guide). Lambda's names are in its runtime
// interface emulator (internal/lambda/fatalerror); Runtime.Unknown is a start
// that failed, Sandbox.Timedout what the service makes of the emulator's
// Sandbox.Timeout.
var crashes = []string{"Lambda.Unknown", "Sandbox.Timedout", "Sandbox.Failure", "Runtime.ExitError", "Runtime.OutOfMemory", "Runtime.Unknown"}

func TestAFunctionThatCrashedIsTriedAgainInEveryState(t *testing.T) {
	for name, s := range define(t) {
		if s.Type != "Task" {
			continue
		}
		for _, crash := range append([]string{"States.Timeout"}, crashes...) {
			r, ok := retrierOf(s, crash)
			if all, catchesAll := retrierOf(s, "States.ALL"); !ok && catchesAll {
				r, ok = all, true
			}
			if !ok || r.MaxAttempts < 8 {
				t.Errorf("%s, %s: %+v", name, crash, r)
			}
		}
	}
}

// A crash may come of the video itself, so it is tried again for an hour, not
// for days.
func TestAFunctionThatCrashedIsTriedAgainForAnHour(t *testing.T) {
	for _, name := range []string{"Plan", "Encode", "Publish"} {
		for _, crash := range crashes {
			r, ok := retrierOf(define(t)[name], crash)
			if !ok || r.JitterStrategy != "FULL" || patience(r) < 1800 || patience(r) > day/4 {
				t.Errorf("%s, %s: %+v lasts for %.0f s", name, crash, r, patience(r))
			}
		}
		for _, down := range []string{"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.ClientExecutionTimeoutException"} {
			if r, ok := retrierOf(define(t)[name], down); !ok || patience(r) < day {
				t.Errorf("%s, %s: %+v", name, down, r)
			}
		}
	}
}

func retrierOf(s state, name string) (retrier, bool) {
	for _, r := range s.Retry {
		for _, e := range r.ErrorEquals {
			if e == name {
				return r, true
			}
		}
	}
	return retrier{}, false
}

// A history ends at 25,000 events (Step Functions quotas). Each attempt of a
// task adds TaskScheduled, TaskStarted and its end, one that waits for a token
// also TaskSubmitted. Retriers count over the whole stay in a state, so this is
// the longest that an execution can go on.
func TestAnExecutionThatUsesAllItsRetriesFitsItsHistory(t *testing.T) {
	events := 2 // started, ended
	for _, s := range define(t) {
		attempts, each := 1, 3
		if strings.HasSuffix(s.Resource, ".waitForTaskToken") {
			each = 4
		}
		for _, r := range s.Retry {
			attempts += r.MaxAttempts
		}
		events += 2 + attempts*each // entered, exited
	}
	if events > 24_000 {
		t.Errorf("an execution may have %d events", events)
	}
}

func TestChecksOfTheEncodeOutlastTheLongestQueue(t *testing.T) {
	r, ok := retrierOf(define(t)["Encode"], "States.Timeout")
	if !ok || r.BackoffRate != 1 || r.MaxAttempts*900 < 21*day {
		t.Errorf("retrier is %+v", r)
	}
}

func TestEncodeGetsItsTokenAndFailTheExecution(t *testing.T) {
	states := define(t)
	if p := states["Encode"].Parameters["Payload"].(map[string]any); p["token.$"] != "$$.Task.Token" || p["guid.$"] != "$.guid" {
		t.Errorf("Encode gets %v", p)
	}
	if p := states["Fail"].Parameters["Payload"].(map[string]any); p["execution.$"] != "$$.Execution" || p["input.$"] != "$" {
		t.Errorf("Fail gets %v", p)
	}
}

func TestParametersThatAreMissingAreNamed(t *testing.T) {
	for name, change := range map[string]func(*workflow.Params){
		"Partition":          func(p *workflow.Params) { p.Partition = "" },
		"PlanArn":            func(p *workflow.Params) { p.PlanArn = "" },
		"FailArn":            func(p *workflow.Params) { p.FailArn = "" },
		"EncodeCheckSeconds": func(p *workflow.Params) { p.EncodeCheckSeconds = 0 },
	} {
		p := params()
		change(&p)
		if _, err := workflow.Definition(p); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error is %v, want one that names %s", err, name)
		}
	}
}

func TestTheFileIsValidAmazonStatesLanguage(t *testing.T) {
	validator, err := filepath.Abs("../../node_modules/.bin/asl-validator")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(validator); err != nil {
		t.Fatal("asl-validator is not installed: run make setup")
	}
	if out, err := exec.Command(validator, "--json-path", "pipeline.asl.json").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	filled, err := workflow.Definition(params())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "filled.json")
	if err := os.WriteFile(path, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(validator, "--json-path", path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

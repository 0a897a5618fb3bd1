package sfn_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/vodstack/vodstack/internal/adapter/sfn"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func service(t *testing.T, answer awstest.Answer) (*awstest.Service, *awssfn.Client) {
	t.Helper()
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { return answer }}
	return s, awssfn.NewFromConfig(s.Config(t))
}

func refusal(name string) awstest.Answer {
	return awstest.Answer{Status: 400, Body: `{"__type":"com.amazonaws.swf.service.v2.model#` + name + `","message":"no"}`}
}

func fields(t *testing.T, body string) map[string]string {
	t.Helper()
	var f map[string]string
	if err := json.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnExecutionIsStartedUnderItsName(t *testing.T) {
	s, client := service(t, awstest.Answer{Body: `{"executionArn":"arn","startDate":1}`})
	machine := &sfn.Machine{Client: client, ARN: "arn:machine"}
	if err := machine.Start(context.Background(), "guid", `{"a":1}`); err != nil {
		t.Fatal(err)
	}
	call := s.Calls()[0]
	got := fields(t, call.Body)
	if call.Target != "AWSStepFunctions.StartExecution" || got["name"] != "guid" || got["input"] != `{"a":1}` || got["stateMachineArn"] != "arn:machine" {
		t.Errorf("sent %s %v", call.Target, got)
	}
}

func TestAnExecutionThatExistsCountsAsStarted(t *testing.T) {
	_, client := service(t, refusal("ExecutionAlreadyExists"))
	if err := (&sfn.Machine{Client: client, ARN: "arn"}).Start(context.Background(), "guid", "{}"); err != nil {
		t.Error(err)
	}
}

func TestATaskThatIsCompleteOrGoneCountsAsDone(t *testing.T) {
	for _, name := range []string{"TaskTimedOut", "TaskDoesNotExist"} {
		_, client := service(t, refusal(name))
		tasks := &sfn.Tasks{Client: client}
		if err := tasks.Succeed(context.Background(), "t", "{}"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := tasks.Fail(context.Background(), "t", "n", "c"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsHaveTheWordsThatTheStepsKnow(t *testing.T) {
	for kind, answer := range map[error]awstest.Answer{
		contract.ErrThrottled:   refusal("ThrottlingException"),
		contract.ErrDenied:      refusal("AccessDeniedException"),
		contract.ErrUnavailable: {Err: errors.New("connection reset")},
	} {
		_, client := service(t, answer)
		if err := (&sfn.Tasks{Client: client}).Succeed(context.Background(), "t", "{}"); !errors.Is(err, kind) {
			t.Errorf("error is %v, want %v", err, kind)
		}
	}
	_, client := service(t, awstest.Answer{Status: 503, Body: "busy"})
	if err := (&sfn.Tasks{Client: client}).Succeed(context.Background(), "t", "{}"); !errors.Is(err, contract.ErrUnavailable) {
		t.Errorf("503 is %v", err)
	}
	_, client = service(t, refusal("InvalidToken"))
	err := (&sfn.Tasks{Client: client}).Succeed(context.Background(), "t", "{}")
	if err == nil || contract.ErrorName(err) != string(contract.CodeInternal) {
		t.Errorf("a broken token is %v", err)
	}
}

func TestALongCauseIsCutToWhatTheServiceTakes(t *testing.T) {
	s, client := service(t, awstest.Answer{Body: "{}"})
	err := (&sfn.Tasks{Client: client}).Fail(context.Background(), "t", strings.Repeat("n", 300), strings.Repeat("ä", 40_000))
	if err != nil {
		t.Fatal(err)
	}
	got := fields(t, s.Calls()[0].Body)
	if n, c := len([]rune(got["error"])), len([]rune(got["cause"])); n != 256 || c != 32768 {
		t.Errorf("sent a name of %d and a cause of %d characters", n, c)
	}
}

package events

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// cloud answers AWS calls: JSON services by operation, Lambda by path.
type cloud struct {
	answer map[string]func(body string) (int, string)
	calls  []string
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		name = target[strings.LastIndexByte(target, '.')+1:]
	}
	body, _ := io.ReadAll(r.Body)
	c.calls = append(c.calls, name)
	answer, ok := c.answer[name]
	if !ok {
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"message":"nothing at `+name+`"}`)
		return
	}
	status, text := answer(string(body))
	if status == http.StatusAccepted {
		status = http.StatusOK
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func (c *cloud) start(t *testing.T) (string, aws.CredentialsProvider) {
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return s.URL, credentials.NewStaticCredentialsProvider("000000000000", "test", "")
}

func services(t *testing.T, c *cloud) *Services {
	url, keys := c.start(t)
	return &Services{
		Lambda: lambda.New(lambda.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: keys}),
		SQS:    sqs.New(sqs.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: keys}),
	}
}

const (
	function     = "arn:aws:lambda:eu-central-1:000000000000:function:ingest"
	invokePath   = "/2015-03-31/functions/" + function + "/invocations"
	settingsPath = "/2019-09-25/functions/" + function + "/event-invoke-config"
)

func TestFunctionsOwnSettingsRuleItsFailures(t *testing.T) {
	s := services(t, &cloud{answer: map[string]func(string) (int, string){
		invokePath: func(string) (int, string) { return http.StatusAccepted, `{"errorMessage":"boom"}` },
		settingsPath: func(string) (int, string) {
			return http.StatusOK, `{"MaximumRetryAttempts":1,"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:sqs:eu-central-1:000000000000:lost"}}}`
		},
	}})
	err := s.Carry(t.Context(), Target{ARN: function}, []byte(`{}`))
	var failed *FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if failed.Retries != 1 || failed.MaxAge != time.Minute || failed.Destination != "arn:aws:sqs:eu-central-1:000000000000:lost" || string(failed.Payload) != `{"errorMessage":"boom"}` {
		t.Errorf("got %+v", failed)
	}
}

func TestFunctionWithoutSettingsHasLambdasDefaults(t *testing.T) {
	s := services(t, &cloud{answer: map[string]func(string) (int, string){
		invokePath: func(string) (int, string) { return http.StatusAccepted, `{}` },
	}})
	var failed *FunctionError
	if err := s.Carry(t.Context(), Target{ARN: function}, []byte(`{}`)); !errors.As(err, &failed) || failed.Retries != 2 || failed.MaxAge != 6*time.Hour {
		t.Errorf("got %v", err)
	}
}

func TestAFullDiskIsThisMachinesFailureNotTheFunctions(t *testing.T) {
	s := services(t, &cloud{answer: map[string]func(string) (int, string){
		invokePath: func(string) (int, string) {
			return http.StatusAccepted, `{"errorMessage":"[Errno 28] No space left on device: '/x'"}`
		},
	}})
	if err := s.Carry(t.Context(), Target{ARN: function}, []byte(`{}`)); !errors.Is(err, ErrOutage) {
		t.Errorf("got %v, want an outage, so that the event waits for room", err)
	}
}

func TestMissingFunctionIsNotTriedAgain(t *testing.T) {
	var permanent *Permanent
	if err := services(t, &cloud{}).Carry(t.Context(), Target{ARN: function}, []byte(`{}`)); !errors.As(err, &permanent) {
		t.Errorf("got %v", err)
	}
}

func TestSilenceIsAnOutage(t *testing.T) {
	url := "http://127.0.0.1:1"
	s := &Services{Lambda: lambda.New(lambda.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})}
	if err := s.Carry(t.Context(), Target{ARN: function}, []byte(`{}`)); !errors.Is(err, ErrOutage) {
		t.Errorf("got %v", err)
	}
}

func TestDeadLetterSaysWhatEventBridgeSays(t *testing.T) {
	var sent struct {
		MessageBody       string
		MessageAttributes map[string]struct{ StringValue string }
	}
	s := services(t, &cloud{answer: map[string]func(string) (int, string){
		"GetQueueUrl": func(string) (int, string) { return http.StatusOK, `{"QueueUrl":"http://q/000000000000/dead"}` },
		"SendMessage": func(body string) (int, string) {
			if err := json.Unmarshal([]byte(body), &sent); err != nil {
				t.Error(err)
			}
			return http.StatusOK, `{"MessageId":"1"}`
		},
	}})
	err := s.Bury(t.Context(), Burial{
		Target: Target{Rule: "rule-arn", ARN: function, DeadLetter: "arn:aws:sqs:eu-central-1:000000000000:dead"},
		Event:  []byte(`{"id":"e"}`), Cause: errors.New("no"), Condition: "MaximumRetryAttempts", Attempts: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	if sent.MessageBody != `{"id":"e"}` {
		t.Errorf("the body is %s", sent.MessageBody)
	}
	for name, want := range map[string]string{"RULE_ARN": "rule-arn", "TARGET_ARN": function, "ERROR_MESSAGE": "no",
		"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts", "RETRY_ATTEMPTS": "2"} {
		if got := sent.MessageAttributes[name].StringValue; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAQueueGetsTheEventAsItIs(t *testing.T) {
	var sent struct{ QueueUrl, MessageBody string }
	s := services(t, &cloud{answer: map[string]func(string) (int, string){
		"GetQueueUrl": func(body string) (int, string) {
			if !strings.Contains(body, `"QueueName":"uploads"`) {
				t.Errorf("asked for %s", body)
			}
			return http.StatusOK, `{"QueueUrl":"http://q/000000000000/uploads"}`
		},
		"SendMessage": func(body string) (int, string) {
			if err := json.Unmarshal([]byte(body), &sent); err != nil {
				t.Error(err)
			}
			return http.StatusOK, `{"MessageId":"1"}`
		},
	}})
	const event = `{"source":"aws.s3","detail":{"object":{"key":"a b+c.mp4"}}}`
	if err := s.Carry(t.Context(), Target{ARN: "arn:aws:sqs:eu-central-1:000000000000:uploads"}, []byte(event)); err != nil {
		t.Fatal(err)
	}
	if sent.MessageBody != event || sent.QueueUrl != "http://q/000000000000/uploads" {
		t.Errorf("sent %+v", sent)
	}
}

func rulesOf(t *testing.T, c *cloud) *Rules {
	url, keys := c.start(t)
	return &Rules{Client: eventbridge.New(eventbridge.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: keys})}
}

func TestOnlyMatchingRulesGetTheEvent(t *testing.T) {
	c := &cloud{}
	c.answer = map[string]func(string) (int, string){
		"ListRules": func(string) (int, string) {
			return http.StatusOK, `{"Rules":[
				{"Name":"s3","Arn":"arn-s3","State":"ENABLED","EventPattern":"{\"source\":[\"aws.s3\"]}"},
				{"Name":"off","Arn":"arn-off","State":"DISABLED","EventPattern":"{\"source\":[\"aws.s3\"]}"},
				{"Name":"other","Arn":"arn-other","State":"ENABLED","EventPattern":"{\"source\":[\"aws.mediaconvert\"]}"},
				{"Name":"clock","Arn":"arn-clock","State":"ENABLED","ScheduleExpression":"rate(1 minute)"}]}`
		},
		"TestEventPattern": func(string) (int, string) { return http.StatusOK, `{"Result":true}` },
		"ListTargetsByRule": func(string) (int, string) {
			return http.StatusOK, `{"Targets":[{"Id":"1","Arn":"` + function + `","RetryPolicy":{"MaximumRetryAttempts":4,"MaximumEventAgeInSeconds":120},"DeadLetterConfig":{"Arn":"dead"}}]}`
		},
	}
	got, err := rulesOf(t, c).Route(t.Context(), []byte(`{"source":"aws.s3"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Target{Rule: "arn-s3", ID: "1", ARN: function, Retries: 4, MaxAge: 2 * time.Minute, DeadLetter: "dead"}
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if tests := strings.Count(strings.Join(c.calls, " "), "TestEventPattern"); tests != 1 {
		t.Errorf("%d questions about patterns, where the source tells", tests)
	}
}

func TestRuleWithoutPolicyHasEventBridgesDefaults(t *testing.T) {
	got := newTarget("r", types.Target{Arn: aws.String("a"), Id: aws.String("i")})
	if got.Retries != 185 || got.MaxAge != 24*time.Hour {
		t.Errorf("got %+v", got)
	}
}

func TestExecutionThatARestartCutOffCountsAsStopped(t *testing.T) {
	url, keys := (&cloud{answer: map[string]func(string) (int, string){
		"DescribeExecution": func(string) (int, string) {
			return http.StatusOK, `{"executionArn":"a","stateMachineArn":"m","name":"guid","status":"FAILED","startDate":1,"error":"States.ServiceRestart"}`
		},
	}}).start(t)
	var got Event
	w := &ExecutionWatch{
		Client:   sfn.New(sfn.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: keys}),
		SeenFile: filepath.Join(t.TempDir(), "seen"), seen: map[string]bool{}, Emit: func(e Event) error { got = e; return nil },
	}
	if err := w.announce(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got.Detail), `"status":"ABORTED"`) {
		t.Errorf("announced as %s", got.Detail)
	}
}

func TestExecutionThatEndsBadlyIsAnnouncedOnce(t *testing.T) {
	const arn = "arn:aws:states:eu-central-1:000000000000:execution:m:guid"
	url, keys := (&cloud{answer: map[string]func(string) (int, string){
		"ListStateMachines": func(string) (int, string) {
			return http.StatusOK, `{"stateMachines":[{"stateMachineArn":"m-arn","name":"m","type":"STANDARD","creationDate":1}]}`
		},
		"ListExecutions": func(body string) (int, string) {
			if !strings.Contains(body, `"FAILED"`) {
				return http.StatusOK, `{"executions":[]}`
			}
			return http.StatusOK, `{"executions":[{"executionArn":"` + arn + `","stateMachineArn":"m-arn","name":"guid","status":"FAILED","startDate":1}]}`
		},
		"DescribeExecution": func(string) (int, string) {
			return http.StatusOK, `{"executionArn":"` + arn + `","stateMachineArn":"m-arn","name":"guid","status":"FAILED","startDate":1.5,"stopDate":2,"input":"{\"guid\":\"g\"}","error":"E","cause":"C"}`
		},
	}}).start(t)
	var got []Event
	seen := filepath.Join(t.TempDir(), "seen")
	watch := func() *ExecutionWatch {
		w := &ExecutionWatch{
			Client:   sfn.New(sfn.Options{BaseEndpoint: &url, Region: "eu-central-1", Credentials: keys}),
			SeenFile: seen, Emit: func(e Event) error { got = append(got, e); return nil }, Log: slog.New(slog.DiscardHandler),
		}
		if err := w.load(); err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := watch()
	for range 2 {
		if err := first.look(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := watch().look(context.Background()); err != nil { // after a restart
		t.Fatal(err)
	}
	if len(got) != 1 {
		t.Fatalf("announced %d times", len(got))
	}
	var detail struct {
		Name, Status, Input, Error, Cause string
		StartDate, StopDate               int64
	}
	if err := json.Unmarshal(got[0].Detail, &detail); err != nil {
		t.Fatal(err)
	}
	if got[0].Source != "aws.states" || got[0].DetailType != "Step Functions Execution Status Change" || detail.Name != "guid" ||
		detail.Status != "FAILED" || detail.Input != `{"guid":"g"}` || detail.StartDate != 1500 || detail.StopDate != 2000 || detail.Error != "E" {
		t.Errorf("announced as %+v %+v", got[0], detail)
	}
}

package sqs_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

// answer is the service's to a message with an attribute or none: the SDK
// compares the sum of the body.
func answer(body string) awstest.Answer {
	sum := md5.Sum([]byte(body))
	return awstest.Answer{Body: `{"MessageId":"1","MD5OfMessageBody":"` + hex.EncodeToString(sum[:]) + `"}`}
}

func TestAResultIsSentWithTheAttributeThatTellsARepeat(t *testing.T) {
	const body = `{"guid":"g"}`
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { return answer(body) }}
	results := &sqs.Results{Client: awssqs.NewFromConfig(s.Config(t)), URL: "https://sqs/1/results"}
	if err := results.Send(context.Background(), contract.Message{ID: "m", Body: body}); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		QueueUrl, MessageBody string
		MessageAttributes     map[string]struct{ DataType, StringValue string }
	}
	if err := json.Unmarshal([]byte(s.Calls()[0].Body), &sent); err != nil {
		t.Fatal(err)
	}
	id := sent.MessageAttributes["messageId"]
	if sent.MessageBody != body || sent.QueueUrl != results.URL || id.DataType != "String" || id.StringValue != "m" {
		t.Errorf("sent %+v", sent)
	}
}

func TestAMessageIsSentAsItIs(t *testing.T) {
	const body = `{"guid":"g","title":"Käse & <Brot>"}`
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { return answer(body) }}
	queue := &sqs.Queue{Client: awssqs.NewFromConfig(s.Config(t)), URL: "https://sqs/1/results"}
	if err := queue.Send(context.Background(), body); err != nil {
		t.Fatal(err)
	}
	var sent struct{ QueueUrl, MessageBody string }
	if err := json.Unmarshal([]byte(s.Calls()[0].Body), &sent); err != nil {
		t.Fatal(err)
	}
	if sent.MessageBody != body || sent.QueueUrl != queue.URL {
		t.Errorf("sent %+v", sent)
	}
}

func TestAQueueThatIsBusyIsWorthAnotherTry(t *testing.T) {
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer {
		return awstest.Answer{Status: 400, Body: `{"__type":"com.amazonaws.sqs#RequestThrottled","message":"slow"}`}
	}}
	queue := &sqs.Queue{Client: awssqs.NewFromConfig(s.Config(t)), URL: "https://sqs/1/results"}
	if err := queue.Send(context.Background(), "x"); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
}

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

func TestAResultIsSentAsItIs(t *testing.T) {
	const body = `{"guid":"g","title":"Käse & <Brot>"}`
	sum := md5.Sum([]byte(body))
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"MessageId":"1","MD5OfMessageBody":"` + hex.EncodeToString(sum[:]) + `"}`}
	}}
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

package sqs_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/sqs"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func TestAMessageIsKeptAsideAsItCameWithTheReason(t *testing.T) {
	const body = "not JSON <&>"
	sum := md5.Sum([]byte(body))
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `{"MessageId":"1","MD5OfMessageBody":"` + hex.EncodeToString(sum[:]) + `"}`}
	}}
	aside := &sqs.Aside{Client: awssqs.NewFromConfig(s.Config(t)), URL: "https://sqs/1/unknown"}
	if err := aside.Keep(context.Background(), body, "unreadable"); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		QueueUrl, MessageBody string
		MessageAttributes     map[string]struct{ DataType, StringValue string }
	}
	if err := json.Unmarshal([]byte(s.Calls()[0].Body), &sent); err != nil {
		t.Fatal(err)
	}
	reason := sent.MessageAttributes["reason"]
	if sent.MessageBody != body || sent.QueueUrl != aside.URL || reason.DataType != "String" || reason.StringValue != "unreadable" {
		t.Errorf("sent %+v", sent)
	}
}

package sns_test

import (
	"context"
	"net/url"
	"testing"

	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/vodstack/vodstack/internal/adapter/sns"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func TestAMessageHasItsSubjectItsAttributesAndItsBody(t *testing.T) {
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer {
		return awstest.Answer{Body: `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`}
	}}
	topic := &sns.Topic{Client: awssns.NewFromConfig(s.Config(t)), ARN: "arn:topic"}
	message := contract.Message{ID: "m", Subject: "Workflow Status:: Ingest:: g", Status: contract.StatusIngest, GUID: "g", Body: `{"ä":"&"}`}
	if err := topic.Publish(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	sent, err := url.ParseQuery(s.Calls()[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]string{}
	for _, i := range []string{"1", "2", "3"} {
		prefix := "MessageAttributes.entry." + i + "."
		if sent.Get(prefix+"Value.DataType") != "String" {
			t.Errorf("attribute %s is %q", i, sent.Get(prefix+"Value.DataType"))
		}
		attributes[sent.Get(prefix+"Name")] = sent.Get(prefix + "Value.StringValue")
	}
	if sent.Get("Subject") != message.Subject || sent.Get("Message") != message.Body || sent.Get("TopicArn") != "arn:topic" {
		t.Errorf("sent %v", sent)
	}
	if attributes["status"] != "Ingest" || attributes["guid"] != "g" || attributes["messageId"] != "m" {
		t.Errorf("attributes are %v", attributes)
	}
}

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

type message = rig.Message

// publish sends a body to the stack's topic as it is.
func publish(t *testing.T, s *site, body string, attributes map[string]string) {
	t.Helper()
	values := map[string]snstypes.MessageAttributeValue{}
	for name, value := range attributes {
		values[name] = snstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	_, err := s.SNS.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(s.Outputs["SnsNotificationTopic"]), Message: &body, MessageAttributes: values})
	if err != nil {
		t.Fatal(err)
	}
}

// strayMessages are those that belong to no row: someone uploaded by hand,
// or the body is nothing that this version reads.
func strayMessages(t *testing.T) {
	t.Parallel()
	s := world.videos
	strays := map[string]string{
		"no JSON":                     "stray: not a JSON " + newKey("1"),
		"a future status":             `{"status":"Paused","workflowStatus":"Paused","guid":"11111111-1111-5111-8111-111111111111","stray":"` + newKey("2") + `"}`,
		"no guid":                     `{"status":"Complete","workflowStatus":"Complete","stray":"` + newKey("3") + `"}`,
		"a list":                      `["stray ` + newKey("4") + `"]`,
		"fields of other types":       `{"status":"Complete","guid":7,"srcVideo":{"stray":"` + newKey("5") + `"}}`,
		"a video that nobody created": `{"status":"Ingest","workflowStatus":"Ingest","guid":"22222222-2222-5222-8222-222222222222","srcVideo":"` + newKey("stray.mp4") + `"}`,
	}
	for _, body := range strays {
		publish(t, s, body, map[string]string{"status": "Ingest", "guid": "stray"})
	}
	byHand := s.upload(t, clips.Upper) // no row has this key
	d := anyone().announce(t, clips.Tiny, nil).send(t)
	d.published(t) // what is good behind them is not held up
	s.ended(t, byHand, 2*time.Minute)
	for what, body := range strays {
		if reason := s.keptAside(t, body); reason == "" {
			t.Errorf("%s: it is in the queue without a reason", what)
		}
	}
	for _, m := range s.raw.Find(about(byHand)) {
		if reason := s.keptAside(t, m.Raw); reason == "" {
			t.Errorf("%s of an upload by hand is in the queue without a reason", m.Text("status"))
		}
	}
	checkLost(t, s)
}

// keptAside waits for a body in the queue UnknownVideos and returns why it is
// there.
func (s *site) keptAside(t *testing.T, body string) (reason string) {
	t.Helper()
	m, err := s.unknown.Wait(t.Context(), time.Minute, func(m message) bool { return sameMessage(m.Raw, body) })
	if err != nil {
		t.Errorf("not in the queue UnknownVideos: %.200s: %v", body, err)
		return "none"
	}
	return m.Attributes["reason"]
}

// sameMessage compares bodies word by word; JSON may be laid out anew.
func sameMessage(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	p, _ := json.Marshal(x)
	q, _ := json.Marshal(y)
	return string(p) == string(q)
}

// checkLost asks that no message was given up.
func checkLost(t *testing.T, s *site) {
	t.Helper()
	for _, queue := range []string{"VideoEventsLostQueue", "WorkLostQueue", "SweepLostQueue"} {
		url, err := s.Resource(t.Context(), queue)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.SQS.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages},
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := out.Attributes["ApproximateNumberOfMessages"]; n != "0" {
			t.Errorf("%s has %s messages, want none", queue, n)
		}
	}
}

// expiredUpload waits until the URLs of vodmeta, which live shortly, have
// ended and the sweep has seen it.
func expiredUpload(t *testing.T) {
	t.Parallel()
	c := person(t, "comes late")
	single := c.announce(t, clips.Tiny, nil)
	multi := c.announceBytes(t, clips.Tiny, stretched(t, clips.Tiny, 20<<20), nil)
	multi.part(t, multi.upload, 1)
	uploaded := c.announce(t, clips.Upper, nil).send(t)
	for _, d := range []draft{single, multi} {
		d.until(t, "marked as expired", 4*time.Minute, func(video map[string]any) bool { return text(video, "errorCode") == "UploadExpired" })
		checkValues(t, d.look(t), map[string]any{"encodingStatus": "Error"})
		if message := text(d.look(t), "errorMessage"); !strings.Contains(message, " ") {
			t.Errorf("the error says %q", message)
		}
	}
	if answer, err := single.upload.Put(t.Context(), single.content); err != nil || answer.Status != 403 {
		t.Errorf("a PUT to an expired URL: %v %v, want 403", answer.Status, err)
	}
	checkPublished(t, uploaded, uploaded.published(t))

	var err error
	if single.upload, err = single.get(t, single.path()+"/upload").Upload(); err != nil {
		t.Fatal(err)
	}
	checkValues(t, single.look(t), map[string]any{"encodingStatus": "new"})
	single.send(t)
	multi.upload = multi.resume(t, 1)
	for number := 2; number <= multi.upload.PartCount; number++ {
		multi.part(t, multi.upload, number)
	}
	multi.complete(t, nil)
	checkPublished(t, single, single.published(t))
	checkPublished(t, multi, multi.published(t))
}

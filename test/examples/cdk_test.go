package examples

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/vodstack/vodstack/test/rig"
)

func TestASecondCDKAppHearsOfFinishedVideosOnly(t *testing.T) {
	t.Parallel()
	commands := readReadme(t, "cdk")
	terminal := openShell(t)
	terminal.run(t, commands["here"])
	said := terminal.run(t, commands[""])
	if !strings.HasPrefix(said, "Complete ") || !strings.Contains(said, ".m3u8") {
		t.Errorf("receive says %q, want a Complete with its HLS URL", said)
	}
	t.Run("an Ingest message does not reach its queue, an Error does", cdkFilter)
	terminal.run(t, commands["remove"])
	if err := eventually(t.Context(), "the application is gone", stackGone(t.Context(), "finishedvideos")); err != nil {
		t.Error(err)
	}
}

// cdkFilter publishes an Ingest, then an Error, and hears only of the latter.
func cdkFilter(t *testing.T) {
	queue := world.stack.Listen(queueURL(t))
	defer queue.Close()
	const guid = "5e0e8d5c-3e0f-4b57-8a8f-8a7b7c6d2f01"
	for _, status := range []string{"Ingest", "Error"} {
		publish(t, about("video/none/media.mp4", guid, "2026-01-01T10:00:00.000Z", status))
	}
	ours := func(m rig.Message) bool { return m.Text("guid") == guid }
	if _, err := queue.Wait(t.Context(), 30*time.Second, ours); err != nil {
		t.Fatal(err)
	}
	// The encodes of the other examples may be heard here too.
	for _, m := range queue.Find(func(rig.Message) bool { return true }) {
		if m.Text("status") != "Complete" && m.Text("status") != "Error" {
			t.Errorf("the queue got %s", m.Raw)
		}
	}
}

func queueURL(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(world.clone, "examples", "cdk", "outputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	var outputs struct{ FinishedVideos struct{ QueueURL string } }
	if err := json.Unmarshal(text, &outputs); err != nil {
		t.Fatal(err)
	}
	return outputs.FinishedVideos.QueueURL
}

// publish puts a message on the stack's topic, as its functions do.
func publish(t *testing.T, message map[string]any) {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]types.MessageAttributeValue{}
	for _, name := range []string{"status", "guid"} {
		value, _ := message[name].(string)
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err = world.stack.SNS.Publish(t.Context(), &sns.PublishInput{
		TopicArn: aws.String(world.stack.Outputs["SnsNotificationTopic"]), Message: aws.String(string(body)), MessageAttributes: attributes,
	})
	if err != nil {
		t.Fatal(err)
	}
}

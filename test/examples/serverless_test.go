package examples

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// videoRow is what the application of examples/serverless shows of a video.
type videoRow struct {
	S3Key          string `json:"s3key"`
	URL            string // of the upload, in the answer of create
	EncodingStatus string
	VodGUID        string
	HLSURL         string
	DASHURL        string
	PlaceholderURL string
	MP4URLs        []string
	Duration       int // milliseconds
	ErrorCode      string
	ErrorMessage   string
}

func TestAServerlessApplicationFollowsItsVideo(t *testing.T) {
	t.Parallel()
	commands := readReadme(t, "serverless")
	terminal := openShell(t)
	terminal.run(t, commands["here"])
	terminal.run(t, commands[""])

	row := readRow(t, filepath.Join(world.clone, "examples", "serverless", "row.json"))
	if row.EncodingStatus != "Complete" || row.Duration < 30_000 || row.Duration > 30_500 || len(row.MP4URLs) == 0 {
		t.Errorf("the row is %+v, want it Complete, of about 30 s, with MP4s", row)
	}
	for _, url := range []string{row.HLSURL, row.DASHURL, row.PlaceholderURL} {
		fetch(t, url)
	}
	t.Run("a late or repeated message never moves a row back", func(t *testing.T) { serverlessOrders(t, row.VodGUID) })
	t.Run("a message about another application's video makes no row", serverlessStranger)
	t.Run("a URL takes the file that was announced and no other", func(t *testing.T) { takesNoOther(t, createVideo(t).URL) })
	t.Run("a URL takes its file once", serverlessOnce)
	t.Run("a size that no PUT can have is refused", serverlessSizes)

	terminal.run(t, commands["remove"])
	if err := eventually(t.Context(), "the application is gone", stackGone(t.Context(), "myvideos-dev")); err != nil {
		t.Error(err)
	}
}

func readRow(t *testing.T, file string) videoRow {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var row videoRow
	if err := json.Unmarshal(text, &row); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return row
}

func serverlessOrders(t *testing.T, guid string) {
	for _, story := range stories("", guid) {
		for _, order := range orders(story.messages) {
			row := createVideo(t)
			for _, message := range order {
				message["srcVideo"] = row.S3Key
			}
			notify(t, order...)
			invoke(t, "show", map[string]any{"s3key": row.S3Key}, &row)
			failed := row.EncodingStatus == "Error"
			if row.EncodingStatus != story.status || row.VodGUID != story.guid || (row.HLSURL != "") != story.playable || (row.ErrorCode != "") != failed {
				t.Errorf("%s, in the order %v: the row ends as %+v", story.name, told(order), row)
			}
		}
	}
}

func serverlessStranger(t *testing.T) {
	notify(t, about("video/of-another/media.mp4", "0d8ff1c1-5a3a-4f68-b2e5-fb4bb98a8ee1", "2026-01-01T10:00:00.000Z", "Ingest"))
	if failed := call(t, "show", map[string]any{"s3key": "video/of-another/media.mp4"}, nil); failed == "" {
		t.Error("there is a row of another application's video")
	}
}

func serverlessOnce(t *testing.T) {
	used := readRow(t, filepath.Join(world.clone, "examples", "serverless", "video.json")).URL
	car, err := os.ReadFile(filepath.Join(world.clone, "media", "car-768x432-aac.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if status := put(t, used, string(car), "video/mp4", "*"); status != http.StatusPreconditionFailed {
		t.Errorf("the bucket answers %d to a second PUT, want 412", status)
	}
}

func serverlessSizes(t *testing.T) {
	for _, size := range []any{0, -1, "5", 5.5, nil, 5<<30 + 1} {
		if failed := call(t, "create", map[string]any{"title": "A car", "contentType": "video/mp4", "size": size}, nil); failed == "" {
			t.Errorf("the size %v is taken", size)
		}
	}
}

func createVideo(t *testing.T) (row videoRow) {
	t.Helper()
	invoke(t, "create", map[string]any{"title": "A car", "contentType": "video/mp4", "size": announced}, &row)
	return row
}

// notify gives messages to the function as SNS does.
func notify(t *testing.T, messages ...map[string]any) {
	t.Helper()
	var records []map[string]any
	for _, message := range messages {
		body, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, map[string]any{"EventSource": "aws:sns", "Sns": map[string]any{"Message": string(body)}})
	}
	invoke(t, "messages", map[string]any{"Records": records}, nil)
}

func invoke(t *testing.T, function string, event, answer any) {
	t.Helper()
	if failed := call(t, function, event, answer); failed != "" {
		t.Fatalf("%s failed: %s", function, failed)
	}
}

// call invokes a function of the application; failed is what it says when it
// raises an error.
func call(t *testing.T, function string, event, answer any) (failed string) {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	out, err := world.stack.Lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("myvideos-dev-" + function), Payload: payload})
	if err != nil {
		t.Fatal(err)
	}
	if out.FunctionError != nil {
		return string(out.Payload)
	}
	if answer != nil {
		if err := json.Unmarshal(out.Payload, answer); err != nil {
			t.Fatalf("%s answers %s: %v", function, out.Payload, err)
		}
	}
	return ""
}

// stackGone asks CloudFormation whether it has deleted a stack.
func stackGone(ctx context.Context, name string) func() (bool, error) {
	return func() (bool, error) {
		out, err := world.stack.CloudFormation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
		if err != nil {
			return false, fmt.Errorf("list the stacks: %w", err)
		}
		for _, stack := range out.Stacks {
			if aws.ToString(stack.StackName) == name && stack.StackStatus != "DELETE_COMPLETE" {
				return false, nil
			}
		}
		return true, nil
	}
}

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// python runs a program of test/consumer the way the README tells another
// developer to: `vod env` into the shell, then anything that speaks to AWS,
// from any folder.
func python(t *testing.T, program string, arguments ...string) []byte {
	t.Helper()
	e := world.videos.Engine
	line := `eval "$("$0" env)" && exec "$@"`
	interpreter := filepath.Join(e.Root, ".tools", "venv", "bin", "python")
	command := append([]string{"-c", line, filepath.Join(e.Root, "bin", "vod"), interpreter, filepath.Join(e.Root, "test", "consumer", program)}, arguments...)
	cmd := exec.CommandContext(t.Context(), "bash", command...)
	cmd.Dir = t.TempDir()
	// Nothing but what the engine says of itself: no endpoint, region or
	// key from this process.
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "PYTHONDONTWRITEBYTECODE=1"}, e.Variables()...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", program, err, stdout.String(), stderr.String())
	}
	return stdout.Bytes()
}

func articleConsumer(t *testing.T) {
	t.Parallel()
	file, err := world.clips.Make(clips.Surround)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Rows []struct {
			S3Key          string `json:"s3key"`
			Status         string
			HLSURL         string `json:"hls_url"`
			PlaceholderURL string `json:"placeholder_url"`
			DurationMs     int    `json:"duration_ms"`
		}
		Everything, Finished [][]string
	}
	if err := json.Unmarshal(python(t, "consumer.py", file, "--seconds", "240"), &said); err != nil {
		t.Fatal(err)
	}
	if len(said.Rows) != 2 {
		t.Fatalf("%d rows, want 2", len(said.Rows))
	}
	for _, row := range said.Rows {
		if row.DurationMs < 2900 || row.DurationMs > 3200 {
			t.Errorf("%s lasts %d ms, want about 3000", row.S3Key, row.DurationMs)
		}
		fetch(t, row.HLSURL)
		decode(t, row.PlaceholderURL)
		for _, status := range []string{"Ingest", "Complete"} {
			if !slices.ContainsFunc(said.Everything, func(m []string) bool { return slices.Equal(m, []string{row.S3Key, status}) }) {
				t.Errorf("%s has no %s message: %v", row.S3Key, status, said.Everything)
			}
		}
	}
	if len(said.Finished) != 2 {
		t.Errorf("the filtered queue got %v, want one Complete for each video", said.Finished)
	}
}

// exports are the outputs of CONTRACT.md and the names they are exported by.
var exports = map[string]string{
	"Source": "vod:Source", "Destination": "vod:Destination", "DynamoDBTable": "vod:DynamoDBTable",
	"SnsNotificationTopic": "vod:SnsNotificationTopic", "SnsTopicName": "vod:SnsTopic",
	"VideoTable": "vod:VideoTable", "ApiUrl": "vod:ApiUrl",
	"SqsUrl": "vod:SqsQueue", "SqsArn": "vod:SqsQueueArn", "CloudFront": "vod:CloudFront", "UUID": "vod:UUID",
}

func awsTools(t *testing.T) {
	var said struct {
		Outputs    map[string]struct{ Value, Export string }
		Executions []struct{ Name, Status string }
		Jobs       []struct{ ID, Status, GUID string }
		Parameters map[string]string
		Videos     []string
	}
	if err := json.Unmarshal(python(t, "reads.py"), &said); err != nil {
		t.Fatal(err)
	}
	for output, export := range exports {
		got := said.Outputs[output]
		if got.Value == "" || got.Export != export {
			t.Errorf("output %s is %q, exported as %q, want %q", output, got.Value, got.Export, export)
		}
		if value := said.Parameters["/vod/"+output]; value != got.Value {
			t.Errorf("the parameter /vod/%s is %q, the output %q", output, value, got.Value)
		}
	}
	if len(said.Executions) == 0 || len(said.Jobs) == 0 || len(said.Videos) == 0 {
		t.Fatalf("%d executions, %d jobs and %d videos are listed", len(said.Executions), len(said.Jobs), len(said.Videos))
	}
	for _, e := range said.Executions {
		if e.Status != "SUCCEEDED" && e.Status != "FAILED" {
			t.Errorf("the execution %s is %s, though all videos have ended", e.Name, e.Status)
		}
	}
	for _, job := range said.Jobs {
		if !slices.Contains([]string{"COMPLETE", "ERROR", "CANCELED"}, job.Status) || job.GUID == "" {
			t.Errorf("the job %s is %s, of video %q", job.ID, job.Status, job.GUID)
		}
	}
}

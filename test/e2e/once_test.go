package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/vodstack/vodstack/internal/inbox"
	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// objectCreated is S3's event as EventBridge delivers it.
func objectCreated(s *site, key, version string, size int) []byte {
	event, _ := json.Marshal(map[string]any{
		"version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "detail-type": "Object Created", "source": "aws.s3",
		"account": "000000000000", "time": time.Now().UTC().Format(time.RFC3339), "region": "eu-central-1",
		"resources": []string{"arn:aws:s3:::" + s.Outputs["Source"]},
		"detail": map[string]any{
			"version": "0", "bucket": map[string]any{"name": s.Outputs["Source"]},
			"object":     map[string]any{"key": key, "size": size, "version-id": version, "sequencer": "617f08299329d189"},
			"request-id": "N4N7GDK58NMKJ12R", "requester": "000000000000", "reason": "PutObject",
		},
	})
	return event
}

// deliver hands an event to the function ingest, as its queue does once more
// when it isn't sure.
func deliver(ctx context.Context, s *site, event []byte) error {
	function, err := s.Function(ctx, "ingest")
	if err != nil {
		return err
	}
	batch, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"messageId": "1", "body": string(event)}}})
	if err != nil {
		return err
	}
	out, err := s.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: batch})
	if err != nil {
		return err
	}
	var answer inbox.Failures
	if err := json.Unmarshal(out.Payload, &answer); err != nil || out.FunctionError != nil || len(answer.BatchItemFailures) > 0 {
		return fmt.Errorf("ingest failed: %s", out.Payload)
	}
	return nil
}

func sameEventTwice(t *testing.T) {
	t.Parallel()
	s := world.videos
	file, err := world.clips.Make(clips.Languages)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey("twice.mp4")
	version, err := s.Upload(t.Context(), key, file)
	if err != nil {
		t.Fatal(err)
	}
	event := objectCreated(s, key, version, 1)
	again := func() { // three times at once
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if err := deliver(t.Context(), s, event); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	again()
	end := s.ended(t, key, 2*time.Minute)
	again() // and when all is done
	time.Sleep(2 * time.Second)
	if end.Text("workflowStatus") != "Complete" {
		t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	checkOnlyOne(t, s, key, end)

	// A new upload to the same key is another version, hence another video.
	if _, err := s.Upload(t.Context(), key, file); err != nil {
		t.Fatal(err)
	}
	second, err := s.raw.Wait(t.Context(), 2*time.Minute, func(m rig.Message) bool {
		return about(key, "Complete")(m) && m.Text("guid") != end.Text("guid")
	})
	if err != nil {
		t.Fatalf("the second version was not published: %v", err)
	}
	if url := second.Text("hlsUrl"); url == end.Text("hlsUrl") {
		t.Errorf("both versions have the URL %s", url)
	}
}

// checkOnlyOne counts everything there may be one of.
func checkOnlyOne(t *testing.T, s *site, key string, end rig.Message) {
	t.Helper()
	once(t, s.raw, "Ingest message", about(key, "Ingest"))
	once(t, s.raw, "Complete message", about(key, "Complete"))
	once(t, s.results, "message in the result queue", about(key))
	executions, err := s.Executions(t.Context(), end.Text("guid"))
	if err != nil {
		t.Fatal(err)
	}
	if len(executions) != 1 {
		t.Errorf("%d executions, want 1", len(executions))
	}
	jobs, err := s.Jobs(t.Context(), end.Text("guid"))
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 1 {
		t.Errorf("%d MediaConvert jobs, want 1", len(jobs))
	}
}

// ignored uploads what is no video beside one that is.
func ignored(t *testing.T) {
	t.Parallel()
	s := world.videos
	since := time.Now()
	keys := []string{newKey("notes.txt"), newKey("subtitles.srt"), newKey("no-extension")}
	for _, key := range keys {
		if _, err := s.UploadText(t.Context(), key, "not for us"); err != nil {
			t.Fatal(err)
		}
	}
	s.ended(t, s.upload(t, clips.Tiny), 2*time.Minute)
	lines, err := s.Lines(t.Context(), "ingest", since.Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	log := strings.Join(lines, "\n")
	for _, key := range keys {
		if found := s.raw.Find(about(key)); len(found) > 0 {
			t.Errorf("%s was taken for a video", key)
		}
		if !strings.Contains(log, key) {
			t.Errorf("the log of ingest does not say that %s is ignored", key)
		}
	}
}

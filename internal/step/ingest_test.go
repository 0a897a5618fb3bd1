package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/testkit"
)

// executions keeps what was started.
type executions struct {
	started map[string]string
	err     error
}

func (e *executions) Start(_ context.Context, name, input string) error {
	if e.err != nil {
		return e.err
	}
	if e.started == nil {
		e.started = map[string]string{}
	}
	e.started[name] = input // of the same name twice: the second is refused and counts as done
	return nil
}

func arrival(t *testing.T, key string) step.ObjectCreated {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"time": "2026-11-23T16:00:00Z", "source": "aws.s3",
		"detail": map[string]any{
			"reason": "PutObject", "bucket": map[string]any{"name": "source"},
			"object": map[string]any{"key": key, "size": 5, "etag": "abc", "version-id": "v1"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var event step.ObjectCreated
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func ingest(trigger contract.Trigger) (*step.Ingest, *executions, *testkit.Log) {
	started, log := &executions{}, &testkit.Log{}
	return &step.Ingest{SourceBucket: "source", Trigger: trigger, Rows: &rows{}, Executions: started, Log: log.Logger()}, started, log
}

func TestAVideoOfEveryContainerStartsWhateverTheCaseOfItsExtension(t *testing.T) {
	for _, key := range []string{"a.mp4", "b.MP4", "c.MoV", "d.mkv", "e.webm", "f.mxf", "g.AVI", "h.m2ts", "i.wmv", "j.ogv", "k.3gp", "l.mpg", "m.ts", "n.m4a", "o.FLAC", "p.wav", "q.mp3"} {
		in, started, _ := ingest(contract.TriggerVideo)
		if err := in.Handle(context.Background(), arrival(t, key)); err != nil {
			t.Fatal(err)
		}
		want(t, "number of executions for "+key, len(started.started), 1)
	}
}

func TestWhatIsNoVideoIsIgnoredAndSaidToBe(t *testing.T) {
	for _, key := range []string{"notes.txt", "poster.jpg", "folder/", "mp4", "a.mp4.part", ".mp4/", "meta.json", "",
		"a.flv", "a.f4v", "a.gif", "a.y4m", "a.264", "a.h264", "a.265", "a.hevc", "a.m1v", "a.m2v", "a.dv", "a.m3u8", "a.mpd"} {
		in, started, log := ingest(contract.TriggerVideo)
		if err := in.Handle(context.Background(), arrival(t, key)); err != nil {
			t.Fatal(err)
		}
		want(t, "number of executions for "+key, len(started.started), 0)
		if !strings.Contains(log.String(), "object ignored") {
			t.Errorf("nothing in the log about %q", key)
		}
	}
}

func TestOnlyJSONFilesStartAVideoWithTheMetadataTrigger(t *testing.T) {
	in, started, _ := ingest(contract.TriggerMetadata)
	for _, key := range []string{"a.mp4", "a.json", "b.JSON", "c.txt"} {
		if err := in.Handle(context.Background(), arrival(t, key)); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "number of executions", len(started.started), 2)
}

func TestAnObjectOfAnotherBucketIsIgnored(t *testing.T) {
	in, started, _ := ingest(contract.TriggerVideo)
	event := arrival(t, "a.mp4")
	event.Detail.Bucket.Name = "elsewhere"
	if err := in.Handle(context.Background(), event); err != nil {
		t.Fatal(err)
	}
	want(t, "number of executions", len(started.started), 0)
}

func TestTheSameEventTwiceIsOneExecutionWithTheSameInput(t *testing.T) {
	in, started, _ := ingest(contract.TriggerVideo)
	for range 2 {
		if err := in.Handle(context.Background(), arrival(t, "a.mp4")); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "number of executions", len(started.started), 1)
}

func TestKeysStayAsTheyAre(t *testing.T) {
	for _, key := range []string{"/video/1/media.mp4", "a b+c%20d.mp4", `quo"te's.mp4`, "видео/影片.mp4", "a//b/../c.mp4", "back\\slash.mp4"} {
		in, started, _ := ingest(contract.TriggerVideo)
		if err := in.Handle(context.Background(), arrival(t, key)); err != nil {
			t.Fatal(err)
		}
		for name, input := range started.started {
			var exec contract.Execution
			if err := json.Unmarshal([]byte(input), &exec); err != nil {
				t.Fatal(err)
			}
			want(t, "srcVideo", exec.SrcVideo, key)
			want(t, "guid", exec.GUID, name)
			want(t, "version", exec.VersionID, "v1")
		}
	}
}

func TestAnExecutionThatCannotStartIsAnErrorSoThatTheEventComesAgain(t *testing.T) {
	in, started, _ := ingest(contract.TriggerVideo)
	started.err = errors.New("no route")
	if err := in.Handle(context.Background(), arrival(t, "a.mp4")); err == nil {
		t.Error("no error")
	}
}

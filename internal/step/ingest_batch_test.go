package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
)

// uploads is a batch of the queue that S3's events wait in.
func uploads(t *testing.T, bodies ...string) (batch inbox.Batch) {
	t.Helper()
	var records []map[string]any
	for i, body := range bodies {
		records = append(records, map[string]any{"messageId": string(rune('1' + i)), "body": body})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &batch); err != nil {
		t.Fatal(err)
	}
	return batch
}

func eventAbout(t *testing.T, key string) string {
	t.Helper()
	text, err := json.Marshal(arrival(t, key))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryEventOfABatchStartsItsVideo(t *testing.T) {
	in, started, _ := ingest(contract.TriggerVideo)
	failures, err := in.HandleBatch(context.Background(), uploads(t, eventAbout(t, "a.mp4"), eventAbout(t, "notes.txt"), eventAbout(t, "b.mp4")))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "number of executions", len(started.started), 2)
	want(t, "number of failures", len(failures.BatchItemFailures), 0)
}

// An event that cannot be read fails each time: its queue brings it to the
// lost ones, which have an alarm.
func TestAnEventThatCannotBeReadFailsAlone(t *testing.T) {
	for _, body := range []string{"", "{", "[]", "{}", `"text"`, `{"detail":{}}`, `{"detail":{"bucket":{"name":"source"}}}`, `{"detail":{"object":{"key":"a.mp4"}}}`} {
		in, started, _ := ingest(contract.TriggerVideo)
		failures, err := in.HandleBatch(context.Background(), uploads(t, eventAbout(t, "a.mp4"), body, eventAbout(t, "b.mp4")))
		if err != nil {
			t.Fatal(err)
		}
		want(t, "number of executions beside "+body, len(started.started), 2)
		if len(failures.BatchItemFailures) != 1 || failures.BatchItemFailures[0].ItemIdentifier != "2" {
			t.Errorf("%q: failures are %v, want message 2", body, failures.BatchItemFailures)
		}
	}
}

// An event as EventBridge sent it to the function before there was a queue.
func TestAnEventThatIsNoBatchIsAnError(t *testing.T) {
	in, _, _ := ingest(contract.TriggerVideo)
	var batch inbox.Batch
	if err := json.Unmarshal([]byte(eventAbout(t, "a.mp4")), &batch); err != nil {
		t.Fatal(err)
	}
	if _, err := in.HandleBatch(context.Background(), batch); err == nil {
		t.Error("no error, and no execution")
	}
}

func TestAThrottledStartComesAgain(t *testing.T) {
	in, started, _ := ingest(contract.TriggerVideo)
	started.err = errors.Join(contract.ErrThrottled, errors.New("StartExecution"))
	failures, err := in.HandleBatch(context.Background(), uploads(t, eventAbout(t, "a.mp4"), eventAbout(t, "notes.txt")))
	if err != nil {
		t.Fatal(err)
	}
	if len(failures.BatchItemFailures) != 1 || failures.BatchItemFailures[0].ItemIdentifier != "1" {
		t.Errorf("failures are %v, want message 1", failures.BatchItemFailures)
	}
}

func TestAnEventThatDidNotComeThroughTheQueueIsNotDroppedInSilence(t *testing.T) {
	in, _, _ := ingest(contract.TriggerVideo)
	if _, err := in.HandleBatch(context.Background(), inbox.Batch{}); err == nil {
		t.Error("no error")
	}
}

package examples

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// story is a video's messages, and how its row must end whatever the order
// and however often they come.
type story struct {
	name     string
	messages []map[string]any
	status   string
	playable bool   // the row has the URLs of the Complete message
	guid     string // of the encode that the row tells of
}

// stories are told about a key; guid is that of a record in the stack's table.
func stories(key, guid string) []story {
	const later = "b5ee19d2-6f13-4f38-9f43-1dd3ab3d4a54"
	first, second := "2026-01-01T10:00:00.000Z", "2026-01-01T10:30:00.000Z"
	ingest := about(key, guid, first, "Ingest")
	complete := about(key, guid, first, "Complete")
	complete["hlsUrl"], complete["thumbNailUrl"] = "http://127.0.0.1/a.m3u8", []string{"http://127.0.0.1/poster.jpg"}
	failed := about(key, guid, first, "Error")
	failed["errorCode"], failed["errorMessage"] = "EncodeFailed", "It could not be encoded."
	again := about(key, later, second, "Ingest")
	failedAgain := about(key, later, second, "Error")
	failedAgain["errorCode"], failedAgain["errorMessage"] = "EncodeFailed", "It could not be encoded."
	return []story{
		{"one encode", []map[string]any{ingest, failed, complete}, "Complete", true, guid},
		{"an encode that failed", []map[string]any{ingest, failed}, "Error", false, guid},
		{"a second upload to the same key", []map[string]any{complete, again, failedAgain}, "Error", false, later},
		{"a second encode that has only begun", []map[string]any{ingest, complete, again}, "Ingest", false, later},
	}
}

// about is a message; uploaded is when S3 says that the upload was complete.
// Events come in no order, so an encode's start tells nothing: all are alike.
func about(key, guid, uploaded, status string) map[string]any {
	return map[string]any{
		"guid": guid, "srcEventTime": uploaded, "startTime": "2026-01-01T11:00:00.000Z", "status": status, "workflowStatus": status,
		"srcVideo": key, "srcBucket": "source",
	}
}

// orders are all orders of the messages, each with all of them once more,
// backwards, at its end.
func orders(messages []map[string]any) [][]map[string]any {
	if len(messages) == 0 {
		return [][]map[string]any{nil}
	}
	var all [][]map[string]any
	for i, first := range messages {
		rest := append(slices.Clone(messages[:i]), messages[i+1:]...)
		for _, order := range orders(rest) {
			all = append(all, append([]map[string]any{first}, order[:len(rest)]...))
		}
	}
	for i, order := range all {
		again := slices.Clone(order)
		slices.Reverse(again)
		all[i] = append(slices.Clip(order), again...)
	}
	return all
}

// told says in what order messages came: which encode's, and the status.
func told(order []map[string]any) (words []string) {
	for _, message := range order {
		words = append(words, fmt.Sprintf("%.4s:%s", message["guid"], message["status"]))
	}
	return words
}

// fetch asks that there is something at a URL.
func fetch(t *testing.T, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET %s answers %s", url, response.Status)
	}
}

// eventually waits until ok holds, for half a minute.
func eventually(ctx context.Context, what string, ok func() (bool, error)) error {
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		held, err := ok()
		if held || err != nil {
			return err
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("%s: not within half a minute", what)
		}
	}
}

package e2e

import (
	"net/http"
	"sync"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// oneByKey repeats a POST as a client does that has lost the answer.
func oneByKey(t *testing.T) {
	t.Parallel()
	c := person(t, "repeats")
	body := request(clips.Tiny, int64(len(content(t, clips.Tiny))), map[string]any{"title": "once", "metadata": map[string]any{"b": 1, "a": 2}})
	answers := make([]rest.Answer, 5)
	var all sync.WaitGroup
	for i := range answers { // all at once
		all.Go(func() { answers[i] = c.do(t, http.MethodPost, "/videos", body, "Idempotency-Key", "the-same-key") })
	}
	all.Wait()
	for _, answer := range answers {
		if wantStatus(t, answer, http.StatusCreated); answer.ID() != answers[0].ID() {
			t.Errorf("the videos %s and %s were made by one key", answers[0].ID(), answer.ID())
		}
	}
	if videos, _ := c.get(t, "/videos").Body["videos"].([]any); len(videos) != 1 {
		t.Errorf("%d videos are listed, want 1", len(videos))
	}
	other := request(clips.Tiny, 1234, nil)
	wantProblem(t, c.do(t, http.MethodPost, "/videos", other, "Idempotency-Key", "the-same-key"), http.StatusUnprocessableEntity, "IdempotencyKeyReused")
	stranger := person(t, "has the same idea")
	if answer := wantStatus(t, stranger.do(t, http.MethodPost, "/videos", body, "Idempotency-Key", "the-same-key"), http.StatusCreated); answer.ID() == answers[0].ID() {
		t.Error("two owners with one key share a video")
	}
	replayed(t, c, body, answers[0])
}

// replayed uses a repeated answer to upload, and the key again when all is
// done and when the video is gone.
func replayed(t *testing.T, c caller, body map[string]any, first rest.Answer) {
	t.Helper()
	upload, err := first.Upload()
	if err != nil {
		t.Fatal(err)
	}
	d := draft{caller: c, clip: clips.Tiny, content: content(t, clips.Tiny), id: first.ID(), video: first.Video(), upload: upload}.send(t)
	d.published(t)
	again := wantStatus(t, c.do(t, http.MethodPost, "/videos", body, "Idempotency-Key", "the-same-key"), http.StatusCreated)
	checkValues(t, again.Video(), map[string]any{"id": d.id, "encodingStatus": "Complete"})
	wantStatus(t, c.do(t, http.MethodDelete, d.path(), nil), http.StatusAccepted)
	wantProblem(t, c.do(t, http.MethodPost, "/videos", body, "Idempotency-Key", "the-same-key"), http.StatusConflict, "VideoDeleted")
}

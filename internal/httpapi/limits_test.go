package httpapi_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

func TestAnOwnerHasSoManyOpenUploadsAndNoMore(t *testing.T) {
	w := newWorld(t)
	w.api.OpenUploads = 2
	var first, again, third videoBody
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &first)
	w.create(alice, 5)
	got := w.as(alice, "POST", "/videos", with("title", "T"))
	got.problem(t, contract.CodeOpenUploadLimit, "")
	if after := got.header.Get("Retry-After"); after != "60" {
		t.Errorf("Retry-After is %q", after)
	}
	w.create(bob, 5) // another owner's are not counted
	w.as(alice, "POST", "/videos", with("title", "T"), "Idempotency-Key", "k").into(t, 201, &again)
	if again.Video.ID != first.Video.ID {
		t.Errorf("a repeated request made %s", again.Video.ID)
	}
	w.encoded(first.Video.ID)
	w.as(alice, "POST", "/videos", with("title", "T")).into(t, 201, &third)
}

func TestAnUploadThatOpensAgainIsCounted(t *testing.T) {
	w := newWorld(t)
	w.api.OpenUploads = 1
	old := w.create(alice, 5).Video.ID
	w.as(alice, "DELETE", "/videos/"+old+"/upload", "")
	open := w.create(alice, 5).Video.ID
	w.as(alice, "GET", "/videos/"+old+"/upload", "").problem(t, contract.CodeOpenUploadLimit, "")
	if got := w.as(alice, "GET", "/videos/"+open+"/upload", ""); got.status != 200 {
		t.Errorf("an open upload is refused: %d %s", got.status, got.text)
	}
	w.as(alice, "DELETE", "/videos/"+open, "")
	if got := w.as(alice, "GET", "/videos/"+old+"/upload", ""); got.status != 200 {
		t.Errorf("there is room again: %d %s", got.status, got.text)
	}
}

func TestAnOwnerHasSoManyEncodesOnTheirWayAndNoMore(t *testing.T) {
	w := newWorld(t)
	w.api.Encodes = 1
	first, second := w.uploaded(), w.uploaded()
	var done, again videoBody
	w.encodeOnce(first, "k", "").into(t, 202, &done)
	w.encode(second, "").problem(t, contract.CodeRunningEncodeLimit, "")
	w.as(alice, "POST", "/videos", with("title", "T")).problem(t, contract.CodeRunningEncodeLimit, "")
	w.encodeOnce(first, "k", "").into(t, 202, &again)
	w.create(bob, 5)
	w.encoded(first)
	w.encode(second, "").into(t, 202, &done)
	if len(w.started.started) != 2 {
		t.Errorf("started %v", w.started.started)
	}
}

func TestLimitsAreCountedNoFurtherThanTheyGo(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.create(alice, 5)
	}
	if n, err := w.rows.Count(t.Context(), alice, contract.StatusNew, 2); n != 2 || err != nil {
		t.Errorf("counted %d, %v", n, err)
	}
}

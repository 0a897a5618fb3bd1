package e2e

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

func changes(t *testing.T) {
	t.Parallel()
	c := person(t, "edits")
	d := c.announce(t, clips.Tiny, map[string]any{"title": "first", "metadata": map[string]any{"kept": true}})
	tag := d.get(t, d.path()).Header.Get("ETag")
	changed := wantStatus(t, d.do(t, http.MethodPatch, d.path(), map[string]any{"title": "second"}, "If-Match", tag), http.StatusOK)
	checkValues(t, changed.Video(), map[string]any{"title": "second"})
	if !reflect.DeepEqual(changed.Video()["metadata"], map[string]any{"kept": true}) {
		t.Errorf("the metadata has become %v, though only the title was sent", changed.Video()["metadata"])
	}
	if next := changed.Header.Get("ETag"); next == tag || next == "" {
		t.Errorf("the ETag after the change is %q, before it was %q", next, tag)
	}
	wantProblem(t, d.do(t, http.MethodPatch, d.path(), map[string]any{"title": "third"}, "If-Match", tag), http.StatusPreconditionFailed, "VersionMismatch")
	titles(t, d)
	oneOfMany(t, d)
	d.renewed(t).send(t)
	video := d.published(t)
	tag = d.get(t, d.path()).Header.Get("ETag")
	wantStatus(t, d.do(t, http.MethodPatch, d.path(), map[string]any{"metadata": map[string]any{"new": 1}}, "If-Match", tag), http.StatusOK)
	after := d.look(t)
	for _, name := range []string{"hlsUrl", "vodGuid", "encodingStatus", "duration", "title"} {
		if after[name] != video[name] {
			t.Errorf("%s has become %v by a change of the metadata, it was %v", name, after[name], video[name])
		}
	}
	if !reflect.DeepEqual(after["metadata"], map[string]any{"new": 1.0}) {
		t.Errorf("the metadata is %v", after["metadata"])
	}
	// What the API owns is not a client's to set.
	for _, body := range []string{`{"encodingStatus":"Complete"}`, `{"ownerId":"someone"}`, `{"hlsUrl":"https://elsewhere.example"}`, `[]`, `"title"`, `{"title":`} {
		if answer := d.do(t, http.MethodPatch, d.path(), body, "If-Match", "*"); answer.Status < 400 || answer.Status >= 500 {
			t.Errorf("PATCH %s: %s", body, answer)
		}
	}
}

// titles of people come back as they were sent, or are refused by name.
func titles(t *testing.T, d draft) {
	t.Helper()
	for _, title := range []string{"<script>alert(1)</script>", "\u202eright to left\u202c, שלום", "a\u0000b", strings.Repeat("x", 10_000)} {
		tag := d.get(t, d.path()).Header.Get("ETag")
		answer := d.do(t, http.MethodPatch, d.path(), map[string]any{"title": title}, "If-Match", tag)
		switch answer.Status {
		case http.StatusOK:
			if len(title) > 1000 {
				t.Errorf("a title of %d bytes was taken", len(title))
			}
			checkValues(t, d.look(t), map[string]any{"title": title})
			if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
				t.Errorf("the content type is %q", kind)
			}
		case http.StatusUnprocessableEntity, http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if answer.Field() != "title" {
				t.Errorf("the refusal of the title %.20q blames %q: %s", title, answer.Field(), answer)
			}
		default:
			t.Errorf("the title %.20q: %s", title, answer)
		}
	}
}

// oneOfMany sends ten changes with the same If-Match at once.
func oneOfMany(t *testing.T, d draft) {
	t.Helper()
	tag := d.get(t, d.path()).Header.Get("ETag")
	answers := make([]rest.Answer, 10)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = d.do(t, http.MethodPatch, d.path(), map[string]any{"title": strings.Repeat("t", i+1)}, "If-Match", tag)
		})
	}
	all.Wait()
	won := 0
	for _, answer := range answers {
		if answer.Status == http.StatusOK {
			won++
		} else {
			wantProblem(t, answer, http.StatusPreconditionFailed, "VersionMismatch")
		}
	}
	if won != 1 {
		t.Errorf("%d of ten changes with one ETag were carried out, want 1", won)
	}
}

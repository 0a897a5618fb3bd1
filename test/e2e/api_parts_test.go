package e2e

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// stretched is the clip as a video of so many bytes: what is missing is a box
// that players skip.
func stretched(t *testing.T, clip clips.Clip, bytes int) []byte {
	t.Helper()
	content := content(t, clip)
	return append(content, freeBox(bytes-len(content))...)
}

// inParts sends a large video in three parts or more, on the stack that is
// started by metadata files: what the API created starts by itself.
func inParts(t *testing.T) {
	t.Parallel()
	c := person(t, "in parts")
	d := c.announceBytes(t, clips.Tiny, stretched(t, clips.Tiny, 40<<20), nil)
	u := d.upload
	if u.Type != "multipart" || u.PartSize < 5<<20 || u.PartCount < 3 || len(u.Parts) != u.PartCount || u.NextPart != 0 {
		t.Fatalf("the upload is %s with %d parts of %d bytes (%d of them listed, next %d), want three or more", u.Type, u.PartCount, u.PartSize, len(u.Parts), u.NextPart)
	}
	d.part(t, u, 1)
	d.part(t, u, u.PartCount)
	u = d.resume(t, 1, u.PartCount)
	d.wrongCompletions(t, u)

	short := rest.Upload{Method: http.MethodPut, URL: u.Parts[1].URL}
	if answer, err := short.Put(t.Context(), d.content[:1000]); err != nil || answer.Status != http.StatusForbidden {
		t.Errorf("a part of another length: %v %v, want 403", answer.Status, err)
	}
	var parts []map[string]any
	for number := 1; number <= u.PartCount; number++ {
		etag := u.Parts[number-1].ETag
		if etag == "" {
			etag = d.part(t, u, number)
		}
		parts = append(parts, map[string]any{"partNumber": number, "etag": etag})
	}
	d.badLists(t, parts)
	done := d.complete(t, map[string]any{"parts": parts})
	if done.ID() != d.id {
		t.Errorf("the completion answers with the video %q, want %s", done.ID(), d.id)
	}
	d.complete(t, map[string]any{"parts": parts})
	d.complete(t, nil)
	checkPublished(t, d, d.published(t))
	checkHistory(t, d, "Ingest", "Complete")
	if n, err := d.s.Versions(t.Context(), d.s.Outputs["Source"], d.prefix()); err != nil || n != 1 {
		t.Errorf("there are %d versions of the source (%v), want 1", n, err)
	}
	wantProblem(t, d.do(t, http.MethodGet, d.path()+"/upload", nil), http.StatusConflict, "UploadComplete")
}

func (d draft) part(t *testing.T, u rest.Upload, number int) (etag string) {
	t.Helper()
	answer, err := u.PutPart(t.Context(), u.Parts[number-1], d.content)
	if err != nil {
		t.Fatal(err)
	}
	return wantStatus(t, answer, http.StatusOK).Header.Get("ETag")
}

func (d draft) complete(t *testing.T, body any) rest.Answer {
	t.Helper()
	return wantStatus(t, d.do(t, http.MethodPost, d.path()+"/upload/complete", body), http.StatusOK)
}

// resume asks how to go on and wants to hear of exactly these parts that
// they have arrived.
func (d draft) resume(t *testing.T, arrived ...int) rest.Upload {
	t.Helper()
	u, err := d.get(t, d.path()+"/upload").Upload()
	if err != nil {
		t.Fatal(err)
	}
	there := map[int]bool{}
	for _, number := range arrived {
		there[number] = true
	}
	if len(u.Parts) != d.upload.PartCount || u.PartSize != d.upload.PartSize {
		t.Fatalf("%d parts of %d bytes, want %d of %d", len(u.Parts), u.PartSize, d.upload.PartCount, d.upload.PartSize)
	}
	for i, part := range u.Parts {
		if part.PartNumber != i+1 || (part.ETag != "") != there[part.PartNumber] || (part.ETag == "" && part.URL == "") {
			t.Errorf("part %d is %+v; arrived are %v", i+1, part, arrived)
		}
	}
	return u
}

// wrongCompletions are those while parts are missing, or by someone else.
func (d draft) wrongCompletions(t *testing.T, u rest.Upload) {
	t.Helper()
	path := d.path() + "/upload/complete"
	wantProblem(t, d.do(t, http.MethodPost, path, nil), http.StatusConflict, "PartsMissing")
	wantProblem(t, d.do(t, http.MethodPost, path, map[string]any{"parts": []map[string]any{
		{"partNumber": 1, "etag": u.Parts[0].ETag}, {"partNumber": u.PartCount, "etag": u.Parts[u.PartCount-1].ETag},
	}}), http.StatusConflict, "PartsMissing")
	stranger := person(t, "completes what is not his")
	wantProblem(t, stranger.do(t, http.MethodPost, path, nil), http.StatusNotFound, "VideoUnknown")
	wantProblem(t, stranger.do(t, http.MethodGet, d.path()+"/upload", nil), http.StatusNotFound, "VideoUnknown")
	wantProblem(t, stranger.do(t, http.MethodDelete, d.path()+"/upload", nil), http.StatusNotFound, "VideoUnknown")
}

// badLists are completions whose list of parts isn't what has arrived.
func (d draft) badLists(t *testing.T, good []map[string]any) {
	t.Helper()
	path := d.path() + "/upload/complete"
	doubled := append([]map[string]any{good[0]}, good...)
	turned := append(append([]map[string]any{}, good[1:]...), good[0])
	unknown := append([]map[string]any{{"partNumber": good[0]["partNumber"], "etag": `"00000000000000000000000000000000"`}}, good[1:]...)
	beyond := append(append([]map[string]any{}, good...), map[string]any{"partNumber": len(good) + 1, "etag": good[0]["etag"]})
	for what, list := range map[string][]map[string]any{"doubled": doubled, "out of order": turned, "with a wrong etag": unknown, "with a part too many": beyond} {
		answer := d.do(t, http.MethodPost, path, map[string]any{"parts": list})
		if answer.Status != http.StatusUnprocessableEntity && answer.Status != http.StatusConflict {
			t.Errorf("a list of parts %s: %s, want 422 or 409", what, answer)
		}
		wantProblem(t, answer, answer.Status, "PartsInvalid", "PartsMissing")
	}
}

func abortedUpload(t *testing.T) {
	t.Parallel()
	c := person(t, "changes her mind")
	d := c.announceBytes(t, clips.Tiny, stretched(t, clips.Tiny, 20<<20), nil)
	d.part(t, d.upload, 1)
	for range 2 { // a second time changes nothing
		wantStatus(t, d.do(t, http.MethodDelete, d.path()+"/upload", nil), http.StatusNoContent)
	}
	checkValues(t, d.look(t), map[string]any{"encodingStatus": "Error", "errorCode": "UploadAborted"})
	if left, err := d.s.Unfinished(t.Context(), d.s.Outputs["Source"], d.prefix()); err != nil || len(left) > 0 {
		t.Errorf("%d multipart uploads are left (%v)", len(left), err)
	}
	u := d.resume(t)
	checkValues(t, d.look(t), map[string]any{"encodingStatus": "new"})
	checkAbsent(t, d.look(t), "errorCode", "errorMessage")
	for number := range u.PartCount {
		d.part(t, u, number+1)
	}
	d.complete(t, nil)
	d.published(t)
	wantProblem(t, d.do(t, http.MethodDelete, d.path()+"/upload", nil), http.StatusConflict, "UploadComplete")
	manyPages(t)
}

// manyPages asks for the URLs of a video of 10 GiB, page by page.
func manyPages(t *testing.T) {
	t.Helper()
	c := anyone()
	answer := wantStatus(t, c.do(t, http.MethodPost, "/videos", request(clips.Tiny, 10<<30, nil)), http.StatusCreated)
	u, err := answer.Upload()
	if err != nil {
		t.Fatal(err)
	}
	path := "/videos/" + answer.ID()
	if int64(u.PartCount) != (10<<30+u.PartSize-1)/u.PartSize || u.PartCount > 10_000 {
		t.Errorf("%d parts of %d bytes, for 10 GiB", u.PartCount, u.PartSize)
	}
	seen := map[int]bool{}
	for next := 1; next != 0; next = u.NextPart {
		u, err = c.get(t, path+"/upload?limit=50&part="+strconv.Itoa(next)).Upload()
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Parts) > 50 || len(u.Parts) == 0 || u.Parts[0].PartNumber != next {
			t.Fatalf("the page from part %d has %d parts", next, len(u.Parts))
		}
		for _, part := range u.Parts {
			seen[part.PartNumber] = part.URL != ""
		}
	}
	if len(seen) != u.PartCount {
		t.Errorf("%d parts were listed, want %d", len(seen), u.PartCount)
	}
	wantStatus(t, c.do(t, http.MethodDelete, path, nil), http.StatusAccepted)
}

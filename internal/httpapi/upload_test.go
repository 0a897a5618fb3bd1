package httpapi_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

type uploadBody struct {
	Upload httpapi.Upload `json:"upload"`
}

func (w *world) resume(id, query string) httpapi.Upload {
	w.t.Helper()
	var got uploadBody
	w.as(alice, "GET", "/videos/"+id+"/upload"+query, "").into(w.t, 200, &got)
	return got.Upload
}

// send uploads parts of a multipart upload and returns them as a client lists
// them.
func (w *world) send(parts []httpapi.Part, sizes ...int) []map[string]any {
	w.t.Helper()
	var sent []map[string]any
	for i, part := range parts {
		status, etag := put(w.t, part.URL, bytes.Repeat([]byte{byte(part.Number)}, sizes[i]), nil)
		if status != 200 {
			w.t.Fatalf("part %d: %d", part.Number, status)
		}
		sent = append(sent, map[string]any{"partNumber": part.Number, "etag": etag})
	}
	return sent
}

func (w *world) complete(id string, parts any) answer {
	body := ""
	if parts != nil {
		body = text(map[string]any{"parts": parts})
	}
	return w.as(alice, "POST", "/videos/"+id+"/upload/complete", body)
}

func TestAnUploadInPartsIsGoneOnWithWhereItStopped(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 33*mib)
	w.send(made.Upload.Parts[1:2], 16*mib)
	w.clock.Advance(30 * time.Minute)
	up := w.resume(made.Video.ID, "")
	if up.PartCount != 3 || len(up.Parts) != 3 || up.Parts[0].ETag != "" || up.Parts[1].ETag == "" || up.Parts[2].ETag != "" || up.ExpiresAt != "2026-11-23T17:30:00.000Z" {
		t.Fatalf("upload is %+v", up)
	}
	w.complete(made.Video.ID, nil).problem(t, contract.CodePartsMissing, "")
	w.send([]httpapi.Part{up.Parts[0], up.Parts[2]}, 16*mib, mib)
	var done videoBody
	w.complete(made.Video.ID, nil).into(t, 200, &done)
	if source, err := w.uploads.Source(t.Context(), done.Video.S3Key); err != nil || source.Size != 33*mib {
		t.Errorf("source is %+v, %v", source, err)
	}
}

func TestPartsAreHandedOutByPage(t *testing.T) {
	w := newWorld(t)
	w.api.MaxBytes = 1 << 40
	made := w.create(alice, 16*mib*250)
	id := made.Video.ID
	for query, want := range map[string]struct{ first, count, next int }{
		"":                   {1, 100, 101},
		"?part=101":          {101, 100, 201},
		"?part=201":          {201, 50, 0},
		"?part=250":          {250, 1, 0},
		"?limit=1":           {1, 1, 2},
		"?limit=1000":        {1, 250, 0},
		"?part=249&limit=1":  {249, 1, 250},
		"?part=151&limit=99": {151, 99, 250},
	} {
		up := w.resume(id, query)
		if len(up.Parts) != want.count || up.Parts[0].Number != want.first || up.Parts[len(up.Parts)-1].Number != want.first+want.count-1 || up.NextPart != want.next {
			t.Errorf("%s: %d parts from %d, next %d; want %+v", query, len(up.Parts), up.Parts[0].Number, up.NextPart, want)
		}
	}
	for query, field := range map[string]string{
		"?part=251": "part", "?part=0": "part", "?part=-1": "part", "?part=x": "part", "?part=10001": "part", "?limit=0": "limit", "?limit=1001": "limit", "?limit=": "limit", "?parts=1": "parts",
	} {
		w.as(alice, "GET", "/videos/"+id+"/upload"+query, "").problem(t, contract.CodeRequestInvalid, field)
	}
}

func TestPagesOfPartsAreNotAWriteEach(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 40*mib)
	before := w.rows.Row(made.Video.ID)
	w.clock.Advance(5 * time.Minute)
	w.resume(made.Video.ID, "")
	if got := w.rows.Row(made.Video.ID); got.Version != before.Version {
		t.Errorf("written %d times", got.Version-before.Version)
	}
	w.clock.Advance(5 * time.Minute)
	up := w.resume(made.Video.ID, "")
	if got := w.rows.Row(made.Video.ID); got.Version != before.Version+1 || got.URLsExpireAt < up.ExpiresAt || got.DueAt != got.URLsExpireAt {
		t.Errorf("row is %+v, URLs expire at %s", got, up.ExpiresAt)
	}
}

func TestACompletionIsTheSameHoweverOftenItIsAskedFor(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	parts := w.send(made.Upload.Parts, 16*mib, mib)
	var first, second, third videoBody
	w.complete(made.Video.ID, parts).into(t, 200, &first)
	w.complete(made.Video.ID, parts).into(t, 200, &second)
	w.complete(made.Video.ID, nil).into(t, 200, &third)
	if text(first) != text(second) || text(first) != text(third) {
		t.Errorf("answers are %+v, %+v, %+v", first, second, third)
	}
	w.encoded(made.Video.ID)
	w.complete(made.Video.ID, parts).into(t, 200, &third)
	if third.Video.EncodingStatus != contract.StatusComplete {
		t.Errorf("video is %+v", third.Video)
	}
}

func TestManyCompletionsAtOnceAllSucceed(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	w.send(made.Upload.Parts, 16*mib, mib)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if got := w.complete(made.Video.ID, nil); got.status != 200 {
				t.Errorf("%d: %s", got.status, got.text)
			}
		})
	}
	wg.Wait()
}

func TestACompletionWhoseAnswerIsLostIsFoundDone(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	w.send(made.Upload.Parts, 16*mib, mib)
	row := w.rows.Row(made.Video.ID)
	parts, err := w.uploads.Parts(t.Context(), row.S3Key, row.UploadID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.uploads.Complete(t.Context(), row.S3Key, row.UploadID, parts); err != nil {
		t.Fatal(err)
	}
	var done videoBody
	w.complete(made.Video.ID, nil).into(t, 200, &done)
	w.as(alice, "GET", "/videos/"+made.Video.ID+"/upload", "").problem(t, contract.CodeUploadComplete, "")
	w.as(alice, "DELETE", "/videos/"+made.Video.ID+"/upload", "").problem(t, contract.CodeUploadComplete, "")
}

func TestAListOfPartsThatIsWrongIsToldExactly(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 33*mib)
	p := w.send(made.Upload.Parts, 16*mib, 16*mib, mib)
	quoted := func(part map[string]any) map[string]any {
		return map[string]any{"partNumber": part["partNumber"], "etag": `"` + part["etag"].(string) + `"`}
	}
	other := map[string]any{"partNumber": 2, "etag": p[0]["etag"]}
	beyond := map[string]any{"partNumber": 4, "etag": "x"}
	for name, c := range map[string]struct {
		parts any
		field string
		says  string
	}{
		"one missing":       {[]any{p[0], p[2]}, "parts[1]", "part 2 has arrived and is not listed"},
		"the last missing":  {[]any{p[0], p[1]}, "parts[2]", "part 3 has arrived and is not listed"},
		"none":              {[]any{}, "parts[0]", "part 1 has arrived and is not listed"},
		"one twice":         {[]any{p[0], p[1], p[1], p[2]}, "parts[2].partNumber", "part 2 is listed twice"},
		"one twice, later":  {[]any{p[0], p[1], p[2], p[0]}, "parts[3].partNumber", "part 1 is listed twice"},
		"out of order":      {[]any{p[0], p[2], p[1]}, "parts[2].partNumber", "part 2 is listed after part 3"},
		"one too many":      {[]any{p[0], p[1], p[2], beyond}, "parts[3].partNumber", "the last one is 3"},
		"another one's tag": {[]any{p[0], other, p[2]}, "parts[1].etag", "part 2 has arrived with the ETag"},
	} {
		problem := w.complete(made.Video.ID, c.parts).problem(t, contract.CodePartsInvalid, c.field)
		if !strings.Contains(problem.Detail, c.says) {
			t.Errorf("%s: %q", name, problem.Detail)
		}
	}
	for field, parts := range map[string]any{
		"parts[0].partNumber": []any{map[string]any{"etag": "x"}},
		"parts[0].etag":       []any{map[string]any{"partNumber": 1}},
		"parts":               "all",
	} {
		w.complete(made.Video.ID, parts).problem(t, contract.CodeRequestInvalid, field)
	}
	w.complete(made.Video.ID, []any{map[string]any{"partNumber": 0, "etag": "x"}}).problem(t, contract.CodeRequestInvalid, "parts[0].partNumber")
	var done videoBody
	w.complete(made.Video.ID, []any{quoted(p[0]), p[1], quoted(p[2])}).into(t, 200, &done)
}

func TestPartsThatHaveNotArrivedAreNamed(t *testing.T) {
	w := newWorld(t)
	w.api.MaxBytes = 1 << 40
	made := w.create(alice, 10*16*mib)
	w.send(made.Upload.Parts[3:4], 16*mib)
	problem := w.complete(made.Video.ID, nil).problem(t, contract.CodePartsMissing, "")
	if !strings.Contains(problem.Detail, "of 10 parts these have not arrived: 1-3, 5-10;") {
		t.Errorf("detail is %q", problem.Detail)
	}
}

func TestASingleUploadIsCompleteWhenItIsThere(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	id := made.Video.ID
	w.complete(id, nil).problem(t, contract.CodeUploadMissing, "")
	w.complete(id, []any{}).problem(t, contract.CodeRequestInvalid, "parts")
	w.upload(made)
	for range 2 {
		var done videoBody
		w.complete(id, nil).into(t, 200, &done)
		w.as(alice, "POST", "/videos/"+id+"/upload/complete", "{}").into(t, 200, &done)
		w.as(alice, "POST", "/videos/"+id+"/upload/complete", `{"parts":null}`).into(t, 200, &done)
	}
	w.as(alice, "GET", "/videos/"+id+"/upload", "").problem(t, contract.CodeUploadComplete, "")
}

func TestTheURLOfASingleUploadTakesThisFileAndNoOther(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	up := made.Upload
	for name, try := range map[string]struct {
		data    string
		headers map[string]string
		status  int
	}{
		"a longer file":     {"123456", up.Headers, 403},
		"a shorter file":    {"1234", up.Headers, 403},
		"another type":      {"12345", map[string]string{"Content-Type": "text/html", "If-None-Match": "*"}, 403},
		"without condition": {"12345", map[string]string{"Content-Type": "video/mp4"}, 403},
	} {
		if status, _ := put(t, up.URL, []byte(try.data), try.headers); status != try.status {
			t.Errorf("%s: %d, want %d", name, status, try.status)
		}
	}
	w.upload(made)
	if status, _ := put(t, up.URL, []byte("54321"), up.Headers); status != 412 {
		t.Errorf("a second upload: %d, want 412", status)
	}
}

func TestAFileOfAnotherSizeIsNotTaken(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	w.upload(made)
	w.change(made.Video.ID, func(row *contract.VideoRow) { row.Size = 6 })
	w.complete(made.Video.ID, nil).problem(t, contract.CodeUploadMismatch, "")
}

func TestAnUploadIsAbortedHoweverOftenItIsAskedFor(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int{5, 17 * mib} {
		made := w.create(alice, size)
		id, key := made.Video.ID, made.Video.S3Key
		uploadID := w.rows.Row(id).UploadID
		for range 2 {
			if got := w.as(alice, "DELETE", "/videos/"+id+"/upload", ""); got.status != 204 || got.text != "" {
				t.Errorf("%d: %s", got.status, got.text)
			}
		}
		row := w.rows.Row(id)
		if row.EncodingStatus != contract.StatusError || row.ErrorCode != contract.CodeUploadAborted || row.PendingWork != "" || row.DueAt != "" || row.UploadID != "" {
			t.Errorf("row is %+v", row)
		}
		if _, err := w.uploads.Uploads.Parts(t.Context(), key, uploadID, 0, 0); uploadID != "" && err == nil {
			t.Error("the parts are still there")
		}
		var read videoBody
		w.as(alice, "GET", "/videos/"+id, "").into(t, 200, &read)
		if read.Video.ErrorAction == "" || read.Video.ErrorMessage == "" {
			t.Errorf("video is %+v", read.Video)
		}
		w.complete(id, nil).problem(t, contract.CodeUploadMissing, "")
	}
}

func TestAnUploadThatWasAbortedOrHasExpiredBeginsAgain(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int{5, 17 * mib} {
		for _, code := range []contract.Code{contract.CodeUploadAborted, contract.CodeUploadExpired} {
			made := w.create(alice, size)
			id := made.Video.ID
			if code == contract.CodeUploadAborted {
				w.as(alice, "DELETE", "/videos/"+id+"/upload", "")
			} else {
				w.change(id, func(row *contract.VideoRow) {
					row.EncodingStatus, row.ErrorCode, row.ErrorMessage, row.PendingWork, row.DueAt = contract.StatusError, code, "m", "", ""
				})
			}
			up := w.resume(id, "")
			row := w.rows.Row(id)
			if row.EncodingStatus != contract.StatusNew || row.ErrorCode != "" || row.ErrorMessage != "" || row.PendingWork != contract.WorkUpload || row.DueAt < up.ExpiresAt {
				t.Errorf("%s: row is %+v", code, row)
			}
			if size == 5 {
				made.Upload = &up
				w.upload(made)
			} else {
				w.send(up.Parts, 16*mib, mib)
			}
			var done videoBody
			w.complete(id, nil).into(t, 200, &done)
		}
	}
}

func TestAFileThatArrivedLateIsTakenAtItsCompletion(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	w.upload(made)
	w.change(made.Video.ID, func(row *contract.VideoRow) {
		row.EncodingStatus, row.ErrorCode, row.PendingWork, row.DueAt = contract.StatusError, contract.CodeUploadExpired, "", ""
	})
	var done videoBody
	w.complete(made.Video.ID, nil).into(t, 200, &done)
	if row := w.rows.Row(made.Video.ID); done.Video.EncodingStatus != contract.StatusNew || row.PendingWork != contract.WorkUpload || row.ErrorCode != "" {
		t.Errorf("row is %+v", row)
	}
}

func TestAFileThatThePipelineHasNotHeardOfIsLookedAfterTwoMinutesAfterItsCompletion(t *testing.T) {
	for name, size := range map[string]int{"one PUT": 5, "parts": 17 * mib} {
		w := newWorld(t)
		made := w.create(alice, size)
		if size == 5 {
			w.upload(made)
		} else {
			w.send(made.Upload.Parts, 16*mib, mib)
		}
		expire := w.rows.Row(made.Video.ID).URLsExpireAt
		for range 2 { // the second does not put it off
			w.complete(made.Video.ID, nil).into(t, 200, &videoBody{})
			w.clock.Advance(time.Second)
		}
		row := w.rows.Row(made.Video.ID)
		if row.PendingWork != contract.WorkUpload || row.DueAt != "2026-11-23T16:02:00.000Z" || row.URLsExpireAt != expire {
			t.Errorf("%s: row is %+v", name, row)
		}
	}
}

func TestTheCompletionOfAFileThatThePipelineHasHeardOfWritesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	before := w.rows.Row(id)
	w.complete(id, nil).into(t, 200, &videoBody{})
	if row := w.rows.Row(id); row.Version != before.Version {
		t.Errorf("row is %+v", row)
	}
}

func TestAMultipartUploadThatIsGoneIsBegunAnew(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	row := w.rows.Row(made.Video.ID)
	if err := w.uploads.Uploads.Abort(t.Context(), row.S3Key, row.UploadID); err != nil { // by a lifecycle rule
		t.Fatal(err)
	}
	w.complete(made.Video.ID, nil).problem(t, contract.CodeUploadMissing, "")
	up := w.resume(made.Video.ID, "")
	if again := w.rows.Row(made.Video.ID); again.UploadID == row.UploadID || again.UploadID == "" {
		t.Errorf("row is %+v", again)
	}
	w.send(up.Parts, 16*mib, mib)
	var done videoBody
	w.complete(made.Video.ID, nil).into(t, 200, &done)
}

func TestOfManyWhoHealAnUploadOneIsKept(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 17*mib)
	w.change(made.Video.ID, func(row *contract.VideoRow) { row.UploadID = "" })
	w.uploads.calls = nil
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if got := w.as(alice, "GET", "/videos/"+made.Video.ID+"/upload", ""); got.status != 200 {
				t.Errorf("%d: %s", got.status, got.text)
			}
		})
	}
	wg.Wait()
	if begun, dropped := w.uploads.count("begin"), w.uploads.count("abort"); begun-dropped != 1 {
		t.Errorf("%d uploads begun, %d dropped", begun, dropped)
	}
}

func TestNothingIsAbortedOrHandedOutOnceThePipelineHasTheFile(t *testing.T) {
	w := newWorld(t)
	for _, status := range []contract.Status{contract.StatusIngest, contract.StatusComplete, contract.StatusError} {
		made := w.create(alice, 5)
		w.change(made.Video.ID, func(row *contract.VideoRow) { row.VodGUID, row.EncodingStatus = "g", status })
		w.as(alice, "GET", "/videos/"+made.Video.ID+"/upload", "").problem(t, contract.CodeUploadComplete, "")
		w.as(alice, "DELETE", "/videos/"+made.Video.ID+"/upload", "").problem(t, contract.CodeUploadComplete, "")
	}
}

func TestAnExpiredURLIsRefusedAndAFreshOneWorks(t *testing.T) {
	w := newWorld(t)
	w.api.URLLife = time.Second
	made := w.create(alice, 5)
	time.Sleep(2100 * time.Millisecond)
	if status, _ := put(t, made.Upload.URL, []byte("12345"), made.Upload.Headers); status != 403 {
		t.Errorf("expired: %d, want 403", status)
	}
	w.api.URLLife = time.Hour
	up := w.resume(made.Video.ID, "")
	made.Upload = &up
	w.upload(made)
}

func TestAsManyPartsAsS3HasAreCompared(t *testing.T) {
	w := newWorld(t)
	w.api.MaxBytes = 1 << 40
	made := w.create(alice, 10_000*16*mib)
	parts := make([]map[string]any, 10_000)
	for i := range parts {
		parts[i] = map[string]any{"partNumber": i + 1, "etag": fmt.Sprintf("%032x", i)}
	}
	w.complete(made.Video.ID, parts).problem(t, contract.CodePartsMissing, "")
}

package httpapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

func TestAVideoIsReadWithEverythingThatIsKnownOfIt(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	w.change(made.Video.ID, func(row *contract.VideoRow) {
		row.VodGUID, row.EncodingStatus, row.Progress = "g", contract.StatusComplete, new(100)
		row.HLSURL, row.DASHURL, row.MP4URLs = "https://cdn/h.m3u8", "https://cdn/d.mpd", []string{"https://cdn/a.mp4"}
		row.PlaceholderURL, row.ThumbnailURLs = "https://cdn/0.jpg", []string{"https://cdn/1.jpg"}
		row.Renditions = []contract.Rendition{{Type: "CMAF", Width: 1280, Height: 720, Bitrate: 6_000_000}}
		row.Duration, row.Width, row.Height = 63000, 1280, 720
		row.LastMessage = json.RawMessage(`{"secret":1}`)
	})
	got := w.as(alice, "GET", "/videos/"+made.Video.ID, "")
	var read videoBody
	got.into(t, 200, &read)
	v := read.Video
	if got.header.Get("ETag") != `"v2"` || *v.Progress != 100 || v.HLSURL == "" || v.DASHURL == "" || len(v.MP4URLs) != 1 || v.PlaceholderURL == "" ||
		len(v.ThumbnailURLs) != 1 || v.Renditions[0].Height != 720 || v.Duration != 63000 || v.Width != 1280 || v.Height != 720 || v.VodGUID != "g" {
		t.Errorf("video is %s", got.text)
	}
	for _, internal := range []string{"lastMessage", "secret", "requestHash", "ownerStatus", "dueAt", "pendingWork", "version", "guids"} {
		if strings.Contains(got.text, internal) {
			t.Errorf("%s is in %s", internal, got.text)
		}
	}
}

func TestProgressComesFromTheRunningJobWhileTheVideoIsEncoded(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	w.change(made.Video.ID, func(row *contract.VideoRow) {
		row.VodGUID, row.EncodingStatus, row.Progress = "g", contract.StatusIngest, new(0)
	})
	progress := func() int {
		var read videoBody
		w.as(alice, "GET", "/videos/"+made.Video.ID, "").into(t, 200, &read)
		return *read.Video.Progress
	}
	if got := progress(); got != 0 {
		t.Errorf("without a job: %d", got)
	}
	w.running.Put(contract.RunningJob{GUID: "g", Progress: 42})
	if got := progress(); got != 42 {
		t.Errorf("progress is %d", got)
	}
	w.running.Before = func(string, string) error { return contract.ErrThrottled }
	if got := progress(); got != 0 {
		t.Errorf("while the table is busy: %d", got)
	}
}

func TestTheETagChangesWithTheAnswer(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	path, answers := "/videos/"+made.Video.ID, map[string]string{}
	see := func() string {
		got := w.as(alice, "GET", path, "")
		tag := got.header.Get("ETag")
		if before, seen := answers[tag]; seen != (before == got.text) {
			t.Errorf("ETag %s was of %s, is of %s", tag, before, got.text)
		}
		answers[tag] = got.text
		return tag
	}
	see()
	for _, status := range []contract.Status{contract.StatusIngest, contract.StatusComplete} {
		w.change(made.Video.ID, func(row *contract.VideoRow) { row.VodGUID, row.EncodingStatus = "g", status })
		for progress := range 3 {
			if status == contract.StatusIngest {
				w.running.Put(contract.RunningJob{GUID: "g", Progress: progress})
			}
			see()
		}
	}
	if len(answers) != 5 {
		t.Errorf("ETags are %v", slices.Collect(maps.Keys(answers)))
	}
}

func TestProgressDoesNotConflictWithAChange(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	path := "/videos/" + made.Video.ID
	w.change(made.Video.ID, func(row *contract.VideoRow) { row.VodGUID, row.EncodingStatus = "g", contract.StatusIngest })
	w.running.Put(contract.RunningJob{GUID: "g", Progress: 41})
	tag := w.as(alice, "GET", path, "").header.Get("ETag")
	if tag != `"v2-41"` {
		t.Errorf("ETag is %s", tag)
	}
	w.running.Put(contract.RunningJob{GUID: "g", Progress: 42})
	var done videoBody
	got := w.as(alice, "PATCH", path, `{"title":"A"}`, "If-Match", tag)
	got.into(t, 200, &done)
	w.as(alice, "PATCH", path, `{"title":"B"}`, "If-Match", tag).problem(t, contract.CodeVersionMismatch, "If-Match")
	w.as(alice, "PATCH", path, `{"title":"B"}`, "If-Match", `W/"v3-1", "v3-", "v3-x", "v-3", "v33-1"`).problem(t, contract.CodeVersionMismatch, "If-Match")
	w.as(alice, "PATCH", path, `{"title":"B"}`, "If-Match", got.header.Get("ETag")).into(t, 200, &done)
	w.as(alice, "PATCH", path, `{"title":"C"}`, "If-Match", `"v9-1", "v4-100"`).into(t, 200, &done)
}

func TestAVideoThatFailedSaysWhatToDo(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	for code, want := range map[contract.Code]contract.Code{contract.CodeSourceUnreadable: contract.CodeSourceUnreadable, "SomethingNew": contract.CodeInternal} {
		w.change(made.Video.ID, func(row *contract.VideoRow) {
			row.VodGUID, row.EncodingStatus, row.ErrorCode, row.ErrorMessage = "g", contract.StatusError, code, "m"
		})
		var read videoBody
		w.as(alice, "GET", "/videos/"+made.Video.ID, "").into(t, 200, &read)
		if v := read.Video; v.ErrorCode != want || v.ErrorMessage == "m" || v.ErrorMessage == "" || v.ErrorAction == "" {
			t.Errorf("video is %+v", v)
		}
	}
}

// calls are all calls about one video.
func calls(id string) [][3]string {
	return [][3]string{
		{"GET", "/videos/" + id, ""}, {"GET", "/videos/" + id + "/upload", ""}, {"POST", "/videos/" + id + "/upload/complete", ""},
		{"DELETE", "/videos/" + id + "/upload", ""}, {"PATCH", "/videos/" + id, `{"title":"mine"}`}, {"POST", "/videos/" + id + "/encode", ""},
		{"DELETE", "/videos/" + id, ""}, {"GET", "/videos/" + id + "/events", ""},
	}
}

func TestAnotherOwnersVideoIsAsUnknownAsOneThatIsNotThere(t *testing.T) {
	w := newWorld(t)
	ids := map[string]string{"small": w.create(alice, 5).Video.ID, "large": w.create(alice, 17*mib).Video.ID, "encoded": w.create(alice, 5).Video.ID}
	w.encoded(ids["encoded"])
	before := map[string]string{}
	for _, id := range ids {
		before[id] = text(w.rows.Row(id))
	}
	w.uploads.calls = nil
	for name, id := range ids {
		foreign, unknown := calls(id), calls(unknownID)
		for i := range foreign {
			var reads []string
			w.rows.Before = func(op, _ string) error { reads = append(reads, op); return nil }
			got := w.as(bob, foreign[i][0], foreign[i][1], foreign[i][2])
			of := strings.Join(reads, " ")
			reads = nil
			want := w.as(bob, unknown[i][0], unknown[i][1], unknown[i][2])
			want.problem(t, contract.CodeVideoUnknown, "")
			if got.text != want.text || fmt.Sprint(got.header) != fmt.Sprint(want.header) || of != strings.Join(reads, " ") || of != "get" {
				t.Errorf("%s %s: %s (reads %s), an unknown one %s (reads %s)", name, foreign[i][0], got.text, of, want.text, reads)
			}
		}
	}
	w.rows.Before = nil
	for _, id := range ids {
		if got := text(w.rows.Row(id)); got != before[id] {
			t.Errorf("row is %s, was %s", got, before[id])
		}
	}
	if len(w.uploads.calls) != 0 || len(w.started.started) != 0 || len(w.work.Bodies()) != 0 {
		t.Errorf("done: %v %v %v", w.uploads.calls, w.started.started, w.work.Bodies())
	}
}

func TestGarbageForAnIDIsAnUnknownVideo(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"x", "%20", "%00", "..%2f", "%ff", "'%20or%201=1", strings.Repeat("a", 3000), "{id}", strings.ToUpper(unknownID), "%F0%9F%8E%AC", "0", "null"} {
		for _, call := range calls(id) {
			got := w.as(alice, call[0], call[1], call[2])
			if got.status != 404 {
				t.Errorf("%s %s: %d %s", call[0], call[1], got.status, got.text)
			}
		}
	}
}

func TestTheListHasTheCallersVideosNewestFirst(t *testing.T) {
	w := newWorld(t)
	var mine []string
	for i := range 7 {
		w.clock.Advance(time.Second)
		mine = append(mine, w.create(alice, 5).Video.ID)
		if w.create(bob, 5); i%2 == 0 {
			w.encoded(mine[i])
		}
	}
	slices.Reverse(mine)
	read := func(query string) (ids []string, cursors []string) {
		for cursor := ""; ; {
			var page listBody
			w.as(alice, "GET", "/videos?"+query+cursor, "").into(t, 200, &page)
			for _, v := range page.Videos {
				if v.OwnerID != alice {
					t.Errorf("video is %+v", v)
				}
				ids = append(ids, v.ID)
			}
			if cursors = append(cursors, page.Cursor); page.Cursor == "" {
				return ids, cursors
			}
			cursor = "&cursor=" + page.Cursor
		}
	}
	for _, query := range []string{"", "limit=1", "limit=2", "limit=7", "limit=100"} {
		if got, _ := read(query); !slices.Equal(got, mine) {
			t.Errorf("%s: %v, want %v", query, got, mine)
		}
	}
	if got, pages := read("limit=3&status=Complete"); len(got) != 4 || len(pages) != 2 {
		t.Errorf("complete: %v on %d pages", got, len(pages))
	}
	if got, _ := read("status=Error"); len(got) != 0 {
		t.Errorf("errors: %v", got)
	}
}

func TestTheListIsFiftyLongWhereNothingElseIsSaidAndOneQuery(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		row := contract.VideoRow{
			ID: uuid.NewString(), OwnerID: alice, EncodingStatus: contract.StatusNew, CreatedAt: contract.Time(w.clock.Now().Add(time.Duration(i) * time.Second)),
		}
		w.rows.Put(row.Created())
	}
	var ops []string
	w.rows.Before = func(op, _ string) error { ops = append(ops, op); return nil }
	var page listBody
	w.as(alice, "GET", "/videos", "").into(t, 200, &page)
	if len(page.Videos) != 50 || page.Cursor == "" || !slices.Equal(ops, []string{"list"}) {
		t.Errorf("%d videos, reads %v", len(page.Videos), ops)
	}
	page = listBody{}
	w.as(bob, "GET", "/videos", "").into(t, 200, &page)
	if page.Videos == nil || len(page.Videos) != 0 || page.Cursor != "" {
		t.Errorf("an empty list is %+v", page)
	}
}

func TestACursorThatIsBrokenOrForeignIsRefusedAlike(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.clock.Advance(time.Second)
		w.create(alice, 5)
		w.create(bob, 5)
	}
	var page listBody
	w.as(alice, "GET", "/videos?limit=1", "").into(t, 200, &page)
	good := page.Cursor
	data, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(data), "2026", "2025", 1)
	refused := map[string]answer{"of another owner": w.as(bob, "GET", "/videos?cursor="+good, "")}
	for name, cursor := range map[string]string{
		"of another status": good + "&status=new", "cut": good[:len(good)-1], "longer": good + "A", "garbage": "garbage", "no base64": "%21%21", "empty JSON": "e30",
		"moved": base64.RawURLEncoding.EncodeToString([]byte(moved)), "null": base64.RawURLEncoding.EncodeToString([]byte("null")),
		"a list": base64.RawURLEncoding.EncodeToString([]byte("[]")), "padded": good + "=", "NUL": "%00",
	} {
		refused[name] = w.as(alice, "GET", "/videos?cursor="+cursor, "")
	}
	for name, got := range refused {
		problem := got.problem(t, contract.CodeCursorInvalid, "cursor")
		if got.text != refused["garbage"].text {
			t.Errorf("%s: %v", name, problem)
		}
	}
	w.as(alice, "GET", "/videos?cursor="+strings.Repeat("A", 1001), "").problem(t, contract.CodeRequestInvalid, "cursor")
	w.as(alice, "GET", "/videos?limit=2&cursor="+good, "").into(t, 200, &page)
}

func TestAListIsAskedForAsTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=-5": "limit", "limit=ten": "limit", "limit=1.5": "limit", "limit=99999999999999999999": "limit",
		"status=complete": "status", "status=Done": "status", "stauts=new": "stauts",
	} {
		w.as(alice, "GET", "/videos?"+query, "").problem(t, contract.CodeRequestInvalid, field)
	}
	w.as(alice, "GET", "/videos?limit=%zz", "").problem(t, contract.CodeRequestUnreadable, "")
	var page listBody
	w.as(alice, "GET", "/videos?X-Amz-Signature=abc&limit=2&X-Amz-Date=1", "").into(t, 200, &page)
}

func TestAPatchChangesWhatItNamesAndLeavesTheRest(t *testing.T) {
	w := newWorld(t)
	var made videoBody
	w.as(alice, "POST", "/videos", `{"fileName":"a.mp4","contentType":"video/mp4","size":5,"title":"T","metadata":{"a":1}}`).into(t, 201, &made)
	path := "/videos/" + made.Video.ID
	for _, c := range []struct{ body, title, metadata, etag string }{
		{`{}`, "T", `{"a":1}`, `"v1"`},
		{`{"title":"U"}`, "U", `{"a":1}`, `"v2"`},
		{`{"title":"U"}`, "U", `{"a":1}`, `"v2"`},
		{`{"metadata":{"n":1e400}}`, "U", `{"n":1e400}`, `"v3"`},
		{`{"title":null}`, "", `{"n":1e400}`, `"v4"`},
		{`{"title":"V","metadata":null}`, "V", "", `"v5"`},
		{`{"title":"","metadata":{}}`, "", "{}", `"v6"`},
	} {
		got := w.as(alice, "PATCH", path, c.body)
		var done videoBody
		got.into(t, 200, &done)
		if string(done.Video.Metadata) != c.metadata || done.Video.Title != c.title || got.header.Get("ETag") != c.etag {
			t.Errorf("%s: %s, ETag %s", c.body, got.text, got.header.Get("ETag"))
		}
	}
	for body, field := range map[string]string{
		`{"title":7}`: "title", `{"title":"a\u0000"}`: "title", text(map[string]string{"title": strings.Repeat("x", 501)}): "title", `{"metadata":[]}`: "metadata", `{"size":6}`: "size", `{"encodingStatus":"Complete"}`: "encodingStatus",
	} {
		w.as(alice, "PATCH", path, body).problem(t, contract.CodeRequestInvalid, field)
	}
	w.as(alice, "PATCH", path, text(map[string]any{"metadata": map[string]string{"a": strings.Repeat("x", 9000)}})).problem(t, contract.CodeMetadataTooLarge, "metadata")
	w.as(alice, "PATCH", path, "").problem(t, contract.CodeRequestUnreadable, "")
	w.as(alice, "PATCH", path, `{"title":"x"}`, "Content-Type", "text/plain").problem(t, contract.CodeBodyTypeUnsupported, "")
	var done videoBody
	w.as(alice, "PATCH", path, `{"title":"x"}`, "Content-Type", "Application/Merge-Patch+JSON; charset=utf-8").into(t, 200, &done)
}

func TestAChangeIsMadeOnlyToTheVersionThatIsMeant(t *testing.T) {
	w := newWorld(t)
	path := "/videos/" + w.create(alice, 5).Video.ID
	var done videoBody
	w.as(alice, "PATCH", path, `{"title":"A"}`, "If-Match", `"v1"`).into(t, 200, &done)
	for _, tag := range []string{`"v1"`, `W/"v2"`, `v2`, `"v3", "v4"`, `"`, `""`} {
		w.as(alice, "PATCH", path, `{"title":"B"}`, "If-Match", tag).problem(t, contract.CodeVersionMismatch, "If-Match")
	}
	for i, tag := range []string{`"v2"`, `"v9", "v3"`, `*`} {
		w.as(alice, "PATCH", path, fmt.Sprintf(`{"title":"C%d"}`, i), "If-Match", tag).into(t, 200, &done)
	}
}

func TestOfTwoChangesAtOnceNoneIsLost(t *testing.T) {
	w := newWorld(t)
	id := w.create(alice, 5).Video.ID
	var wg sync.WaitGroup
	for _, body := range []string{`{"title":"T"}`, `{"metadata":{"m":1}}`, `{"metadata":{"m":1}}`, `{"title":"T"}`} {
		wg.Go(func() {
			if got := w.as(alice, "PATCH", "/videos/"+id, body); got.status != 200 {
				t.Errorf("%s", got.text)
			}
		})
	}
	wg.Wait()
	if row := w.rows.Row(id); row.Title != "T" || row.Metadata != `{"m":1}` || row.Version != 3 {
		t.Errorf("row is %+v", row)
	}
	w.rows.Before = func(op, _ string) error {
		if op == "save" {
			return contract.ErrRowChanged
		}
		return nil
	}
	w.as(alice, "PATCH", "/videos/"+id, `{"title":"U"}`).problem(t, contract.CodeContended, "")
}

func TestTheMessagesReceivedAreReadOldestFirst(t *testing.T) {
	w := newWorld(t)
	id := w.create(alice, 5).Video.ID
	var got struct{ Events []httpapi.Event }
	w.as(alice, "GET", "/videos/"+id+"/events", "").into(t, 200, &got)
	if got.Events == nil || len(got.Events) != 0 {
		t.Errorf("none is %v", got.Events)
	}
	for i := range 120 {
		event := contract.RowEvent{
			ID: id, At: fmt.Sprintf("2026-11-23T16:00:00.000Z#g#%03d", 200-i), GUID: "g", Status: contract.StatusIngest, ReceivedAt: "2026-11-23T16:00:01.000Z",
			Message: json.RawMessage(fmt.Sprintf(`{"srcWidth":%d}`, 200-i)),
		}
		if err := w.history.Add(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	w.as(alice, "GET", "/videos/"+id+"/events", "").into(t, 200, &got)
	if len(got.Events) != 100 || got.Events[0].Message.SrcWidth != 81 || got.Events[0].GUID != "g" || got.Events[0].Status != contract.StatusIngest {
		t.Errorf("%d events, first %+v", len(got.Events), got.Events[0])
	}
}

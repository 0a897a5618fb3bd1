package library_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

// news is one message and the record as it stands when it is read.
type news struct {
	guid   string
	status contract.Status
}

func (n news) String() string { return n.guid[:1] + "." + string(n.status) }

// read are the messages and records by guid and status, each made once.
var read = map[news]known{}

type known struct {
	message library.Message
	record  contract.Record
}

func (n news) apply(t *testing.T, row contract.VideoRow) (contract.VideoRow, bool) {
	t.Helper()
	k, made := read[n]
	if !made {
		m, err := library.Parse([]byte(body(n.guid, n.status)))
		if err != nil {
			t.Fatal(err)
		}
		k = known{m, record(n.guid, n.status)}
		read[n] = k
	}
	if n.status != contract.StatusComplete {
		return library.Apply(row, k.message, nil)
	}
	return library.Apply(row, k.message, &k.record)
}

// all are messages that a video may have, in the order in which they are
// sent.
var all = map[string][]news{
	"a video that goes well":                   {{guidA, contract.StatusIngest}, {guidA, contract.StatusComplete}},
	"a video that fails":                       {{guidA, contract.StatusIngest}, {guidA, contract.StatusError}},
	"a video that fails before it is taken in": {{guidA, contract.StatusError}},
	"a video that fails and turns out well":    {{guidA, contract.StatusIngest}, {guidA, contract.StatusError}, {guidA, contract.StatusComplete}},
	"an upload over one that went well":        {{guidA, contract.StatusIngest}, {guidA, contract.StatusComplete}, {guidB, contract.StatusIngest}, {guidB, contract.StatusError}},
	"an upload over one that failed":           {{guidA, contract.StatusIngest}, {guidA, contract.StatusError}, {guidB, contract.StatusIngest}, {guidB, contract.StatusComplete}},
	"a message lost":                           {{guidA, contract.StatusComplete}, {guidB, contract.StatusIngest}},
	"three uploads":                            {{guidA, contract.StatusIngest}, {guidA, contract.StatusComplete}, {guidB, contract.StatusError}, {guidC, contract.StatusIngest}, {guidC, contract.StatusComplete}},
}

// starts are rows that messages may meet.
func starts() map[string]contract.VideoRow {
	expired := newRow()
	expired.EncodingStatus, expired.ErrorCode, expired.ErrorMessage, expired.PendingWork, expired.DueAt = contract.StatusError, contract.CodeUploadExpired, "No upload came.", "", ""
	return map[string]contract.VideoRow{"new": newRow(), "expired": expired}
}

func TestWhateverOrderMessagesComeInTheRowEndsTheSame(t *testing.T) {
	for start, row := range starts() {
		for name, messages := range all {
			want := row
			for _, n := range messages {
				want, _ = n.apply(t, want)
			}
			count := 0
			for _, order := range permutations(messages) {
				for _, order := range withRepeats(order) {
					count++
					checkOrder(t, name+", "+start+" row", row, order, want)
				}
			}
			if count == 0 {
				t.Errorf("%s: nothing was tried", name)
			}
		}
	}
}

func checkOrder(t *testing.T, what string, row contract.VideoRow, order []news, want contract.VideoRow) {
	t.Helper()
	got := row
	for _, n := range order {
		before := got
		next, changed := n.apply(t, got)
		if same := reflect.DeepEqual(before, next); same == changed {
			t.Fatalf("%s: %v says changed %v, but the row is the same: %v; order %v", what, n, changed, same, order)
		}
		if next.VodGUID == before.VodGUID && next.EncodingStatus.Rank() < before.EncodingStatus.Rank() && before.VodGUID != "" {
			t.Fatalf("%s: %v moved the row back from %s to %s", what, n, before.EncodingStatus, next.EncodingStatus)
		}
		got = next
		if repeated, changed := n.apply(t, got); changed {
			t.Fatalf("%s, order %v: %v is applied a second time: %+v", what, order, n, repeated)
		}
	}
	for _, again := range order {
		if repeated, changed := again.apply(t, got); changed {
			t.Fatalf("%s, order %v: %v is applied a second time: %+v", what, order, again, repeated)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s, order %v ends as\n%+v\nwant\n%+v", what, order, got, want)
	}
}

func TestTwoEncodesOfTheSameMillisecondEndTheSameInAnyOrder(t *testing.T) {
	for _, start := range []string{"", started(guidA)} {
		var messages []library.Message
		for _, n := range all["an upload over one that went well"] {
			m, err := library.Parse([]byte(body(n.guid, n.status)))
			if err != nil {
				t.Fatal(err)
			}
			m.StartTime = start
			messages = append(messages, m)
		}
		var want contract.VideoRow
		for i, order := range permutations(messages) {
			row := newRow()
			for _, m := range order {
				row, _ = library.Apply(row, m, nil)
			}
			if i == 0 {
				want = row
			}
			if !reflect.DeepEqual(row, want) || row.VodGUID != guidB {
				t.Fatalf("start %q: row is\n%+v\nwant\n%+v", start, row, want)
			}
		}
	}
}

func TestACompleteVideoHasAllThatAPlayerNeeds(t *testing.T) {
	row, _ := news{guidA, contract.StatusComplete}.apply(t, newRow())
	want := newRow()
	want.VodGUID, want.EncodingStatus, want.Progress = guidA, contract.StatusComplete, new(100)
	want.HLSURL, want.DASHURL = "https://cdn.example/"+guidA+"/cmaf/media.m3u8", "https://cdn.example/"+guidA+"/cmaf/media.mpd"
	want.MP4URLs = []string{"https://cdn.example/" + guidA + "/mp4/media.mp4"}
	want.PlaceholderURL = "https://cdn.example/" + guidA + "/thumbnails/media_thumb.0000000.jpg"
	for i := 1; i < 13; i++ {
		want.ThumbnailURLs = append(want.ThumbnailURLs, fmt.Sprintf("https://cdn.example/%s/thumbnails/media_thumb.%07d.jpg", guidA, i))
	}
	want.Renditions = []contract.Rendition{
		{Type: "CMAF", Width: 432, Height: 768, Bitrate: 415677}, {Type: "CMAF", Width: 360, Height: 640, Bitrate: 190092},
		{Type: "MP4", Width: 432, Height: 768, Bitrate: 420657},
	}
	want.Duration, want.Width, want.Height = 30160, 1080, 1920
	want.LastMessage = []byte(body(guidA, contract.StatusComplete))
	want.RowInternal = contract.RowInternal{VodStartedAt: started(guidA), GUIDs: []string{guidA}}
	if !reflect.DeepEqual(row, want) {
		t.Errorf("row is\n%+v\nwant\n%+v", row, want)
	}
}

// reencoded is a complete row whose owner has asked for another encode, as
// the API leaves it.
func reencoded(t *testing.T) contract.VideoRow {
	row, _ := news{guidA, contract.StatusComplete}.apply(t, newRow())
	row = library.Remember(row, guidB)
	row.VodGUID, row.VodStartedAt, row.EncodingStatus, row.Progress, row.Encodes = guidB, "2026-11-23T16:00:30.000Z", contract.StatusIngest, new(0), 1
	row.PendingWork, row.DueAt = contract.WorkEncode, "2026-11-23T16:01:30.000Z"
	return row
}

func TestAnEncodeThatWasAskedForKeepsTheOldStreamsUntilItIsComplete(t *testing.T) {
	row := reencoded(t)
	old := row.HLSURL
	for _, n := range []news{{guidA, contract.StatusComplete}, {guidA, contract.StatusError}, {guidB, contract.StatusIngest}, {guidA, contract.StatusIngest}} {
		row, _ = n.apply(t, row)
		if row.HLSURL != old || row.EncodingStatus != contract.StatusIngest || *row.Progress != 0 || row.ErrorCode != "" {
			t.Fatalf("after %v the row is %+v", n, row)
		}
	}
	if row.VodStartedAt != started(guidB) {
		t.Errorf("the encode started at %s, not at %s", row.VodStartedAt, started(guidB))
	}
	if row.PendingWork != "" || row.DueAt != "" {
		t.Errorf("the encode is still to be started though it was heard of: %+v", row)
	}
	failed, _ := news{guidB, contract.StatusError}.apply(t, row)
	if failed.HLSURL != old || failed.EncodingStatus != contract.StatusError || failed.ErrorCode != contract.CodeJobFailed {
		t.Errorf("after a failed encode the row is %+v", failed)
	}
	done, _ := news{guidB, contract.StatusComplete}.apply(t, failed)
	if !strings.Contains(done.HLSURL, guidB) || done.EncodingStatus != contract.StatusComplete || done.ErrorCode != "" {
		t.Errorf("after the encode the row is %+v", done)
	}
}

func TestMessagesOfTwoEncodesThatWereAskedForEndTheSameInAnyOrder(t *testing.T) {
	messages := []news{{guidA, contract.StatusIngest}, {guidA, contract.StatusComplete}, {guidB, contract.StatusIngest}, {guidB, contract.StatusError}, {guidB, contract.StatusComplete}}
	start := reencoded(t)
	want := start
	for _, n := range messages {
		want, _ = n.apply(t, want)
	}
	for _, order := range permutations(messages) {
		checkOrder(t, "asked for", start, order, want)
	}
}

func TestAMessageWithoutStartTimeTakesTheRecords(t *testing.T) {
	m, err := library.Parse([]byte(`{"status":"Ingest","guid":"` + guidB + `","srcVideo":"` + key + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := news{guidA, contract.StatusComplete}.apply(t, newRow())
	if late, _ := library.Apply(row, m, nil); late.VodGUID != guidA || !slices.Equal(late.GUIDs, []string{guidA, guidB}) {
		t.Errorf("without any start the row is %+v", late)
	}
	rec := record(guidB, contract.StatusIngest)
	if now, _ := library.Apply(row, m, &rec); now.VodGUID != guidB || now.VodStartedAt != started(guidB) || now.HLSURL != "" {
		t.Errorf("with the record's start the row is %+v", now)
	}
}

func TestWithoutARecordTheMessagesOwnFieldsAreTaken(t *testing.T) {
	m, err := library.Parse([]byte(body(guidA, contract.StatusComplete)))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := library.Apply(newRow(), m, nil)
	if row.Width != 1080 || row.Height != 1920 || row.Duration != 0 || row.Renditions != nil || len(row.ThumbnailURLs) != 12 || row.HLSURL == "" {
		t.Errorf("row is %+v", row)
	}
}

func TestAHostileMessageIsBounded(t *testing.T) {
	long := strings.Repeat("ä", 60_000)
	body := `{"status":"Complete","guid":"` + guidA + `","hlsUrl":"h","mp4Urls":["` + long + `"],"thumbNailUrl":["p","` + long + `","t"],"title":"` + long + `"}`
	m, err := library.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	row, _ := library.Apply(newRow(), m, nil)
	if len(row.LastMessage) > 100_000 || len(row.MP4URLs) != 0 || !slices.Equal(row.ThumbnailURLs, []string{"t"}) || row.PlaceholderURL != "p" {
		t.Errorf("row has a message of %d bytes, %d MP4s, thumbnails %.60v", len(row.LastMessage), len(row.MP4URLs), row.ThumbnailURLs)
	}
	if !strings.Contains(string(row.LastMessage), `"shortened":"the message had `) || !strings.Contains(string(row.LastMessage), `"hlsUrl":"h"`) {
		t.Errorf("message is kept as %.300s", row.LastMessage)
	}
	failed, _ := library.Parse([]byte(`{"status":"Error","guid":"` + guidA + `","errorCode":"` + long + `","errorMessage":"` + long + `"}`))
	row, _ = library.Apply(newRow(), failed, nil)
	if len(row.ErrorCode) > 110 || len(row.ErrorMessage) > 2010 || len(row.LastMessage) > 100_000 {
		t.Errorf("error of %d and %d bytes", len(row.ErrorCode), len(row.ErrorMessage))
	}
}

func TestAnOddRecordIsNoTrouble(t *testing.T) {
	m, _ := library.Parse([]byte(body(guidA, contract.StatusComplete)))
	for _, rec := range []contract.Record{
		{}, {Heavy: contract.Heavy{SrcMediainfo: "[", EncodingOutput: []byte("null")}},
		{Heavy: contract.Heavy{SrcMediainfo: `{"container":{"duration":-5}}`, EncodingOutput: []byte(`{"detail":{"outputGroupDetails":[{"type":"X","outputDetails":[{}]},{"type":"FILE_GROUP"},{"type":"HLS_GROUP","outputDetails":[{}]},{"type":"CMAF_GROUP","outputDetails":[{"videoDetails":{"widthInPx":-1}}]}]}}`)}},
	} {
		row, _ := library.Apply(newRow(), m, &rec)
		if row.Duration != 0 || row.EncodingStatus != contract.StatusComplete || row.Width != 1080 {
			t.Errorf("row is %+v", row)
		}
		if len(rec.EncodingOutput) > 10 && !reflect.DeepEqual(row.Renditions, []contract.Rendition{{Type: "HLS"}, {Type: "CMAF"}}) {
			t.Errorf("renditions are %+v", row.Renditions)
		}
	}
}

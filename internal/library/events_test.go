package library_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

// knownVideo is a world with a new row and the records of all guids.
func knownVideo(t *testing.T) *world {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	w.records.Put(record(guidA, contract.StatusComplete))
	w.records.Put(record(guidB, contract.StatusError))
	return w
}

// shown is a row without what differs from one way to another.
func shown(row contract.VideoRow) contract.VideoRow {
	row.Version, row.UpdatedAt = 0, ""
	return row
}

// kept is the history, without the times at which messages came.
func (w *world) kept() []contract.RowEvent {
	w.t.Helper()
	w.failAt = 0
	events, err := w.history.List(context.Background(), id, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range events {
		events[i].ReceivedAt = ""
	}
	return events
}

func TestMessagesMoveARowFromNewToComplete(t *testing.T) {
	w := knownVideo(t)
	if n := w.deliver(body(guidA, contract.StatusIngest)); n != 0 {
		t.Fatalf("%d failed: %s", n, w.log)
	}
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusIngest || row.VodGUID != guidA || row.PendingWork != "" || row.OwnerStatus != "owner#Ingest" || row.Version != 2 {
		t.Errorf("after Ingest the row is %+v", row)
	}
	w.deliver(body(guidA, contract.StatusComplete))
	row := w.videos.Row(id)
	if row.EncodingStatus != contract.StatusComplete || row.Duration != 30160 || row.HLSURL == "" || row.Title != "A title" {
		t.Errorf("after Complete the row is %+v", row)
	}
	events := w.kept()
	if len(events) != 2 || events[0].Status != contract.StatusIngest || events[1].Status != contract.StatusComplete ||
		string(events[1].Message) != body(guidA, contract.StatusComplete) || events[1].GUID != guidA {
		t.Errorf("history is %+v", events)
	}
	if kept := w.aside.Messages(); len(kept) != 0 || len(w.work.Bodies()) != 0 {
		t.Errorf("kept aside: %v, work: %v", kept, w.work.Bodies())
	}
}

func TestWhereverTheFunctionDiesTheMessageComesAgainAndTheRowEndsTheSame(t *testing.T) {
	messages := []news{{guidA, contract.StatusIngest}, {guidA, contract.StatusComplete}, {guidB, contract.StatusIngest}, {guidB, contract.StatusError}}
	ideal := knownVideo(t)
	for _, n := range messages {
		ideal.deliver(body(n.guid, n.status))
	}
	want, wantEvents := shown(ideal.videos.Row(id)), ideal.kept()
	deaths := 0
	for _, order := range permutations(messages) {
		for _, after := range []bool{false, true} {
			for failAt := int64(1); ; failAt++ {
				w := knownVideo(t)
				w.failAt, w.after = failAt, after
				for _, n := range order {
					if w.deliver(body(n.guid, n.status)) > 0 {
						deaths++
						w.deliver(body(n.guid, n.status))
					}
				}
				calls := w.calls.Load()
				if got := shown(w.videos.Row(id)); !reflect.DeepEqual(got, want) {
					t.Fatalf("order %v, dead at call %d: row is\n%+v\nwant\n%+v", order, failAt, got, want)
				}
				if got := w.kept(); !reflect.DeepEqual(got, wantEvents) {
					t.Fatalf("order %v, dead at call %d: history is\n%+v\nwant\n%+v", order, failAt, got, wantEvents)
				}
				if calls < failAt {
					break
				}
			}
		}
	}
	if deaths < 300 {
		t.Errorf("only %d deaths were tried", deaths)
	}
}

func TestWhatIsNoMessageIsKeptAsideWhole(t *testing.T) {
	g := `"guid":"` + guidA + `"`
	for _, odd := range []string{
		"not JSON", `"text"`, `[]`, `null`, `{}`, `{"status":"Ingest"}`, `{` + g + `}`, `{"status":"Ingest","guid":"x"}`, `{"status":"Ingest","guid":7}`,
		`{"status":"new",` + g + `}`, `{"status":"Archived","version":9,` + g + `}`, `{"status":"Ingest","startTime":"tomorrow",` + g + `}`,
		`{"status":"Ingest","guid":"{` + guidA + `}"}`, `{"status":"Ingest","guid":"urn:uuid:` + guidA + `"}`, `{"status":"Ingest",` + g + `} and more`, `{"status":"Ingest",` + g + `,` + g + `}`,
		`{"STATUS":"Ingest",` + g + `}`, `{"status":"Complete",` + g + `,"mp4Urls":"none"}`,
	} {
		w := knownVideo(t)
		if n := w.deliver(odd); n != 0 {
			t.Errorf("%s comes again", odd)
		}
		if kept := w.aside.Messages(); len(kept) != 1 || kept[0] != (testkit.Kept{Body: odd, Reason: "unreadable"}) {
			t.Errorf("%s: kept %v", odd, kept)
		}
		if w.videos.Row(id).Version != 1 {
			t.Errorf("%s has changed the row", odd)
		}
	}
}

func TestAMessageThatCannotBeKeptAsideComesAgain(t *testing.T) {
	w := knownVideo(t)
	w.failAt = 1
	if n := w.deliver("not JSON", body(guidA, contract.StatusIngest)); n != 1 {
		t.Errorf("%d messages come again, want the first", n)
	}
	if w.videos.Row(id).EncodingStatus != contract.StatusIngest {
		t.Error("one message that failed has kept the next from being applied")
	}
}

func TestAMessageAboutAnUnknownVideoIsKeptAside(t *testing.T) {
	w := newWorld(t)
	messages := []string{body(guidA, contract.StatusIngest), body(guidA, contract.StatusComplete), body(guidB, contract.StatusError)}
	messages = append(messages, strings.ReplaceAll(messages[0], key, "by/hand.mp4"))
	w.deliver(messages...)
	kept := w.aside.Messages()
	if len(kept) != len(messages) {
		t.Fatalf("kept %v", kept)
	}
	for i := range kept {
		if kept[i] != (testkit.Kept{Body: messages[i], Reason: "unknown video"}) {
			t.Errorf("kept %v", kept[i])
		}
	}
}

func TestAFileBesideTheVideoIsNotTheVideo(t *testing.T) {
	w := knownVideo(t)
	w.deliver(strings.ReplaceAll(body(guidA, contract.StatusIngest), key, "video/"+id+"/media.mov"))
	if row := w.videos.Row(id); row.Version != 1 || len(w.aside.Messages()) != 1 {
		t.Errorf("row is %+v", row)
	}
}

func TestARowIsFoundByAnyKeyOrByItsGuid(t *testing.T) {
	withoutKey := `{"status":"Error","guid":"` + guidA + `","startTime":"` + started(guidA) + `","errorCode":"JobFailed","errorMessage":"no"}`
	for name, tc := range map[string]struct {
		prepare func(w *world)
		body    string
	}{
		"a key of another shape": {func(w *world) {
			row := newRow()
			row.S3Key = "by/hand.mp4"
			w.videos.Put(row)
		}, strings.ReplaceAll(body(guidA, contract.StatusError), key, "by/hand.mp4")},
		"an Error without a key, by its guid": {func(w *world) {
			row := newRow()
			row.VodGUID, row.EncodingStatus, row.VodStartedAt = guidA, contract.StatusIngest, started(guidA)
			w.videos.Put(row)
		}, withoutKey},
		"an Error without a key that comes first, by its record": {func(w *world) {
			w.videos.Put(newRow())
			w.records.Put(record(guidA, contract.StatusError))
		}, withoutKey},
	} {
		w := newWorld(t)
		tc.prepare(w)
		if n := w.deliver(tc.body); n != 0 || w.videos.Row(id).EncodingStatus != contract.StatusError {
			t.Errorf("%s: row is %+v, kept %v, log %s", name, w.videos.Row(id), w.aside.Messages(), w.log)
		}
	}
}

func TestFreeMetadataDoesNotPassForFields(t *testing.T) {
	w := knownVideo(t)
	other := newRow()
	other.ID = "99999999-2222-4333-8444-555555555555"
	other.S3Key = contract.SourceKey(other.ID, "mp4")
	w.videos.Put(other.Created())
	evil := strings.TrimSuffix(body(guidA, contract.StatusComplete), "}") + `,"SRCVIDEO":"` + other.S3Key + `","srcvideo":"` + other.S3Key + `","HLSURL":"javascript:1","Guid":"` + guidB + `"}`
	w.deliver(evil)
	if row := w.videos.Row(other.ID); row.Version != 1 {
		t.Errorf("another's row is %+v", row)
	}
	if row := w.videos.Row(id); row.VodGUID != guidA || !strings.HasPrefix(row.HLSURL, "https://cdn.example/") {
		t.Errorf("row is %+v", row)
	}
}

func TestAMessageWithoutARecordIsAppliedAndOneWhoseRecordCannotBeReadComesAgain(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	if n := w.deliver(body(guidA, contract.StatusComplete)); n != 0 {
		t.Errorf("%d come again: %s", n, w.log)
	}
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusComplete || row.Duration != 0 || row.HLSURL == "" {
		t.Errorf("row is %+v", row)
	}
	w = knownVideo(t)
	read := w.records.Before
	w.records.Before = func(op, guid string) error { return contract.ErrUnavailable }
	if n := w.deliver(body(guidA, contract.StatusComplete)); n != 1 || w.videos.Row(id).Version != 1 {
		t.Errorf("%d come again, row %+v", n, w.videos.Row(id))
	}
	w.records.Before = read
	if n := w.deliver(body(guidA, contract.StatusComplete)); n != 0 || w.videos.Row(id).Duration != 30160 {
		t.Errorf("%d come again, row %+v", n, w.videos.Row(id))
	}
}

func TestAWriterWhoIsFasterLosesNothing(t *testing.T) {
	w := knownVideo(t)
	writes := 0
	w.history.After = func(string, string) error { // between read and write
		writes++
		row := w.videos.Row(id)
		row.Title = "of the faster one"
		w.videos.Put(row.Saved(w.clock.Now()))
		return nil
	}
	if n := w.deliver(body(guidA, contract.StatusIngest)); n != 0 {
		t.Fatalf("message failed: %s", w.log)
	}
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusIngest || row.Title != "of the faster one" || writes != 1 || row.Version != 3 {
		t.Errorf("row is %+v", row)
	}
}

func TestManyAtOnceApplyEveryMessageOnce(t *testing.T) {
	w := knownVideo(t)
	w.failAt = -1
	done := make(chan int)
	messages := []string{body(guidA, contract.StatusIngest), body(guidA, contract.StatusComplete), body(guidB, contract.StatusIngest), body(guidB, contract.StatusError)}
	w.videos.Before, w.videos.After, w.records.Before, w.records.After, w.history.Before, w.history.After = nil, nil, nil, nil, nil, nil
	for i := range 8 {
		go func() {
			failures, _ := w.events().Handle(context.Background(), batchOf(messages[i%4]))
			done <- len(failures.BatchItemFailures)
		}()
	}
	for range 8 {
		if n := <-done; n != 0 {
			t.Errorf("%d failed: %s", n, w.log)
		}
	}
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusError || row.VodGUID != guidB || row.HLSURL != "" || len(w.kept()) != 4 {
		t.Errorf("row is %+v", row)
	}
}

func TestAWriterWhoIsAlwaysSlowerTriesAgainLater(t *testing.T) {
	w := knownVideo(t)
	w.videos.Before = func(op, id string) error {
		if op == "save" {
			return contract.ErrRowChanged
		}
		return nil
	}
	if n := w.deliver(body(guidA, contract.StatusIngest)); n != 1 || !strings.Contains(w.log.String(), contract.ErrRowChanged.Error()) {
		t.Errorf("%d come again: %s", n, w.log)
	}
}

// buried is a deleted video's tombstone.
func buried() contract.VideoRow {
	return contract.VideoRow{ID: id, RowInternal: contract.RowInternal{Version: 9, DeletedAt: "2026-11-23T15:00:00.000Z", GUIDs: []string{guidA}, ExpireAt: 1}}
}

func TestAMessageAboutADeletedVideoHasItsTracesDeletedToo(t *testing.T) {
	for name, row := range map[string]contract.VideoRow{"buried": buried(), "being deleted": func() contract.VideoRow {
		row := newRow()
		row.DeletedAt, row.PendingWork, row.OwnerID, row.Version = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, "", 3
		return row
	}()} {
		w := newWorld(t)
		w.videos.Put(row)
		if n := w.deliver(body(guidB, contract.StatusComplete)); n != 0 {
			t.Fatalf("%s: message failed: %s", name, w.log)
		}
		got := w.videos.Row(id)
		if got.PendingWork != contract.WorkDeletion || got.DueAt != contract.Time(w.clock.Now()) || got.ExpireAt != 0 || got.EncodingStatus == contract.StatusComplete ||
			got.OwnerStatus != "" || !strings.Contains(fmt.Sprint(got.GUIDs), guidB) {
			t.Errorf("%s: row is %+v", name, got)
		}
		if bodies := w.work.Bodies(); len(bodies) != 1 || bodies[0] != `{"id":"`+id+`"}` {
			t.Errorf("%s: work is %v", name, bodies)
		}
		if len(w.kept()) != 0 || len(w.aside.Messages()) != 0 {
			t.Errorf("%s: history %v, aside %v", name, w.kept(), w.aside.Messages())
		}
	}
}

func TestADeletedVideoIsSweptEvenWhenTheWorkQueueIsDown(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(buried())
	w.work.Before = func(string) error { return errors.New("down") }
	if n := w.deliver(body(guidB, contract.StatusError)); n != 1 {
		t.Errorf("%d come again", n)
	}
	if page, err := w.videos.Due(context.Background(), contract.WorkDeletion, contract.Time(w.clock.Now()), nil, 10); err != nil || len(page.IDs) != 1 {
		t.Errorf("due are %v, %v", page.IDs, err)
	}
}

func TestAVideoThatIsDeletedMeanwhileIsNotBroughtBack(t *testing.T) {
	w := knownVideo(t)
	raced := false
	w.history.After = func(string, string) error {
		if !raced {
			raced = true
			row := w.videos.Row(id)
			row.DeletedAt, row.PendingWork, row.OwnerID = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, ""
			w.videos.Put(row.Saved(w.clock.Now()))
		}
		return nil
	}
	if n := w.deliver(body(guidA, contract.StatusComplete)); n != 0 {
		t.Fatal(w.log)
	}
	if row := w.videos.Row(id); row.EncodingStatus == contract.StatusComplete || row.PendingWork != contract.WorkDeletion || len(w.work.Bodies()) != 1 {
		t.Errorf("row is %+v", row)
	}
}

func TestAVeryLongMessageIsAppliedAndKeptInShort(t *testing.T) {
	w := knownVideo(t)
	w.deliver(strings.TrimSuffix(body(guidA, contract.StatusComplete), "}") + `,"free":"` + strings.Repeat("x", 250_000) + `"}`)
	row, events := w.videos.Row(id), w.kept()
	if row.EncodingStatus != contract.StatusComplete || len(row.LastMessage) > 100_000 || len(events) != 1 || len(events[0].Message) > 100_000 || len(row.ThumbnailURLs) != 12 {
		t.Errorf("row has a message of %d bytes; history %d", len(row.LastMessage), len(events))
	}
}

package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// uploaded is a video whose file is there and that was encoded once.
func (w *world) uploaded() string {
	made := w.create(alice, 5)
	w.upload(made)
	w.encoded(made.Video.ID)
	return made.Video.ID
}

func (w *world) encode(id, body string) answer {
	return w.as(alice, "POST", "/videos/"+id+"/encode", body)
}

func TestAVideoIsEncodedAgainUnderAGuidOfItsOwn(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	before := w.rows.Row(id)
	got := w.encode(id, `{"options":{"inputRotate":"DEGREES_90"}}`)
	var done videoBody
	got.into(t, 202, &done)
	row := w.rows.Row(id)
	source, err := w.uploads.Source(t.Context(), row.S3Key)
	if err != nil {
		t.Fatal(err)
	}
	want := row.VodGUID
	if want == before.VodGUID || !slices.Contains(row.GUIDs, want) || row.Encodes != 1 || row.EncodingStatus != contract.StatusIngest || *row.Progress != 0 || row.PendingWork != "" || row.DueAt != "" ||
		row.Options != `{"inputRotate":"DEGREES_90"}` || row.HLSURL != before.HLSURL || len(row.GUIDs) != 2 || row.VodStartedAt != contract.Time(w.clock.Now()) || row.VodEventTime != row.VodStartedAt {
		t.Errorf("row is %+v", row)
	}
	var input contract.Execution
	if err := json.Unmarshal([]byte(w.started.started[want]), &input); err != nil {
		t.Fatal(err)
	}
	if input.GUID != want || input.Trigger != contract.TriggerVideo || input.SrcVideo != row.S3Key || input.SrcBucket != "source" || input.VersionID != source.VersionID || input.Size != 5 || input.ETag != source.ETag || input.EventTime != row.VodEventTime {
		t.Errorf("started with %+v", input)
	}
	if done.Video.HLSURL == "" || done.Video.EncodingStatus != contract.StatusIngest {
		t.Errorf("answer is %s", got.text)
	}
	w.encode(id, "").problem(t, contract.CodeVideoBusy, "")
}

func TestTheGuidOfAnotherEncodeCannotBeComputed(t *testing.T) {
	seen := map[string]bool{}
	for range 2 { // the same bucket, key, version and number
		w := newWorld(t)
		w.rows.Put(contract.VideoRow{ID: unknownID, S3Key: contract.SourceKey(unknownID, "mp4"), OwnerID: alice, EncodingStatus: contract.StatusComplete, CreatedAt: contract.Time(w.clock.Now())}.Created())
		w.api.Sources = sameSource{}
		var done videoBody
		w.encode(unknownID, "").into(t, 202, &done)
		id, err := uuid.Parse(done.Video.VodGUID)
		if err != nil || id.Version() != 4 || seen[done.Video.VodGUID] {
			t.Errorf("guid %s is version %d, seen before: %v", done.Video.VodGUID, id.Version(), seen[done.Video.VodGUID])
		}
		seen[done.Video.VodGUID] = true
	}
}

// sameSource has every file, in the same version.
type sameSource struct{}

func (sameSource) Source(_ context.Context, key string) (contract.Source, error) {
	return contract.Source{Object: contract.Object{Key: key, VersionID: "v1", Size: 5}}, nil
}

func TestOptionsThatTheDeploymentNoLongerTakesAreNotUsedAgain(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	for _, kept := range []string{`{"acceleratedTranscoding":"ENABLED"}`, `{"jobTemplate":"mine"}`, `{"enableSqs":false}`} {
		w.change(id, func(row *contract.VideoRow) { row.Options = kept })
		if problem := w.encode(id, "").problem(t, contract.CodeOptionUnavailable, "options."+strings.Split(kept, `"`)[1]); !strings.Contains(problem.Detail, "send options without it") {
			t.Errorf("%s: %s", kept, problem.Detail)
		}
	}
	var done videoBody
	w.encode(id, `{"options":{}}`).into(t, 202, &done)
}

func TestEncodingAgainWithoutOptionsKeepsThoseThatAre(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	for n, body := range []string{"", "{}", `{"options":null}`} {
		w.change(id, func(row *contract.VideoRow) {
			row.Options, row.EncodingStatus, row.ErrorCode = `{"frameCapture":false}`, contract.StatusError, contract.CodeJobFailed
		})
		var done videoBody
		w.encode(id, body).into(t, 202, &done)
		if row := w.rows.Row(id); row.Options != `{"frameCapture":false}` || row.ErrorCode != "" || row.Encodes != n+1 {
			t.Errorf("%q: row is %+v", body, row)
		}
	}
	if len(w.started.started) != 3 {
		t.Errorf("started %d", len(w.started.started))
	}
}

func TestAVideoWithoutAFileOrWithOneThatCannotBeReadIsNotEncoded(t *testing.T) {
	w := newWorld(t)
	made := w.create(alice, 5)
	id := made.Video.ID
	w.encode(id, "").problem(t, contract.CodeUploadMissing, "")
	w.upload(made)
	w.encode(id, "").problem(t, contract.CodeVideoBusy, "") // its own encode is about to start
	w.encoded(id)
	w.encode(id, `{"options":{"speed":1}}`).problem(t, contract.CodeRequestInvalid, "options.speed")
	w.encode(id, `{"options":{"captions":{}}}`).problem(t, contract.CodeOptionUnavailable, "options.captions")
	w.encode(id, `{"option":{}}`).problem(t, contract.CodeRequestInvalid, "option")
	w.change(id, func(row *contract.VideoRow) { row.Encodes = 100 })
	w.encode(id, "").problem(t, contract.CodeEncodeLimit, "")
	gone := w.create(alice, 5).Video.ID
	w.encoded(gone)
	w.encode(gone, "").problem(t, contract.CodeSourceGone, "")
	archived := w.uploaded()
	w.api.Sources = archive{w.uploads}
	w.encode(archived, "").problem(t, contract.CodeSourceArchived, "")
	if len(w.started.started) != 0 {
		t.Errorf("started %v", w.started.started)
	}
}

func TestAPromisedEncodeThatCannotBeStartedIsLeftToSweep(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	w.started.err = contract.ErrThrottled
	var done videoBody
	w.encode(id, "").into(t, 202, &done)
	if row := w.rows.Row(id); row.PendingWork != contract.WorkEncode || row.DueAt != "2026-11-23T16:01:00.000Z" || row.EncodingStatus != contract.StatusIngest {
		t.Errorf("row is %+v", row)
	}
}

func TestAnEncodeWhoseRowCannotBeWrittenAfterwardsIsStillStarted(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	saves := 0
	w.rows.Before = func(op, _ string) error {
		if op == "save" {
			if saves++; saves == 2 {
				return errors.New("the connection is lost")
			}
		}
		return nil
	}
	var done videoBody
	w.encode(id, "").into(t, 202, &done)
	if row := w.rows.Row(id); row.PendingWork != contract.WorkEncode || len(w.started.started) != 1 {
		t.Errorf("row is %+v", row)
	}
}

func TestOfManyEncodesAskedForAtOnceOneIsStarted(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			got := w.encode(id, "")
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	wg.Wait()
	if statuses[202] != 1 || statuses[409] != 5 || len(w.started.started) != 1 {
		t.Errorf("answers are %v, started %d", statuses, len(w.started.started))
	}
}

func TestADeletedVideoIsUnknownAtOnceAndTheRestIsLeftToSweep(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	got := w.as(alice, "DELETE", "/videos/"+id, "")
	if got.status != 202 || got.text != "" {
		t.Errorf("%d: %s", got.status, got.text)
	}
	row := w.rows.Row(id)
	if row.DeletedAt == "" || row.PendingWork != contract.WorkDeletion || row.DueAt != contract.Time(w.clock.Now()) || row.OwnerID != "" || row.OwnerStatus != "" || len(row.GUIDs) != 1 {
		t.Errorf("row is %+v", row)
	}
	if bodies := w.work.Bodies(); len(bodies) != 1 || bodies[0] != `{"id":"`+id+`"}` {
		t.Errorf("announced: %v", bodies)
	}
	for _, call := range calls(id) {
		w.as(alice, call[0], call[1], call[2]).problem(t, contract.CodeVideoUnknown, "")
	}
	var page listBody
	w.as(alice, "GET", "/videos", "").into(t, 200, &page)
	if len(page.Videos) != 0 {
		t.Errorf("list is %+v", page.Videos)
	}
}

func TestADeletionStandsWhenItCannotBeAnnounced(t *testing.T) {
	w := newWorld(t)
	id := w.uploaded()
	w.work.Before = func(string) error { return contract.ErrUnavailable }
	if got := w.as(alice, "DELETE", "/videos/"+id, ""); got.status != 202 {
		t.Errorf("%d: %s", got.status, got.text)
	}
	if row := w.rows.Row(id); row.PendingWork != contract.WorkDeletion {
		t.Errorf("row is %+v", row)
	}
}

func TestADeletionSucceedsDuringUploadAndEncodeAndTwiceAtOnce(t *testing.T) {
	w := newWorld(t)
	for _, status := range []contract.Status{contract.StatusNew, contract.StatusIngest} {
		id := w.create(alice, 17*mib).Video.ID
		w.change(id, func(row *contract.VideoRow) { row.EncodingStatus = status })
		var mu sync.Mutex
		statuses := map[int]int{}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				got := w.as(alice, "DELETE", "/videos/"+id, "")
				mu.Lock()
				defer mu.Unlock()
				statuses[got.status]++
			})
		}
		wg.Wait()
		if statuses[202] == 0 || statuses[202]+statuses[404] != 4 || w.rows.Row(id).DeletedAt == "" {
			t.Errorf("answers are %v", statuses)
		}
	}
}

func TestADeletionWhoseWriteIsBeatenByAnotherDeletionIsDone(t *testing.T) {
	w := newWorld(t)
	id := w.create(alice, 5).Video.ID
	beaten := false
	w.rows.Before = func(op, _ string) error {
		if op == "save" && !beaten {
			beaten = true
			return contract.ErrRowChanged
		}
		return nil
	}
	w.rows.After = func(op, _ string) error { return nil }
	if got := w.as(alice, "DELETE", "/videos/"+id, ""); got.status != 202 {
		t.Errorf("%d: %s", got.status, got.text)
	}
}

// archive has every file in an archive storage class.
type archive struct{ *uploads }

func (a archive) Source(ctx context.Context, key string) (contract.Source, error) {
	source, err := a.uploads.Source(ctx, key)
	source.Archived = true
	return source, err
}

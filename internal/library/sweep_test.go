package library_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

const otherID = "99999999-2222-4333-8444-555555555555"

var otherKey = contract.SourceKey(otherID, "mp4")

// deleted is a world with a video that was deleted while much of it is there:
// two versions of the source, a delete marker, an upload that goes on, an
// encode that is complete, one that runs, and one of which the row knows
// nothing. Beside it is another video, which must stay as it is.
func deleted(t *testing.T) *world {
	w := newWorld(t)
	w.source.Put(key, []byte("one"))
	w.source.Put(key, []byte("two"))
	w.source.Delete(key)
	w.source.BeginUpload(key)
	w.encoded(contract.GUID("source", key, "v1"), contract.StatusComplete)
	w.encoded(contract.GUID("source", key, "v2"), contract.StatusIngest)
	w.encoded(guidC, contract.StatusError)
	row := newRow()
	row.DeletedAt, row.PendingWork, row.DueAt, row.OwnerID = contract.Time(w.clock.Now()), contract.WorkDeletion, contract.Time(w.clock.Now()), ""
	row.VodGUID = guidC
	w.videos.Put(row.Created())
	for i := range 60 {
		event := contract.RowEvent{ID: id, At: fmt.Sprintf("%03d", i)}
		if err := w.history.Add(context.Background(), event); err != nil {
			t.Fatal(err)
		}
	}
	w.bystander()
	w.calls.Store(0)
	return w
}

// encoded puts what an encode has written so far.
func (w *world) encoded(guid string, status contract.Status) {
	rec := record(guid, status)
	rec.EncodeJobID = "job-" + guid
	w.records.Put(rec)
	w.running.Put(contract.RunningJob{GUID: guid, Progress: 50})
	for _, name := range []string{"cmaf/media.mpd", "cmaf/media.m3u8", "mp4/media.mp4"} {
		w.destination.Put(guid+"/"+name, nil)
	}
	if err := w.executions.Start(context.Background(), guid, "{}"); err != nil {
		w.t.Fatal(err)
	}
	running := map[string]bool{rec.EncodeJobID: status == contract.StatusIngest}
	if status != contract.StatusIngest {
		w.executions.End(guid)
	}
	look, cancel := w.jobs.LookFunc, w.jobs.CancelFunc
	w.jobs.LookFunc = func(job string) (contract.JobDetail, error) {
		if _, ours := running[job]; !ours && look != nil {
			return look(job)
		}
		if w.calls.Add(1); w.die(false) != nil {
			return contract.JobDetail{}, w.die(false)
		}
		return contract.JobDetail{JobID: job, Status: map[bool]string{true: contract.JobProgressing, false: contract.JobCanceled}[running[job]]}, nil
	}
	w.jobs.CancelFunc = func(job string) error {
		if _, ours := running[job]; !ours {
			return cancel(job)
		}
		if w.calls.Add(1); w.die(false) != nil {
			return w.die(false)
		}
		running[job] = false
		w.executions.End(guid)
		return w.die(true)
	}
}

func (w *world) bystander() {
	w.source.Put(otherKey, []byte("other"))
	w.source.BeginUpload(otherKey)
	w.encoded(guidA, contract.StatusIngest)
	row := newRow()
	row.ID, row.S3Key, row.VodGUID, row.PendingWork, row.DueAt = otherID, otherKey, guidA, "", ""
	w.videos.Put(row.Created())
}

// run calls sweep as Lambda does, from the queue or by the schedule.
func (w *world) run(bodies ...string) error {
	w.t.Helper()
	failures, err := w.sweep().Handle(context.Background(), batchOf(bodies...))
	if n := len(failures.BatchItemFailures); n > 0 {
		return fmt.Errorf("%d messages shall come again", n)
	}
	return err
}

// settle runs the schedule until nothing is due any more.
func (w *world) settle() {
	w.t.Helper()
	for range 20 {
		if w.videos.Row(id).PendingWork == "" {
			return
		}
		w.clock.Advance(6 * time.Minute)
		_ = w.run() // what fails is tried again
	}
	w.t.Fatalf("row is still %+v; log:\n%s", w.videos.Row(id), w.log)
}

// left is all that is left in the world.
type left struct {
	Row, Other             contract.VideoRow
	Source, Uploads, Files []string
	Records, Forgotten     []string
	Running                []string
	Events                 int
}

func (w *world) left() left {
	w.t.Helper()
	events := len(w.kept())
	l := left{
		Row: shown(w.videos.Row(id)), Other: w.videos.Row(otherID), Source: w.source.Keys(), Uploads: w.source.Uploads(), Files: w.destination.Keys(),
		Records: w.records.GUIDs(), Running: w.running.GUIDs(), Forgotten: w.cdn.Forgotten(), Events: events,
	}
	if l.Row.ExpireAt > w.clock.Now().Unix()+29*24*3600 {
		l.Row.ExpireAt = 1
	}
	return l
}

func wantLeft() left {
	guids := []string{contract.GUID("source", key, "v1"), contract.GUID("source", key, "v2"), guidC}
	slices.Sort(guids)
	l := left{
		Row:    contract.VideoRow{ID: id, RowInternal: contract.RowInternal{DeletedAt: "2026-11-23T16:00:00.000Z", GUIDs: guids, ExpireAt: 1}},
		Source: []string{otherKey}, Uploads: []string{otherKey}, Records: []string{guidA}, Running: []string{guidA},
		Files: []string{guidA + "/cmaf/media.m3u8", guidA + "/cmaf/media.mpd", guidA + "/mp4/media.mp4"},
	}
	for _, guid := range guids {
		l.Forgotten = append(l.Forgotten, "/"+guid+"/*")
	}
	other := newRow()
	other.ID, other.S3Key, other.VodGUID, other.PendingWork, other.DueAt = otherID, otherKey, guidA, "", ""
	l.Other = other.Created()
	return l
}

func TestADeletedVideoLeavesATombstoneAndNothingElse(t *testing.T) {
	w := deleted(t)
	if err := w.run(library.WorkBody(id)); err != nil {
		t.Fatalf("%v: %s", err, w.log)
	}
	row := w.videos.Row(id)
	if row.PendingWork != contract.WorkDeletion || row.DueAt != contract.Time(w.clock.Now().Add(20*time.Second)) {
		t.Errorf("while an encode runs the row is %+v", row)
	}
	running := contract.GUID("source", key, "v2")
	if cancelled := w.jobs.Cancelled(); !slices.Equal(cancelled, []string{"job-" + running}) {
		t.Errorf("cancelled %v", cancelled)
	}
	if !slices.Contains(w.records.GUIDs(), running) || !slices.Contains(w.destination.Keys(), running+"/mp4/media.mp4") {
		t.Error("what a running encode needs is gone")
	}
	w.clock.Advance(19 * time.Second)
	if err := w.run(); err != nil || w.videos.Row(id).PendingWork == "" {
		t.Errorf("swept before it is due: %v", err)
	}
	w.clock.Advance(2 * time.Second)
	if err := w.run(); err != nil {
		t.Errorf("%v: %s", err, w.log)
	}
	if got := w.left(); !reflect.DeepEqual(got, wantLeft()) {
		t.Errorf("left is\n%+v\nwant\n%+v", got, wantLeft())
	}
}

func TestWhereverADeletionDiesTheNextTryFinishes(t *testing.T) {
	deaths := 0
	for _, byQueue := range []bool{true, false} {
		for _, after := range []bool{false, true} {
			for failAt := int64(1); ; failAt++ {
				w := deleted(t)
				w.failAt, w.after = failAt, after
				bodies := map[bool][]string{true: {library.WorkBody(id)}}[byQueue]
				if w.run(bodies...) != nil {
					deaths++
				}
				w.settle()
				calls := w.calls.Load()
				if got := w.left(); !reflect.DeepEqual(got, wantLeft()) {
					t.Fatalf("dead at call %d: left is\n%+v\nwant\n%+v\nlog:\n%s", failAt, got, wantLeft(), w.log)
				}
				if calls < failAt {
					break
				}
			}
		}
	}
	if deaths < 100 {
		t.Errorf("only %d deaths were tried", deaths)
	}
}

func TestADeletionTwiceAtOnceAndOnceMoreEndsTheSame(t *testing.T) {
	w := deleted(t)
	var mu sync.Mutex // the test's own closures around the jobs are not made for two at once
	look, cancel := w.jobs.LookFunc, w.jobs.CancelFunc
	w.jobs.LookFunc = func(job string) (contract.JobDetail, error) { mu.Lock(); defer mu.Unlock(); return look(job) }
	w.jobs.CancelFunc = func(job string) error { mu.Lock(); defer mu.Unlock(); return cancel(job) }
	for range 2 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := w.sweep().Handle(context.Background(), batchOf(library.WorkBody(id))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	w.settle()
	if err := w.run(library.WorkBody(id)); err != nil {
		t.Error(err)
	}
	if got := w.left(); !reflect.DeepEqual(got, wantLeft()) {
		t.Errorf("left is\n%+v\nwant\n%+v", got, wantLeft())
	}
}

func TestWhatComesAfterADeletionIsDeletedToo(t *testing.T) {
	w := deleted(t)
	_ = w.run(library.WorkBody(id))
	w.settle()
	version := w.source.Put(key, []byte("an upload whose URL was still good"))
	late := contract.GUID("source", key, version)
	w.encoded(late, contract.StatusIngest)
	w.deliver(strings.ReplaceAll(body(guidB, contract.StatusIngest), guidB, late))
	if bodies := w.work.Bodies(); len(bodies) != 1 {
		t.Fatalf("work is %v", bodies)
	}
	_ = w.run(w.work.Bodies()...)
	w.settle()
	want := wantLeft()
	want.Row.GUIDs = append(want.Row.GUIDs, late)
	slices.Sort(want.Row.GUIDs)
	want.Forgotten = append(want.Forgotten, "/"+late+"/*")
	slices.Sort(want.Forgotten)
	if got := w.left(); !reflect.DeepEqual(got, want) {
		t.Errorf("left is\n%+v\nwant\n%+v", got, want)
	}
}

func TestAMessageDuringADeletionKeepsItGoing(t *testing.T) {
	w := deleted(t)
	w.encoded(guidB, contract.StatusComplete)
	raced := false
	w.history.After = func(op, _ string) error {
		if op == "clearEvents" && !raced {
			raced = true
			w.deliver(body(guidB, contract.StatusIngest))
		}
		return nil
	}
	_ = w.run(library.WorkBody(id))
	w.settle()
	if !raced || !slices.Contains(w.videos.Row(id).GUIDs, guidB) || slices.Contains(w.records.GUIDs(), guidB) || len(w.destination.Keys()) != 3 {
		t.Errorf("row is %+v, files are %v", w.videos.Row(id), w.destination.Keys())
	}
}

func TestADeletionDuringPublishWaitsForItsEnd(t *testing.T) {
	w := newWorld(t)
	row := newRow()
	row.DeletedAt, row.PendingWork, row.DueAt, row.OwnerID, row.GUIDs = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, "2026-11-23T15:00:00.000Z", "", []string{guidB}
	w.videos.Put(row.Created())
	w.encoded(guidB, contract.StatusIngest)
	w.jobs.LookFunc = func(string) (contract.JobDetail, error) { return contract.JobDetail{Status: contract.JobComplete}, nil }
	for range 3 {
		if err := w.run(library.WorkBody(id)); err != nil {
			t.Fatal(err)
		}
		if len(w.destination.Keys()) != 3 || w.videos.Row(id).PendingWork == "" {
			t.Fatalf("outputs are deleted while they are published: %v", w.destination.Keys())
		}
	}
	w.executions.End(guidB)
	w.settle()
	if len(w.destination.Keys()) != 0 || len(w.jobs.Cancelled()) != 0 || len(w.records.GUIDs()) != 0 {
		t.Errorf("files %v, cancelled %v", w.destination.Keys(), w.jobs.Cancelled())
	}
}

func TestARecordOutlivesItsEncodeUntilTheExecutionsEventHasCome(t *testing.T) {
	w := newWorld(t)
	row := newRow()
	row.DeletedAt, row.PendingWork, row.OwnerID, row.GUIDs = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, "", []string{guidB}
	w.videos.Put(row.Created())
	w.encoded(guidB, contract.StatusError)
	rec := w.records.Record(guidB)
	rec.EndTime = contract.Time(w.clock.Now())
	w.records.Put(rec)
	w.clock.Advance(29 * time.Second)
	if err := w.run(library.WorkBody(id)); err != nil || len(w.records.GUIDs()) != 1 || len(w.destination.Keys()) != 0 || w.videos.Row(id).PendingWork == "" {
		t.Errorf("records %v, files %v, %v", w.records.GUIDs(), w.destination.Keys(), err)
	}
	w.clock.Advance(time.Second)
	if err := w.run(library.WorkBody(id)); err != nil || len(w.records.GUIDs()) != 0 || w.videos.Row(id).PendingWork != "" {
		t.Errorf("records %v, row %+v, %v", w.records.GUIDs(), w.videos.Row(id), err)
	}
}

func TestAJobThatIsGoneOrThatNobodyWaitsForIsNoTrouble(t *testing.T) {
	for name, gone := range map[string]bool{"gone": true, "still working though its execution has ended": false} {
		w := newWorld(t)
		row := newRow()
		row.DeletedAt, row.PendingWork, row.OwnerID, row.GUIDs = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, "", []string{guidB}
		w.videos.Put(row.Created())
		w.encoded(guidB, contract.StatusIngest)
		w.executions.End(guidB)
		if gone {
			w.jobs.LookFunc = func(string) (contract.JobDetail, error) { return contract.JobDetail{}, contract.ErrNotFound }
		}
		w.settle()
		if len(w.destination.Keys()) != 0 || len(w.jobs.Cancelled()) == 1 == gone {
			t.Errorf("%s: files %v, cancelled %v", name, w.destination.Keys(), w.jobs.Cancelled())
		}
	}
}

// unversioned is a bucket that keeps no versions: lists call them null, and
// events name none.
type unversioned struct{ library.SweepSource }

func (u unversioned) Versions(ctx context.Context, prefix string) (versions, markers []contract.Object, err error) {
	versions, markers, err = u.SweepSource.Versions(ctx, prefix)
	for i := range versions {
		versions[i].VersionID = "null"
	}
	return versions, markers, err
}

func (u unversioned) Remove(ctx context.Context, objects []contract.Object) error {
	for i := range objects {
		objects[i].VersionID = "v1"
	}
	return u.SweepSource.Remove(ctx, objects)
}

func TestWithoutVersionsTheGuidIsThatOfTheEvent(t *testing.T) {
	w := newWorld(t)
	w.source.Put(key, []byte("one"))
	guid := contract.GUID("source", key, "")
	w.encoded(guid, contract.StatusComplete)
	row := newRow()
	row.DeletedAt, row.PendingWork, row.OwnerID = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, ""
	w.videos.Put(row.Created())
	sweep := w.sweep()
	sweep.Source = unversioned{w.source}
	failures, err := sweep.Handle(context.Background(), batchOf(library.WorkBody(id)))
	if err != nil || len(failures.BatchItemFailures) != 0 || len(w.destination.Keys()) != 0 || len(w.records.GUIDs()) != 0 || len(w.source.Keys()) != 0 {
		t.Errorf("left are %v, %v, %v (%v)", w.source.Keys(), w.destination.Keys(), w.records.GUIDs(), err)
	}
}

func TestABusyServicePutsADeletionOffWithoutAFailure(t *testing.T) {
	w := deleted(t)
	w.cdn.Before = func(string, string) error { return fmt.Errorf("too many: %w", contract.ErrThrottled) }
	if err := w.run(library.WorkBody(id)); err != nil {
		t.Error(err)
	}
	if row := w.videos.Row(id); row.DueAt != contract.Time(w.clock.Now().Add(time.Minute)) {
		t.Errorf("row is %+v", row)
	}
	w.cdn.Before = nil
	w.settle()
	if got := w.left(); !reflect.DeepEqual(got, wantLeft()) {
		t.Errorf("left is\n%+v\nwant\n%+v", got, wantLeft())
	}
}

func TestRowsThatFailDoNotStandInTheWayOfOthers(t *testing.T) {
	w := newWorld(t)
	for i := range 130 {
		row := newRow()
		row.ID = fmt.Sprintf("%08d-2222-4333-8444-555555555555", i)
		row.DeletedAt, row.PendingWork, row.OwnerID, row.DueAt = "2026-11-23T15:00:00.000Z", contract.WorkDeletion, "", fmt.Sprintf("2026-11-23T15:00:00.%03dZ", i)
		w.videos.Put(row)
	}
	w.source.Before = func(_, prefix string) error {
		if prefix < "video/00000120" {
			return errors.New("broken")
		}
		return nil
	}
	if err := w.run(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error is %.100v", err)
	}
	for i := range 130 {
		row := w.videos.Row(fmt.Sprintf("%08d-2222-4333-8444-555555555555", i))
		if done := row.PendingWork == ""; done != (i >= 120) || !done && row.DueAt != contract.Time(w.clock.Now().Add(5*time.Minute)) {
			t.Fatalf("row %d is %+v", i, row)
		}
	}
}

func TestRowsThatStayDueAreLookedAtOnceInARound(t *testing.T) {
	w := deleted(t)
	for i := range 130 {
		row := newRow()
		row.ID = fmt.Sprintf("%08d-2222-4333-8444-555555555555", i)
		row.PendingWork, row.DueAt = contract.WorkDeletion, "2026-11-23T15:00:00.000Z" // with no DeletedAt there is nothing to do
		w.videos.Put(row)
	}
	queries, reads := map[string]int{}, 0
	w.videos.Before = func(op, what string) error {
		switch op {
		case "due":
			if queries[what]++; queries[what] > 10 {
				t.Fatalf("%v queries", queries)
			}
		case "get":
			reads++
		}
		return nil
	}
	for range 5 {
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		if queries["deletion"] != 3 || queries["encode"] != 1 || queries["upload"] != 1 || reads > 200 {
			t.Errorf("%v queries, %d rows read", queries, reads)
		}
		w.clock.Advance(time.Minute)
		queries, reads = map[string]int{}, 0
	}
	if row := w.videos.Row(id); row.PendingWork != "" {
		t.Errorf("the row behind them is %+v", row)
	}
}

func TestNothingNewIsBegunWhenTimeIsRunningOut(t *testing.T) {
	w := deleted(t)
	ctx, cancel := context.WithTimeout(context.Background(), 14*time.Second)
	defer cancel()
	if _, err := w.sweep().Handle(ctx, batchOf()); err != nil || w.calls.Load() != 0 {
		t.Errorf("%d calls, %v", w.calls.Load(), err)
	}
	if _, err := w.sweep().Handle(ctx, batchOf(library.WorkBody(id))); err != nil || len(w.destination.Keys()) != 12 || w.videos.Row(id).PendingWork == "" {
		t.Errorf("%v, files %v", err, w.destination.Keys())
	}
	w.settle()
	if got := w.left(); !reflect.DeepEqual(got, wantLeft()) {
		t.Errorf("left is\n%+v\nwant\n%+v", got, wantLeft())
	}
}

func TestAnUploadThatNeverCameIsMarkedWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created()) // due at 17:00
	w.clock.Advance(59 * time.Minute)
	if err := w.run(library.WorkBody(id)); err != nil || w.videos.Row(id).Version != 1 {
		t.Errorf("before it is due: %v, %+v", err, w.videos.Row(id))
	}
	w.clock.Advance(time.Minute)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	row := w.videos.Row(id)
	if row.EncodingStatus != contract.StatusError || row.ErrorCode != contract.CodeUploadExpired || row.ErrorMessage == "" || row.PendingWork != "" || row.DueAt != "" || row.OwnerStatus != "owner#Error" {
		t.Errorf("row is %+v", row)
	}
	w.deliver(body(guidA, contract.StatusIngest))
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusIngest || row.ErrorCode != "" || row.ErrorMessage != "" {
		t.Errorf("after a late upload the row is %+v", row)
	}
}

func TestAnUploadThatWasNotHeardOfIsStarted(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	version := w.source.Put(key, []byte("a video"))
	w.clock.Advance(time.Hour)
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	row := w.videos.Row(id)
	if row.EncodingStatus != contract.StatusNew || row.PendingWork != contract.WorkUpload || row.DueAt != contract.Time(w.clock.Now().Add(5*time.Minute)) {
		t.Errorf("row is %+v", row)
	}
	guid := contract.GUID("source", key, version)
	var exec contract.Execution
	if err := json.Unmarshal([]byte(w.executions.Inputs()[guid]), &exec); err != nil {
		t.Fatalf("executions are %v", w.executions.Inputs())
	}
	want := contract.Execution{GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: key, VersionID: version, Size: 7, ETag: "etag1", EventTime: contract.Time(w.clock.Now())}
	if exec != want {
		t.Errorf("execution is %+v, want %+v", exec, want)
	}
}

func TestAnUploadThatIsHeardOfMeanwhileIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	w.source.Put(key, []byte("a video"))
	w.clock.Advance(time.Hour)
	w.executions.After = func(string, string) error {
		w.deliver(body(guidA, contract.StatusIngest))
		return nil
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusIngest || row.PendingWork != "" || row.DueAt != "" {
		t.Errorf("row is %+v", row)
	}
}

func TestAnUploadThatIsGivenMoreTimeMeanwhileIsNotMarked(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	w.clock.Advance(time.Hour)
	w.source.Before = func(string, string) error {
		row := w.videos.Row(id)
		row.DueAt = contract.Time(w.clock.Now().Add(time.Hour))
		w.videos.Put(row.Saved(w.clock.Now()))
		return nil
	}
	if err := w.run(); err != nil || w.videos.Row(id).EncodingStatus != contract.StatusNew {
		t.Errorf("row is %+v, %v", w.videos.Row(id), err)
	}
}

// promised is a row whose encode was asked for, as when the API died before
// it was started.
func promised() contract.VideoRow {
	row := newRow()
	row.VodGUID, row.EncodingStatus, row.Encodes, row.PendingWork, row.DueAt = guidB, contract.StatusIngest, 1, contract.WorkEncode, "2026-11-23T16:00:00.000Z"
	return row.Created()
}

func TestAPromisedEncodeIsStartedOnceWhereverSweepDies(t *testing.T) {
	for _, after := range []bool{false, true} {
		for failAt := int64(1); failAt < 8; failAt++ {
			w := newWorld(t)
			w.videos.Put(promised())
			w.source.Put(key, []byte("a video"))
			w.failAt, w.after = failAt, after
			_ = w.run()
			w.settle()
			row, inputs := w.videos.Row(id), w.executions.Inputs()
			if len(inputs) != 1 || !strings.Contains(inputs[guidB], `"versionId":"v1"`) || row.PendingWork != "" || row.DueAt != "" || row.EncodingStatus != contract.StatusIngest {
				t.Errorf("dead at call %d: row %+v, executions %v", failAt, row, inputs)
			}
		}
	}
}

func TestAPromisedEncodeWithoutASourceEndsInError(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(promised())
	w.settle()
	if row := w.videos.Row(id); row.EncodingStatus != contract.StatusError || row.ErrorCode != contract.CodeSourceGone || len(w.executions.Inputs()) != 0 {
		t.Errorf("row is %+v", row)
	}
}

func TestWorkThatNamesNoVideoComesAgainAndUnknownVideosDoNot(t *testing.T) {
	w := newWorld(t)
	for _, odd := range []string{"", "x", "{}", `{"id":7}`, `[]`} {
		if w.run(odd) == nil {
			t.Errorf("%q counts as done", odd)
		}
	}
	if err := w.run(library.WorkBody(id)); err != nil {
		t.Error(err)
	}
}

func TestARowWithNothingToDoIsLeftAlone(t *testing.T) {
	for name, row := range map[string]contract.VideoRow{"a living video": newRow().Created(), "a tombstone": buried()} {
		row.PendingWork = ""
		w := newWorld(t)
		w.videos.Put(row)
		if err := w.run(library.WorkBody(id)); err != nil || w.calls.Load() != 1 {
			t.Errorf("%s: %d calls, %v", name, w.calls.Load(), err)
		}
	}
}

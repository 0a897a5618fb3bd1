package library_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
	"github.com/vodstack/vodstack/internal/library"
	"github.com/vodstack/vodstack/internal/testkit"
)

const (
	id    = "11111111-2222-4333-8444-555555555555"
	guidA = "aaaaaaaa-2222-5333-8444-555555555555"
	guidB = "bbbbbbbb-2222-5333-8444-555555555555"
	guidC = "cccccccc-2222-5333-8444-555555555555"
)

var key = contract.SourceKey(id, "mp4")

// world is everything around the functions, in memory. Its calls are counted
// so that a test can have any of them fail.
type world struct {
	t           *testing.T
	videos      *testkit.Videos
	records     *testkit.Table
	running     *testkit.RunningJobs
	history     *testkit.History
	aside       *testkit.Aside
	work        *testkit.Queue
	source      *testkit.Bucket
	destination *testkit.Bucket
	executions  *testkit.Executions
	jobs        *testkit.Jobs
	cdn         *testkit.CDN
	clock       *testkit.Clock
	log         *testkit.Log

	calls  atomic.Int64
	failAt int64 // the call that fails; 0 for none
	after  bool  // whether it fails after it was carried out
}

var errDied = errors.New("died")

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: testkit.NewClock(), log: &testkit.Log{}}
	before := func(string, string) error { w.calls.Add(1); return w.die(false) }
	after := func(string, string) error { return w.die(true) }
	w.videos = &testkit.Videos{Before: before, After: after, Now: w.clock.Now}
	w.records = &testkit.Table{Before: before, After: after}
	w.running = &testkit.RunningJobs{Before: before, After: after}
	w.history = &testkit.History{Before: before, After: after}
	w.aside = &testkit.Aside{Before: func(testkit.Kept) error { return before("", "") }}
	w.work = &testkit.Queue{Before: func(string) error { return before("", "") }}
	w.source = &testkit.Bucket{Before: before, After: after}
	w.destination = &testkit.Bucket{Before: before, After: after}
	w.executions = &testkit.Executions{Before: before, After: after}
	w.cdn = &testkit.CDN{Before: before, After: after}
	w.jobs = &testkit.Jobs{CancelFunc: func(string) error { return errors.Join(before("", ""), after("", "")) }}
	return w
}

func (w *world) die(after bool) error {
	if calls := w.calls.Load(); calls == w.failAt && w.after == after {
		return fmt.Errorf("%w at call %d", errDied, calls)
	}
	return nil
}

func (w *world) events() *library.Events {
	return &library.Events{DeliveryBase: "https://cdn.example", Rows: w.videos, Records: w.records, History: w.history, Aside: w.aside, Work: w.work, Now: w.clock.Now, Log: w.log.Logger()}
}

func (w *world) sweep() *library.Sweep {
	return &library.Sweep{
		SourceBucket: "source", Rows: w.videos, History: w.history, Records: w.records, Running: w.running, Source: w.source, Destination: w.destination,
		Executions: w.executions, Jobs: w.jobs, CDN: w.cdn, Now: w.clock.Now, Log: w.log.Logger(),
	}
}

// deliver hands messages over in one batch and returns how many shall come
// again.
func (w *world) deliver(bodies ...string) int {
	w.t.Helper()
	failures, err := w.events().Handle(context.Background(), batchOf(bodies...))
	if err != nil {
		w.t.Fatal(err)
	}
	return len(failures.BatchItemFailures)
}

func batchOf(bodies ...string) (batch inbox.Batch) {
	type record struct {
		MessageID string `json:"messageId"`
		Body      string `json:"body"`
	}
	records := []record{}
	for i, body := range bodies {
		records = append(records, record{fmt.Sprint(i), body})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, &batch); err != nil {
		panic(err)
	}
	return batch
}

// newRow is a row as the API creates it.
func newRow() contract.VideoRow {
	return contract.VideoRow{
		ID: id, S3Key: key, EncodingStatus: contract.StatusNew, Title: "A title", OwnerID: "owner", FileName: "a.mp4", ContentType: "video/mp4",
		Size: 7, Metadata: `{"a":1}`, CreatedAt: "2026-11-23T15:59:00.000Z",
		RowInternal: contract.RowInternal{PendingWork: contract.WorkUpload, DueAt: "2026-11-23T17:00:00.000Z"},
	}
}

// started is when an encode started: A first, then B, then C.
func started(guid string) string {
	return contract.Time(testkit.NewClock().Now().Add(time.Duration(guid[0]-'a') * time.Minute))
}

// record is the tracking record of a guid at a status.
func record(guid string, status contract.Status) contract.Record {
	rec := contract.Record{Core: contract.Core{
		GUID: guid, StartTime: started(guid), WorkflowStatus: status, SrcBucket: "source", SrcVideo: key,
		WorkflowName: "vod", DestBucket: "destination", CloudFront: "cdn.example",
	}}
	switch status {
	case contract.StatusError:
		rec.WorkflowErrorAt, rec.ErrorCode, rec.ErrorMessage = "Encode", contract.CodeJobFailed, "The encoder gave up on "+guid+"."
	case contract.StatusComplete:
		rec.SrcWidth, rec.SrcHeight, rec.EncodeJobID = 1080, 1920, "job-"+guid
		d := contract.Delivery{Bucket: "destination", Base: "https://cdn.example"}
		rec.HLSURL, rec.DASHURL = contract.URL(d.Base, guid+"/cmaf/media.m3u8"), contract.URL(d.Base, guid+"/cmaf/media.mpd")
		rec.MP4URLs = []string{contract.URL(d.Base, guid+"/mp4/media.mp4")}
		var pictures []string
		for i := range 13 {
			pictures = append(pictures, fmt.Sprintf("%s/thumbnails/media_thumb.%07d.jpg", guid, i))
		}
		rec.SetThumbnails(d, pictures)
		rec.SrcMediainfo = `{"filename":"media.mp4","container":{"format":"mp4","fileSize":7,"duration":30160}}`
		rec.EncodingOutput = json.RawMessage(encodingOutput)
	}
	return rec
}

// encodingOutput is a job's last event as the engine writes it.
const encodingOutput = `{"source":"aws.mediaconvert","detail":{"status":"COMPLETE","outputGroupDetails":[
	{"type":"CMAF_GROUP","playlistFilePaths":["s3://destination/g/cmaf/media.mpd"],"outputDetails":[
		{"durationInMs":30160,"videoDetails":{"widthInPx":432,"heightInPx":768,"averageBitrate":415677}},
		{"durationInMs":30160,"videoDetails":{"widthInPx":360,"heightInPx":640,"averageBitrate":190092}},{"durationInMs":30165}]},
	{"type":"FILE_GROUP","outputDetails":[{"outputFilePaths":["s3://destination/g/mp4/media_768p.mp4"],"videoDetails":{"widthInPx":432,"heightInPx":768,"averageBitrate":420657}}]},
	{"type":"FILE_GROUP","outputDetails":[{"outputFilePaths":["s3://destination/g/thumbnails/media_thumb.0000006.jpg"],"videoDetails":{"widthInPx":432,"heightInPx":768}}]}]}}`

// body is the message that the pipeline sends at a status.
func body(guid string, status contract.Status) string {
	make := contract.FinalMessage
	if status == contract.StatusIngest {
		make = contract.IngestMessage
	}
	m, err := make(record(guid, status))
	if err != nil {
		panic(err)
	}
	return m.Body
}

// permutations are all orders of a list.
func permutations[T any](list []T) [][]T {
	if len(list) <= 1 {
		return [][]T{slices.Clone(list)}
	}
	var all [][]T
	for i, first := range list {
		for _, rest := range permutations(slices.Delete(slices.Clone(list), i, i+1)) {
			all = append(all, append([]T{first}, rest...))
		}
	}
	return all
}

// withRepeats are all lists that come of one by repeating one of its members
// anywhere.
func withRepeats[T any](list []T) [][]T {
	all := [][]T{list}
	for _, again := range list {
		for at := range len(list) + 1 {
			all = append(all, slices.Insert(slices.Clone(list), at, again))
		}
	}
	return all
}

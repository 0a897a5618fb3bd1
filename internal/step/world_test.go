package step_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/video"
)

const guid = "11111111-2222-5333-8444-555555555555"

// world is everything around the functions, in memory.
type world struct {
	t           *testing.T
	table       *testkit.Table
	running     *testkit.RunningJobs
	topic       *testkit.Topic
	queue       *testkit.Results
	tasks       *testkit.Tasks
	jobs        *testkit.Jobs
	source      *testkit.Bucket
	destination *testkit.Bucket
	clock       *testkit.Clock
	log         *testkit.Log
	prober      prober
	rows        rows
	tokens      int
}

func newWorld(t *testing.T) *world {
	clock := testkit.NewClock()
	return &world{
		t: t, table: &testkit.Table{}, running: &testkit.RunningJobs{}, topic: &testkit.Topic{}, queue: &testkit.Results{}, tasks: &testkit.Tasks{},
		jobs: &testkit.Jobs{Now: clock.Now}, source: &testkit.Bucket{}, destination: &testkit.Bucket{},
		clock: clock, log: &testkit.Log{}, prober: prober{media: clip()},
	}
}

// prober answers every probe alike.
type prober struct {
	media video.Media
	err   error
}

func (p *prober) Probe(context.Context, string) (video.Media, error) { return p.media, p.err }

// clip is what a probe says of an ordinary video.
func clip() video.Media {
	return video.Media{
		Format: "mp4", Duration: 10 * time.Second,
		Video: []video.VideoTrack{{Codec: "AVC", Width: 1280, Height: 720, FrameRate: video.Ratio{Num: 25, Den: 1}, Duration: 10 * time.Second}},
		Audio: []video.AudioTrack{{Codec: "AAC", Channels: 2, SamplingRate: 48000, Duration: 10 * time.Second}},
	}
}

func (w *world) stack() step.Stack {
	return step.Stack{
		Name: "vod", SourceBucket: "source", DestinationBucket: "destination", DeliveryHost: "cdn.example",
		RoleARN: "arn:aws:iam::123456789012:role/mediaconvert",
		Options: encoding.Options{
			Outputs: []encoding.Output{encoding.CMAF, encoding.MP4}, TopRung: 2160,
			FrameCapture: true, FrameCaptureSeconds: 5, InputRotate: "AUTO",
			AcceleratedTranscoding: "DISABLED", ArchiveSource: "DISABLED", EnableSns: true, EnableSqs: true,
		},
		MaxDuration: 12 * time.Hour, MaxPixels: 8192 * 4320,
	}
}

func (w *world) plan() *step.Plan {
	return &step.Plan{Stack: w.stack(), Records: w.table, Rows: &w.rows, Source: w.source, Prober: &w.prober,
		Topic: w.topic, Now: w.clock.Now, Log: w.log.Logger()}
}

func (w *world) encode() *step.Encode {
	return &step.Encode{Records: w.table, Running: w.running, Jobs: w.jobs, Tasks: w.tasks, QueueDeadline: 24 * time.Hour,
		EncodeDeadline: 12 * time.Hour, Now: w.clock.Now, Log: w.log.Logger()}
}

func (w *world) jobState() *step.JobState {
	return &step.JobState{Workflow: "vod", Records: w.table, Running: w.running, Tasks: w.tasks, Now: w.clock.Now, Log: w.log.Logger()}
}

func (w *world) announcer() *step.Announcer {
	return &step.Announcer{Records: w.table, Topic: w.topic, Queue: w.queue, Now: w.clock.Now}
}

func (w *world) publish() *step.Publish {
	return &step.Publish{
		Delivery: contract.Delivery{Bucket: "destination", Base: "https://cdn.example"},
		Records:  w.table, Source: w.source, Destination: w.destination, Announcer: w.announcer(),
		Now: w.clock.Now, Log: w.log.Logger(),
	}
}

func (w *world) fail() *step.Fail {
	return &step.Fail{Records: w.table, Running: w.running, Jobs: w.jobs, Source: w.source, Announcer: w.announcer(), Workflow: "vod", Now: w.clock.Now, Log: w.log.Logger()}
}

// upload puts a file into the source bucket and returns the execution that
// its event starts.
func (w *world) upload(key string, data []byte) contract.Execution {
	version := w.source.Put(key, data)
	object, _ := w.source.Head(context.Background(), key)
	return contract.Execution{GUID: guid, Trigger: contract.TriggerVideo, SrcBucket: "source", SrcVideo: key,
		VersionID: version, Size: object.Size, ETag: object.ETag}
}

// planned is a record as Plan leaves it.
func (w *world) planned() contract.Record {
	w.t.Helper()
	exec := w.upload("video/a.mp4", []byte("a video"))
	if _, err := w.plan().Handle(context.Background(), exec); err != nil {
		w.t.Fatalf("plan: %v", err)
	}
	return w.table.Record(guid)
}

// wait runs the Encode state once, with a new token as on AWS, and returns
// the token.
func (w *world) wait() string {
	w.t.Helper()
	w.tokens++
	token := fmt.Sprintf("token-%d", w.tokens)
	w.tasks.Open(token)
	if err := w.encode().Handle(context.Background(), step.Waiting{GUID: guid, Token: token}); err != nil {
		w.t.Fatalf("encode: %v", err)
	}
	return token
}

// event is one event of the video's job.
func event(status string, more ...func(*contract.JobDetail)) json.RawMessage {
	detail := contract.JobDetail{JobID: "job-1", Status: status, UserMetadata: map[string]string{"guid": guid, "workflow": "vod"}}
	for _, change := range more {
		change(&detail)
	}
	text, err := json.Marshal(contract.JobEvent{Source: "aws.mediaconvert", DetailType: "MediaConvert Job State Change", Detail: detail})
	if err != nil {
		panic(err)
	}
	return text
}

func percent(p int) func(*contract.JobDetail) {
	return func(d *contract.JobDetail) { d.JobProgress = &contract.JobProgress{JobPercentComplete: &p} }
}

func failedWith(code int, message string) func(*contract.JobDetail) {
	return func(d *contract.JobDetail) { d.ErrorCode, d.ErrorMessage = code, message }
}

// runningJob is what is remembered of the video's job.
func (w *world) runningJob() contract.RunningJob {
	w.t.Helper()
	job, err := w.running.Get(context.Background(), guid)
	if err != nil {
		w.t.Fatal(err)
	}
	return job
}

// hear hands an event to JobState.
func (w *world) hear(event json.RawMessage) {
	w.t.Helper()
	if err := w.jobState().Handle(context.Background(), event); err != nil {
		w.t.Fatalf("jobstate: %v", err)
	}
}

// want fails the test when two values differ.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// wantFailure fails the test when an error is not a Failure of that code.
func wantFailure(t *testing.T, err error, code contract.Code) {
	t.Helper()
	if err == nil || contract.ErrorName(err) != string(code) {
		t.Errorf("error is %v (%s), want one with code %s", err, contract.ErrorName(orNil(err)), code)
	}
}

func orNil(err error) error {
	if err == nil {
		return fmt.Errorf("none")
	}
	return err
}

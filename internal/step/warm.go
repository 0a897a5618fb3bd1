package step

import (
	"context"
	"encoding/json"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/video"
)

// Each Warm makes what its Handle makes once, before the first event: the
// connections, and what JSON and the SDK remember of types. Under the context
// of awsbase.Warm no request is sent. Errors tell nothing here.

// warmID is the guid, key and token of these calls.
const warmID = "warm"

// Warm prepares for an upload.
func (s *Ingest) Warm(ctx context.Context) {
	_ = s.Executions.Start(ctx, warmID, "{}")
}

// Warm prepares for a source.
func (s *Plan) Warm(ctx context.Context) {
	rec, job := warmRecord()
	_ = together(
		func() error { _, err := s.Records.Create(ctx, rec); return err },
		func() error { _, _, err := s.Records.Update(ctx, warmID, contract.Change{Set: rec}); return err },
		func() error { _, _, err := s.Source.Open(ctx, warmID, 1); return err },
		func() error { _, err := s.Prober.Probe(ctx, warmID); return err },
		func() error { return warmTopic(ctx, s.Topic, rec) },
		func() error { return warmJob(job) },
	)
}

// Warm prepares for a job.
func (s *Encode) Warm(ctx context.Context) {
	rec, job := warmRecord()
	_ = together(
		func() error { _, _, err := s.Records.Update(ctx, warmID, contract.Change{Set: rec}); return err },
		func() error { _, err := s.Running.Await(ctx, warmID, warmID, warmID); return err },
		func() error { _, err := s.Jobs.Submit(ctx, job); return err },
		func() error { return s.Tasks.Succeed(ctx, warmID, "{}") },
		func() error { return warmJob(job) },
	)
}

// Warm prepares for a job's event.
func (s *JobState) Warm(ctx context.Context) {
	rec, _ := warmRecord()
	_ = together(
		func() error { _, _, err := s.Records.Update(ctx, warmID, contract.Change{Set: rec}); return err },
		func() error { return s.Tasks.Succeed(ctx, warmID, "{}") },
		func() error { _, err := s.Running.Get(ctx, warmID); return err },
		func() error { contract.TrimEvent(rec.JobEvent); return nil },
	)
}

// Warm prepares for a job's outputs.
func (s *Publish) Warm(ctx context.Context) {
	rec, _ := warmRecord()
	_ = together(
		func() error { _, err := s.Records.Get(ctx, warmID); return err },
		func() error { _, _, err := s.Records.Update(ctx, warmID, contract.Change{Set: rec}); return err },
		func() error { _, err := s.Source.Head(ctx, warmID); return err },
		func() error { _, err := s.Destination.List(ctx, warmID, 1); return err },
		func() error { _, err := s.Destination.Read(ctx, warmID, "", 1); return err },
		func() error { return warmTopic(ctx, s.Announcer.Topic, rec) },
		func() error { return warmQueue(ctx, s.Announcer.Queue, rec) },
	)
}

// Warm prepares for a failure.
func (s *Fail) Warm(ctx context.Context) {
	rec, _ := warmRecord()
	_ = together(
		func() error { _, _, err := s.Records.Update(ctx, warmID, contract.Change{Set: rec}); return err },
		func() error { _, err := s.Source.Head(ctx, warmID); return err },
		func() error { return warmTopic(ctx, s.Announcer.Topic, rec) },
		func() error { return warmQueue(ctx, s.Announcer.Queue, rec) },
	)
}

// warmTopic publishes the messages that a video has.
func warmTopic(ctx context.Context, topic Topic, rec contract.Record) error {
	if _, err := contract.IngestMessage(rec); err != nil {
		return err
	}
	message, err := contract.FinalMessage(rec)
	if err != nil {
		return err
	}
	return topic.Publish(ctx, message)
}

func warmQueue(ctx context.Context, queue Queue, rec contract.Record) error {
	result, err := contract.ResultMessage(rec)
	if err != nil {
		return err
	}
	return queue.Send(ctx, result)
}

// warmJob writes a job as JSON and reads it: its types are hundreds.
func warmJob(job encoding.Job) error {
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &job)
}

// warmRecord is a record, and the job of a plain video.
func warmRecord() (contract.Record, encoding.Job) {
	media := video.Media{
		Format: "mp4", Duration: time.Minute,
		Video: []video.VideoTrack{{Codec: "AVC", Width: 1920, Height: 1080, FrameRate: video.Ratio{Num: 25, Den: 1}}},
		Audio: []video.AudioTrack{{Codec: "AAC", Channels: 2}},
	}
	options := encoding.Options{Outputs: []encoding.Output{encoding.CMAF, encoding.MP4}, TopRung: 2160, FrameCapture: true}
	source := encoding.Source{GUID: warmID, Bucket: warmID, Key: warmID, DestinationBucket: warmID}
	planned, err := encoding.Plan(source, media, options)
	if err != nil {
		planned.Job = encoding.Job{}
	}
	info, _ := contract.MediainfoText(media)
	return contract.Record{
		Core:     contract.Core{GUID: warmID, StartTime: contract.Time(time.Unix(0, 0)), WorkflowStatus: contract.StatusComplete, Warnings: []string{warmID}},
		Heavy:    contract.Heavy{SrcMediainfo: info, EncodingJob: json.RawMessage(`{"Settings":{}}`), EncodingOutput: json.RawMessage(`{"detail":{}}`)},
		Internal: contract.Internal{JobEvent: json.RawMessage(`{"detail":{}}`)},
	}, planned.Job
}

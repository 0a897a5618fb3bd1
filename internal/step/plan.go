package step

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/trackheader"
	"github.com/vodstack/vodstack/internal/video"
)

// Plan decides what becomes of a video: it makes the record, says that the
// video has been taken in, looks at the source and plans the encode.
type Plan struct {
	Stack     Stack
	Records   Records
	Rows      Rows
	Source    PlanSource
	Prober    Prober
	Templates Templates
	Topic     Topic
	Now       func() time.Time
	Log       *slog.Logger
}

// Stack is what the functions know of the stack they belong to.
type Stack struct {
	Name              string
	SourceBucket      string
	DestinationBucket string
	DeliveryHost      string // host and port, no scheme
	RoleARN           string // what MediaConvert works as
	QueueARN          string // empty for the account's default queue
	Options           encoding.Options
	MaxDuration       time.Duration // of a source
	MaxPixels         int           // of a source's picture
}

// PlanSource is the source bucket as Plan needs it. An object that is not
// there is contract.ErrNotFound.
type PlanSource interface {
	// Open looks the current version up and reads its first bytes, up to a limit.
	Open(ctx context.Context, key string, limit int) (object contract.Object, start []byte, err error)
	// Read returns the first limit bytes of one version.
	Read(ctx context.Context, key, version string, limit int64) ([]byte, error)
	// Ranges reads parts of a version whose first bytes are known.
	Ranges(ctx context.Context, object contract.Object, start []byte) io.ReaderAt
}

// Prober looks into a source: container and tracks. What it cannot read as a
// video is a contract.Failure.
type Prober interface {
	Probe(ctx context.Context, key string) (video.Media, error)
}

// Templates reads MediaConvert job templates; one that is not there is
// contract.ErrNotFound.
type Templates interface {
	Template(ctx context.Context, name string) (*types.JobTemplateSettings, error)
}

// Handle plans one video. Called again for the same execution, it goes on
// where it stopped.
func (s *Plan) Handle(ctx context.Context, exec contract.Execution) (struct{}, error) {
	log := s.Log.With("guid", exec.GUID)
	log.Info("plan", "video", exec.SrcVideo, "metadata", exec.SrcMetadataFile)
	asked, invalid := s.request(ctx, exec)
	if invalid != nil && !isFailure(invalid) {
		return struct{}{}, fmt.Errorf("read metadata of video %s: %w", exec.GUID, invalid)
	}
	rec, err := s.record(ctx, exec, asked)
	if err != nil {
		return struct{}{}, err
	}
	switch {
	case rec.Ended() || rec.EncodingJob != nil:
		log.Info("planned before", "status", rec.WorkflowStatus)
		return struct{}{}, nil
	case invalid != nil:
		return struct{}{}, invalid
	}
	return struct{}{}, s.plan(ctx, exec, rec, asked)
}

// plan tells that the video has been taken in and looks at it, both at once,
// then writes the plan. That the message was sent is written with the plan, or
// by itself where there is none.
func (s *Plan) plan(ctx context.Context, exec contract.Execution, rec contract.Record, asked request) error {
	var seen sighting
	var sent contract.Internal
	err := together(
		func() (err error) { sent.IngestSentAt, err = announceIngest(ctx, s.Topic, rec, s.Now); return err },
		func() (err error) { seen, err = s.look(ctx, exec, rec); return err },
	)
	if err == nil {
		err = s.encodeAndWrite(ctx, rec, seen, asked, sent)
	}
	if err != nil && sent.IngestSentAt != "" {
		return cmp.Or(mark(ctx, s.Records, rec, sent), err)
	}
	return err
}

func (s *Plan) encodeAndWrite(ctx context.Context, rec contract.Record, seen sighting, asked request, sent contract.Internal) error {
	planned, err := s.encodePlan(ctx, rec, seen.media, asked.options)
	if err != nil {
		return err
	}
	return s.write(ctx, rec, seen, planned, asked, sent)
}

// A sighting is what was found in the source bucket.
type sighting struct {
	object contract.Object
	media  video.Media
}

// look finds the version and reads its header while the service probes it.
// What the version check says goes before what the probe says: a file that is
// gone isn't unreadable.
func (s *Plan) look(ctx context.Context, exec contract.Execution, rec contract.Record) (sighting, error) {
	var seen sighting
	var tracks []trackheader.Track
	err := together(
		func() (err error) {
			var start []byte
			if seen.object, start, err = s.find(ctx, exec, rec.SrcVideo); err == nil {
				tracks, err = s.header(ctx, seen.object, start)
			}
			return err
		},
		func() (err error) { seen.media, err = s.Prober.Probe(ctx, rec.SrcVideo); return err },
	)
	if err != nil {
		return seen, fmt.Errorf("look at video %s: %w", rec.GUID, err)
	}
	seen.media.Filename = path.Base(rec.SrcVideo)
	seen.media.Size = seen.object.Size
	refine(&seen.media, tracks)
	return seen, s.Stack.checkSource(seen.media)
}

// find looks the video up, reads its first bytes and checks that it is the
// version that came.
func (s *Plan) find(ctx context.Context, exec contract.Execution, key string) (object contract.Object, start []byte, err error) {
	object, start, err = s.Source.Open(ctx, key, trackheader.Window)
	want := contract.Object{VersionID: exec.VersionID, ETag: exec.ETag}
	if exec.Trigger == contract.TriggerMetadata {
		want = object
	}
	if err := checkVersion(object, err, key, want.VersionID, want.ETag); err != nil {
		return object, nil, err
	}
	if object.Size == 0 {
		return object, nil, contract.Failf(contract.CodeEmptySource, "the uploaded file %q has no bytes", key)
	}
	return object, start, nil
}

// encodePlan makes the job: by the ladder, or by the template that is named.
func (s *Plan) encodePlan(ctx context.Context, rec contract.Record, media video.Media, options encoding.Options) (encoding.Planned, error) {
	source := encoding.Source{
		GUID: rec.GUID, Bucket: rec.SrcBucket, Key: rec.SrcVideo,
		DestinationBucket: rec.DestBucket, Workflow: s.Stack.Name,
		RoleARN: s.Stack.RoleARN, QueueARN: s.Stack.QueueARN,
	}
	planned, err := s.planBy(ctx, source, media, options)
	var unencodable *encoding.Unencodable
	if errors.As(err, &unencodable) {
		return planned, contract.Failf(contract.CodeSourceUnencodable, "%s", unencodable.Reason)
	}
	if errors.Is(err, encoding.ErrTemplate) {
		return planned, contract.Failf(contract.CodeJobTemplateInvalid, "%v", err)
	}
	return planned, err
}

func (s *Plan) planBy(ctx context.Context, source encoding.Source, media video.Media, options encoding.Options) (encoding.Planned, error) {
	if options.JobTemplate == "" {
		return encoding.Plan(source, media, options)
	}
	template, err := s.Templates.Template(ctx, options.JobTemplate)
	if errors.Is(err, contract.ErrNotFound) {
		return encoding.Planned{}, contract.Failf(contract.CodeJobTemplateUnknown, "there is no MediaConvert job template %q", options.JobTemplate)
	}
	if err != nil {
		return encoding.Planned{}, fmt.Errorf("read job template %s: %w", options.JobTemplate, err)
	}
	return encoding.FromTemplate(source, media, template, options)
}

// write puts the plan into the record.
func (s *Plan) write(ctx context.Context, rec contract.Record, seen sighting, planned encoding.Planned, asked request, sent contract.Internal) error {
	mediainfo, err := contract.MediainfoText(seen.media)
	if err != nil {
		return fmt.Errorf("describe video %s: %w", rec.GUID, err)
	}
	job, err := json.Marshal(planned.Job)
	if err != nil {
		return fmt.Errorf("write job of video %s: %w", rec.GUID, err)
	}
	_, done, err := s.Records.Update(ctx, rec.GUID, contract.Change{
		Set: contract.Record{
			Core: contract.Core{
				SrcWidth: planned.Picture.Width, SrcHeight: planned.Picture.Height,
				EncodingProfile:  planned.Profile,
				IsCustomTemplate: new(asked.options.JobTemplate != ""),
				Warnings:         append(rec.Warnings, planned.Warnings...),
			},
			Heavy: contract.Heavy{SrcMediainfo: mediainfo, EncodingJob: job},
			Internal: contract.Internal{
				SrcVersionID: seen.object.VersionID, SrcETag: seen.object.ETag, SrcSize: seen.object.Size,
			},
		},
		Once:   contract.Record{Internal: sent},
		If:     []contract.Condition{contract.InIngest},
		Unread: true,
	})
	if err != nil {
		return fmt.Errorf("write plan of video %s: %w", rec.GUID, err)
	}
	if !done {
		return contract.Failf(contract.CodeExecutionStopped, "video %s ended while it was planned", rec.GUID)
	}
	return nil
}

func isFailure(err error) bool {
	var failure *contract.Failure
	return errors.As(err, &failure)
}

package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/inbox"
)

// Ingest turns the arrival of an object into an execution.
type Ingest struct {
	SourceBucket string
	Trigger      contract.Trigger // which kind of file starts a video
	Rows         Rows
	Executions   Executions
	Log          *slog.Logger
}

// Executions starts the state machine. An execution of that name that exists
// already counts as started.
type Executions interface {
	Start(ctx context.Context, name, input string) error
}

// ObjectCreated is S3's event as EventBridge delivers it. Its key is raw, not
// URL-encoded.
type ObjectCreated struct {
	Time   string `json:"time"`
	Detail struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Size      int64  `json:"size"`
			ETag      string `json:"etag"`
			VersionID string `json:"version-id"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
		Reason string `json:"reason"`
	} `json:"detail"`
}

// HandleBatch takes events from the queue that S3's events wait in. One that
// cannot be read fails each time and so ends in the queue of lost uploads. Lambda
// hands over no empty batch: an event without messages came another way, and
// to call it done would lose an upload.
func (s *Ingest) HandleBatch(ctx context.Context, batch inbox.Batch) (inbox.Failures, error) {
	if len(batch.Records) == 0 {
		return inbox.Failures{}, errors.New("no messages in the event; it isn't from the queue of uploads")
	}
	return batch.Each(ctx, s.Log, func(ctx context.Context, body string) error {
		var event ObjectCreated
		if err := json.Unmarshal([]byte(body), &event); err != nil {
			return fmt.Errorf("read S3 event: %w", err)
		}
		if event.Detail.Bucket.Name == "" || event.Detail.Object.Key == "" {
			return fmt.Errorf("read S3 event: it names no object: %.200q", body)
		}
		return s.Handle(ctx, event)
	}), nil
}

// Handle starts the video, or says in the log why the object is none.
func (s *Ingest) Handle(ctx context.Context, event ObjectCreated) error {
	object := event.Detail.Object
	log := s.Log.With("bucket", event.Detail.Bucket.Name, "key", object.Key, "version", object.VersionID)
	trigger, err := s.triggerOf(ctx, event)
	if err != nil {
		return err
	}
	if why := s.ignored(event, trigger); why != "" {
		log.Info("object ignored", "why", why)
		return nil
	}
	exec := execution(event, trigger)
	input, err := json.Marshal(exec)
	if err != nil {
		return fmt.Errorf("write input of video %s: %w", exec.GUID, err)
	}
	if err := s.Executions.Start(ctx, exec.GUID, string(input)); err != nil {
		return fmt.Errorf("start video %s: %w", exec.GUID, err)
	}
	log.Info("video started", "guid", exec.GUID, "reason", event.Detail.Reason)
	return nil
}

// triggerOf is what this object is taken as. A video that was created through
// the API has its options in its row: it waits for no metadata file, also
// where others do.
func (s *Ingest) triggerOf(ctx context.Context, event ObjectCreated) (contract.Trigger, error) {
	if s.Trigger == contract.TriggerVideo || event.Detail.Bucket.Name != s.SourceBucket {
		return s.Trigger, nil
	}
	_, ok, err := rowOf(ctx, s.Rows, event.Detail.Object.Key)
	if ok {
		return contract.TriggerVideo, err
	}
	return s.Trigger, err
}

// ignored is the reason why an object starts nothing, or empty.
func (s *Ingest) ignored(event ObjectCreated, trigger contract.Trigger) string {
	key := event.Detail.Object.Key
	switch {
	case event.Detail.Bucket.Name != s.SourceBucket:
		return "not in the source bucket"
	case key == "" || strings.HasSuffix(key, "/"):
		return "a folder, not a file"
	case trigger == contract.TriggerMetadata && !isMetadataFile(key):
		return "not a .json file; metadata files start a video here"
	case trigger == contract.TriggerVideo && !IsVideoFile(key):
		return "no extension of a container that MediaConvert's Probe reads"
	}
	return ""
}

func execution(event ObjectCreated, trigger contract.Trigger) contract.Execution {
	bucket, object := event.Detail.Bucket.Name, event.Detail.Object
	exec := contract.Execution{
		GUID:      contract.GUID(bucket, object.Key, object.VersionID),
		Trigger:   trigger,
		SrcBucket: bucket,
		VersionID: object.VersionID,
		Size:      object.Size,
		ETag:      strings.Trim(object.ETag, `"`),
		EventTime: event.Time,
		Sequencer: object.Sequencer,
	}
	if trigger == contract.TriggerMetadata {
		exec.SrcMetadataFile = object.Key
	} else {
		exec.SrcVideo = object.Key
	}
	return exec
}

// TriggerOf is the trigger that the configuration's word stands for.
func TriggerOf(word string) (contract.Trigger, error) {
	switch word {
	case "VideoFile":
		return contract.TriggerVideo, nil
	case "MetadataFile":
		return contract.TriggerMetadata, nil
	}
	return "", fmt.Errorf("TRIGGER is %q; VideoFile or MetadataFile is allowed", word)
}

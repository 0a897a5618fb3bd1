package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// Publish finds what the job has written, chooses the poster, writes the
// final record and announces the video. In this order: a URL that is told
// before its object is there stays broken in the caches.
type Publish struct {
	Delivery    contract.Delivery
	Records     Records
	Source      PublishSource
	Destination Destination
	Announcer   *Announcer
	Now         func() time.Time
	Log         *slog.Logger
}

// PublishSource is the source bucket as Publish needs it.
type PublishSource interface {
	Head(ctx context.Context, key string) (contract.Object, error)
	// Tag marks one version for the lifecycle rule of a storage class.
	Tag(ctx context.Context, key, version, class string) error
}

// Destination is the destination bucket as Publish needs it.
type Destination interface {
	// List returns up to limit objects, in the order of their keys.
	List(ctx context.Context, prefix string, limit int) ([]contract.Object, error)
	Read(ctx context.Context, key, version string, limit int64) ([]byte, error)
}

// Handle publishes one video. Called again, it does what is left to do.
func (s *Publish) Handle(ctx context.Context, in Waiting) error {
	log := s.Log.With("guid", in.GUID)
	rec, err := s.Records.Get(ctx, in.GUID)
	if err != nil {
		return fmt.Errorf("read record of video %s: %w", in.GUID, err)
	}
	if !rec.Ended() {
		if rec, err = s.complete(ctx, rec); err != nil {
			return err
		}
		log.Info("published", "hls", rec.HLSURL, "warnings", rec.Warnings)
	}
	if rec.WorkflowStatus == contract.StatusError {
		return &contract.Failure{Code: rec.ErrorCode, Message: rec.ErrorMessage}
	}
	return s.Announcer.Final(ctx, rec)
}

// complete writes the final record. Its lost answer is found again as a
// record that is complete.
func (s *Publish) complete(ctx context.Context, rec contract.Record) (contract.Record, error) {
	found, err := s.gather(ctx, rec)
	if err != nil {
		return rec, err
	}
	found.warnings = append(found.warnings, s.archive(ctx, rec)...)
	final, err := s.final(rec, found)
	if err != nil {
		return rec, err
	}
	standing, done, err := s.Records.Update(ctx, rec.GUID, contract.Change{
		Set: contract.Record{
			Core: contract.Core{
				EndTime: final.EndTime, WorkflowStatus: final.WorkflowStatus, Progress: final.Progress,
				Outputs: final.Outputs, Warnings: final.Warnings,
			},
			Heavy: contract.Heavy{EncodingOutput: final.EncodingOutput},
		},
		Remove: []string{"jobEvent"},
		If:     []contract.Condition{contract.InIngest},
		Unread: true,
	})
	if err != nil {
		return rec, fmt.Errorf("complete record of video %s: %w", rec.GUID, err)
	}
	if !done { // it has ended meanwhile
		return standing, nil
	}
	return final, nil
}

// final is the record as it will stand.
func (s *Publish) final(rec contract.Record, found findings) (contract.Record, error) {
	rec.EndTime = contract.Time(s.Now())
	rec.WorkflowStatus = contract.StatusComplete
	rec.Progress = new(100)
	rec.Outputs = found.outputs
	rec.Warnings = append(rec.Warnings, found.warnings...)
	rec.EncodingOutput = rec.JobEvent
	rec.JobEvent = nil
	rec, err := contract.FitItem(rec)
	if err != nil {
		return rec, fmt.Errorf("fit record of video %s: %w", rec.GUID, err)
	}
	return rec, nil
}

// findings are what there is to publish.
type findings struct {
	outputs  contract.Outputs
	warnings []string
}

// gather looks at source and destination at once.
func (s *Publish) gather(ctx context.Context, rec contract.Record) (findings, error) {
	var found findings
	var pictures []string
	err := together(
		func() error { return s.checkSource(ctx, rec) },
		func() (err error) { found, err = s.outputs(ctx, rec); return err },
		func() (err error) { pictures, err = s.pictures(ctx, rec); return err },
	)
	if err != nil {
		return found, err
	}
	if len(pictures) > 0 {
		found.outputs.SetThumbnails(s.Delivery, pictures)
	}
	return found, nil
}

// checkSource makes sure that it was this version that has been encoded.
func (s *Publish) checkSource(ctx context.Context, rec contract.Record) error {
	now, err := s.Source.Head(ctx, rec.SrcVideo)
	if err := checkVersion(now, err, rec.SrcVideo, rec.SrcVersionID, rec.SrcETag); err != nil {
		return fmt.Errorf("look at source of video %s: %w", rec.GUID, err)
	}
	return nil
}

// outputs are the manifests and files of the job's last event, or of the
// bucket when that event was lost; each must be there.
func (s *Publish) outputs(ctx context.Context, rec contract.Record) (findings, error) {
	var event contract.JobEvent
	if err := json.Unmarshal(rec.JobEvent, &event); err != nil {
		s.Log.Warn("job's last event unreadable", "guid", rec.GUID, "error", err)
	}
	var found findings
	found.outputs, found.warnings = s.Delivery.Collect(event.Detail.OutputGroupDetails)
	if len(found.outputs.Announced()) == 0 {
		groups, err := s.listed(ctx, rec.GUID)
		if err != nil {
			return found, err
		}
		found.outputs, _ = s.Delivery.Collect(groups)
	}
	return found, s.checkThere(ctx, found.outputs.Announced())
}

// checkThere makes sure that what is announced can be fetched.
func (s *Publish) checkThere(ctx context.Context, uris []string) error {
	if len(uris) == 0 {
		return contract.Failf(contract.CodeOutputMissing, "the encoder reported success but has written no stream and no file")
	}
	var checks []func() error
	for prefix, keys := range besides(uris) {
		checks = append(checks, func() error { return s.areThere(ctx, prefix, keys) })
	}
	return together(checks...)
}

// besides groups keys by all but their extensions: a video's manifests lie
// side by side, and one list finds them.
func besides(uris []string) map[string][]string {
	groups := map[string][]string{}
	for _, uri := range uris {
		_, key, _ := contract.ParseS3URI(uri)
		prefix := strings.TrimSuffix(key, strings.TrimPrefix(path.Ext(key), "."))
		groups[prefix] = append(groups[prefix], key)
	}
	return groups
}

// areThere looks for the keys that begin with a prefix. One that the list of
// a crowded folder does not reach is looked for by itself.
func (s *Publish) areThere(ctx context.Context, prefix string, keys []string) error {
	objects, err := s.Destination.List(ctx, prefix, 2*len(keys))
	if err != nil {
		return fmt.Errorf("look for %s…: %w", prefix, err)
	}
	for _, key := range keys {
		if slices.ContainsFunc(objects, func(o contract.Object) bool { return o.Key == key }) {
			continue
		}
		if err := s.isThere(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (s *Publish) isThere(ctx context.Context, key string) error {
	objects, err := s.Destination.List(ctx, key, 1)
	if err != nil {
		return fmt.Errorf("look for %s: %w", key, err)
	}
	if len(objects) == 0 || objects[0].Key != key {
		return contract.Failf(contract.CodeOutputMissing, "the encoder announced %s, which is not in the destination bucket", contract.S3URI(s.Delivery.Bucket, key))
	}
	return nil
}

// archive marks the source for its storage class. A source that stays in the
// dearer class is no reason to lose a video.
func (s *Publish) archive(ctx context.Context, rec contract.Record) []string {
	if rec.ArchiveSource == "" || rec.ArchiveSource == "DISABLED" {
		return nil
	}
	if err := s.Source.Tag(ctx, rec.SrcVideo, rec.SrcVersionID, rec.ArchiveSource); err != nil {
		s.Log.Error("source not archived", "guid", rec.GUID, "error", err)
		if errors.Is(err, contract.ErrTagsFull) {
			return []string{"the source was not marked for " + rec.ArchiveSource + ": " + contract.ErrTagsFull.Error()}
		}
		return []string{"the source was not marked for " + rec.ArchiveSource}
	}
	return nil
}

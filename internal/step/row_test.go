package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

const videoID = "0b5f8c1e-3a52-4d0e-9c66-6a1f2f1f9d11"

// rows is a video table with one row, or none.
type rows struct {
	row contract.VideoRow
	err error
}

func (r *rows) Get(_ context.Context, id string) (contract.VideoRow, error) {
	if r.err == nil && r.row.ID != id {
		return contract.VideoRow{}, contract.ErrUnknownRow
	}
	return r.row, r.err
}

func created(options string) contract.VideoRow {
	return contract.VideoRow{ID: videoID, S3Key: contract.SourceKey(videoID, "mp4"), Options: options}
}

func TestAVideoOfTheAPIIsPlannedWithTheOptionsOfItsRow(t *testing.T) {
	w := newWorld(t)
	w.rows.row = created(`{"frameCapture":false,"inputRotate":"DEGREES_90"}`)
	if _, err := w.plan().Handle(context.Background(), w.upload(w.rows.row.S3Key, []byte("a video"))); err != nil {
		t.Fatal(err)
	}
	rec := w.table.Record(guid)
	want(t, "frameCapture", *rec.FrameCapture, false)
	want(t, "inputRotate", rec.InputRotate, "DEGREES_90")
	want(t, "what is echoed", len(rec.Free), 0)
}

func TestAVideoOfTheAPIIsAnnouncedAlsoWhereOthersAreNot(t *testing.T) {
	w := newWorld(t)
	w.rows.row = created("")
	plan := w.plan()
	plan.Stack.Options.EnableSns = false
	if _, err := plan.Handle(context.Background(), w.upload(w.rows.row.S3Key, []byte("a video"))); err != nil {
		t.Fatal(err)
	}
	want(t, "enableSns", *w.table.Record(guid).EnableSns, true)
}

func TestOptionsOfARowThatCannotBeUsedAreNamed(t *testing.T) {
	for options, names := range map[string]string{
		`{"inputRotate":"SIDEWAYS"}`: "inputRotate", `{"title":"x"}`: "title is no option",
		`{"srcVideo":"other.mp4"}`: "srcVideo", `[]`: "not a JSON object", `{"captions":{"srcFile":"a.srt"}}`: "captions",
	} {
		w := newWorld(t)
		w.rows.row = created(options)
		_, err := w.plan().Handle(context.Background(), w.upload(w.rows.row.S3Key, []byte("a video")))
		var failure *contract.Failure
		if !errors.As(err, &failure) || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v", options, err)
		}
	}
}

func TestTheOptionsThatPlanRefusesAreRefusedBeforeTheUpload(t *testing.T) {
	for options, refused := range map[string]string{
		`{"archiveSource":true}`: "archiveSource", `{"archiveSource":"ICE"}`: "archiveSource", `{"archiveSource":false}`: "", `{"archiveSource":"GLACIER"}`: "",
		`{"jobTemplate":""}`: "jobTemplate", `{"jobTemplate":"` + strings.Repeat("ä", 41) + `"}`: "jobTemplate", `{"jobTemplate":null}`: "jobTemplate",
		`{"frameCapture":true,"inputRotate":"UP"}`: "inputRotate", `{"acceleratedTranscoding":"ENABLED"}`: "", `{"acceleratedTranscoding":1}`: "acceleratedTranscoding",
		`{"frameCapture":1}`: "frameCapture", `{"enableSqs":"no"}`: "enableSqs", `{"speed":2}`: "speed", `{"enableMediaPackage":true}`: "enableMediaPackage",
		`{"captions":{"srcFile":"a.srt"}}`: "captions", `{"srcBucket":"another"}`: "srcBucket", `{}`: "",
	} {
		w := newWorld(t)
		w.rows.row = created(options)
		_, err := w.plan().Handle(context.Background(), w.upload(w.rows.row.S3Key, []byte("a video")))
		var failure *contract.Failure
		if planned := !errors.As(err, &failure); planned != (refused == "") {
			t.Errorf("%s: plan says %v", options, err)
		}
		option, why := step.CheckOptions(options, "DISABLED")
		if option != refused || (why == "") != (refused == "") || !strings.Contains(why, refused) {
			t.Errorf("%s: refused is %q: %s", options, option, why)
		}
	}
	if option, why := step.CheckOptions(`{"archiveSource":true}`, "GLACIER"); why != "" {
		t.Errorf("%s: %s", option, why)
	}
	if _, why := step.CheckOptions(`[]`, ""); why == "" {
		t.Error("a list is taken")
	}
}

func TestAnUploadThatEndsAfterItsVideoWasDeletedIsNotEncoded(t *testing.T) {
	w := newWorld(t)
	w.rows.row = contract.VideoRow{ID: videoID, RowInternal: contract.RowInternal{DeletedAt: "2026-11-23T16:00:00.000Z"}}
	_, err := w.plan().Handle(context.Background(), w.upload(contract.SourceKey(videoID, "mp4"), []byte("a video")))
	var failure *contract.Failure
	if !errors.As(err, &failure) || failure.Code != contract.CodeVideoDeleted {
		t.Errorf("error is %v", err)
	}
}

func TestAVideoTableThatDoesNotAnswerIsNoMissingRow(t *testing.T) {
	w := newWorld(t)
	w.rows.err = contract.ErrThrottled
	_, err := w.plan().Handle(context.Background(), w.upload(contract.SourceKey(videoID, "mp4"), []byte("a video")))
	if !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
	in, started, _ := ingest(contract.TriggerMetadata)
	in.Rows = &w.rows
	if err := in.Handle(context.Background(), arrival(t, contract.SourceKey(videoID, "mp4"))); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
	want(t, "executions", len(started.started), 0)
}

func TestAVideoOfTheAPIWaitsForNoMetadataFile(t *testing.T) {
	for row, executions := range map[*rows]int{{row: created("")}: 1, {}: 0} {
		in, started, _ := ingest(contract.TriggerMetadata)
		in.Rows = row
		if err := in.Handle(context.Background(), arrival(t, contract.SourceKey(videoID, "mp4"))); err != nil {
			t.Fatal(err)
		}
		want(t, "executions", len(started.started), executions)
		for _, input := range started.started {
			var exec contract.Execution
			if err := json.Unmarshal([]byte(input), &exec); err != nil {
				t.Fatal(err)
			}
			want(t, "trigger", exec.Trigger, contract.TriggerVideo)
			want(t, "video", exec.SrcVideo, contract.SourceKey(videoID, "mp4"))
		}
	}
}

func TestOnlyKeysOfTheIntegrationNameAVideo(t *testing.T) {
	for key, ok := range map[string]bool{
		contract.SourceKey(videoID, "mp4"): true, "/" + contract.SourceKey(videoID, "mp4"): false,
		"video/" + videoID + "/other.mp4": false, "video/" + strings.ToUpper(videoID) + "/media.mp4": false,
		"video/x/media.mp4": false, "video/" + videoID + "/media.mp4/x": false,
	} {
		_, found := contract.VideoIDOf(key)
		want(t, key, found, ok)
	}
}

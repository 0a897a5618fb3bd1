package mediaconvert

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// steady replaces what differs from run to run.
func steady(b *bench, detail map[string]any) string {
	b.Helper()
	detail = maps.Clone(detail)
	if ms, ok := detail["timestamp"].(float64); !ok || time.Since(time.UnixMilli(int64(ms))) > time.Minute {
		b.Errorf("timestamp is %v", detail["timestamp"])
	}
	detail["timestamp"] = 0
	id := detail["jobId"].(string)
	data, err := json.MarshalIndent(detail, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	return strings.NewReplacer(id, "JOB", b.bucket, "BUCKET").Replace(string(data)) + "\n"
}

// golden compares with a file; VOD_UPDATE=1 writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(repository(), "internal/local/mediaconvert/testdata", name)
	if os.Getenv("VOD_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; VOD_UPDATE=1 writes it anew:\n%s", name, got)
	}
}

func TestEventsHaveTheServicesFields(t *testing.T) {
	told := make(chan struct{})
	b := newBench(t, func(s *Server) {
		s.interval = func(name string) time.Duration {
			if name != "SECONDS_60" {
				t.Errorf("interval is %s", name)
			}
			return 20 * time.Millisecond
		}
		s.Transcoder = &fakeTranscoder{run: func(_ context.Context, job transcode.Job) (*transcode.Result, error) {
			job.Progress(transcode.Progress{Phase: "TRANSCODING", Percent: 40, FramesDecoded: 353})
			<-told
			result, err := oneFile(job)
			result.Warnings = []transcode.Warning{{Code: 230006, Count: 1}}
			return result, err
		}}
	})
	id := *b.submit("out", nil).Id
	update := b.waitForOne(id, "STATUS_UPDATE while TRANSCODING", func(detail map[string]any) bool {
		progress, tells := detail["jobProgress"].(map[string]any)
		return tells && progress["currentPhase"] == "TRANSCODING" && progress["jobPercentComplete"] == 39.0
	})
	close(told)
	for _, status := range []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"} {
		golden(t, "event-"+strings.ToLower(status)+".json", steady(b, b.waitFor(id, status)))
	}
	golden(t, "event-status_update.json", steady(b, update))
	golden(t, "event-error.json", steady(b, b.fails("s3://"+b.bucket+"/nothing.mp4", "out")))
}

// audioJob is a request for audio alone, in a group of one kind.
func (b *bench) audioJob(input string, group types.OutputGroup, container types.ContainerType) *sdk.CreateJobInput {
	request := b.job(input, "out")
	request.Settings.Inputs[0].VideoSelector = nil
	group.Outputs = []types.Output{{
		NameModifier:      aws.String("_audio"),
		ContainerSettings: &types.ContainerSettings{Container: container},
		AudioDescriptions: []types.AudioDescription{aac()},
	}}
	request.Settings.OutputGroups = []types.OutputGroup{group}
	return request
}

func TestAJobOfAudioAloneTellsNoProgress(t *testing.T) {
	b := newBench(t, func(s *Server) {
		s.interval = func(string) time.Duration { return 10 * time.Millisecond }
		s.Transcoder = &fakeTranscoder{run: func(_ context.Context, job transcode.Job) (*transcode.Result, error) {
			time.Sleep(100 * time.Millisecond)
			return oneFile(job)
		}}
	})
	request := b.audioJob(b.put("in.m4a", nil), b.fileGroup("out"), types.ContainerTypeMp4)
	out, err := b.client.CreateJob(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	b.waitFor(*out.Job.Id, "COMPLETE")
	for _, detail := range b.bus.of(*out.Job.Id) {
		if detail["status"] == "STATUS_UPDATE" {
			t.Fatal("a STATUS_UPDATE was sent")
		}
	}
	request.ClientRequestToken, request.StatusUpdateInterval = nil, types.StatusUpdateIntervalSeconds10
	_, err = b.client.CreateJob(t.Context(), request)
	wantError(t, err, "BadRequestException", "/statusUpdateInterval")
}

func TestCMAFOfAudioAloneIsRefused(t *testing.T) {
	b := newBench(t, nil)
	_, err := b.client.CreateJob(t.Context(), b.audioJob(b.put("in.m4a", nil), b.cmafGroup(), types.ContainerTypeCmfc))
	wantError(t, err, "BadRequestException", "/outputGroups/0/outputs", "CMAF")
}

func TestTheEnvelopeNamesTheServiceAndTheJob(t *testing.T) {
	b := newBench(t, nil)
	job := b.submit("out", nil)
	b.waitFor(*job.Id, "COMPLETE")
	seen := map[string]bool{}
	for _, e := range b.bus.events {
		if e.Source != "aws.mediaconvert" || e.DetailType != "MediaConvert Job State Change" ||
			!slices.Equal(e.Resources, []string{*job.Arn}) || e.Time.IsZero() {
			t.Errorf("envelope is %+v", e)
		}
		if e.ID == "" || seen[e.ID] {
			t.Errorf("id %q is empty or was used before", e.ID)
		}
		seen[e.ID] = true
	}
}

func TestAJobWithoutMetadataSendsAnEmptyObject(t *testing.T) {
	b := newBench(t, nil)
	request := b.job(b.put("in.mp4", nil), "out")
	request.UserMetadata = nil
	out, err := b.client.CreateJob(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if data := fmt.Sprint(b.waitFor(*out.Job.Id, "PROGRESSING")["userMetadata"]); data != "map[]" {
		t.Errorf("metadata is %s", data)
	}
}

func TestProgressNeverGoesBack(t *testing.T) {
	var p progress
	last := -1
	for _, report := range []transcode.Progress{
		{Phase: "PROBING", Percent: 50}, {Phase: "TRANSCODING", Percent: 30, FramesDecoded: 30},
		{Phase: "TRANSCODING", Percent: 20, FramesDecoded: 20}, {Phase: "PROBING", Percent: 100},
		{Phase: "TRANSCODING", Percent: 180, FramesDecoded: 99}, {Phase: "UPLOADING", Percent: -5}, {Phase: "UPLOADING", Percent: 100},
	} {
		p.advance(report)
		if now := p.now().total(); now < last || now > 99 {
			t.Errorf("%+v: %d %% after %d %%", report, now, last)
		} else {
			last = now
		}
	}
	if last != 99 || p.now().frames != 99 {
		t.Errorf("ends at %d %%, %d frames", last, p.now().frames)
	}
}

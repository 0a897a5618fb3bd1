package mediaconvert

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// fakeTranscoder encodes nothing; its functions decide.
type fakeTranscoder struct {
	probe func(ctx context.Context, path string) (*transcode.ProbeResult, error)
	run   func(ctx context.Context, job transcode.Job) (*transcode.Result, error)
}

func (f *fakeTranscoder) Probe(ctx context.Context, path string) (*transcode.ProbeResult, error) {
	if f.probe != nil {
		return f.probe(ctx, path)
	}
	return &transcode.ProbeResult{
		Container: transcode.Container{Duration: 3, Format: "mp4", Tracks: []transcode.Track{
			{Index: 1, TrackType: "video", Codec: "AVC", VideoProperties: &transcode.VideoProperties{
				Width: 768, Height: 432, BitDepth: 8, FrameRate: &transcode.Fraction{Numerator: 25, Denominator: 2}, SampleAspectRatio: &transcode.Fraction{Numerator: 1, Denominator: 1},
				CodecMetadata: &transcode.CodecMetadata{ChromaSubsampling: "4:2:0", ScanType: "PROGRESSIVE"},
			}},
			{Index: 2, TrackType: "audio", Codec: "AAC", AudioProperties: &transcode.AudioProperties{
				Channels: 2, SampleRate: 48000, LanguageCode: "eng",
			}},
		}},
		TrackMappings: []transcode.TrackMapping{{AudioTrackIndexes: []int{2}, DataTrackIndexes: []int{}, VideoTrackIndexes: []int{1}}},
	}, nil
}

func (f *fakeTranscoder) Run(ctx context.Context, job transcode.Job) (*transcode.Result, error) {
	if f.run != nil {
		return f.run(ctx, job)
	}
	return oneFile(job)
}

// oneFile is what a job with one MP4 makes.
func oneFile(job transcode.Job) (*transcode.Result, error) {
	path := filepath.Join(job.Dir, "out.mp4")
	if err := os.WriteFile(path, []byte("encoded"), 0o600); err != nil {
		return nil, err
	}
	uri := job.Settings.OutputGroups[0].OutputGroupSettings.File.Destination + "_mp4.mp4"
	return &transcode.Result{
		Files: []transcode.File{{Path: path, URI: uri, ContentType: "video/mp4"}},
		OutputGroupDetails: []transcode.OutputGroupDetail{{Type: "FILE_GROUP", OutputDetails: []transcode.OutputDetail{{
			DurationInMs: 3000, OutputFilePaths: []string{uri},
			VideoDetails: &transcode.VideoDetails{WidthInPx: 768, HeightInPx: 432, AverageBitrate: 1000},
		}}}},
	}, nil
}

// gate lets jobs run until it is opened, and tells which have begun.
type gate struct {
	began chan string // destination of each job that begins
	open  chan struct{}
}

func newGate() *gate { return &gate{began: make(chan string, 100), open: make(chan struct{})} }

func (g *gate) run(ctx context.Context, job transcode.Job) (*transcode.Result, error) {
	g.began <- job.Settings.OutputGroups[0].OutputGroupSettings.File.Destination
	select {
	case <-g.open:
		return oneFile(job)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) waitBegan(t *testing.T) string {
	t.Helper()
	select {
	case destination := <-g.began:
		return destination
	case <-time.After(10 * time.Second):
		t.Fatal("no job began within 10 s")
		return ""
	}
}

package transcode

import (
	"context"
	"encoding/json"
	"math"
	"os/exec"
	"strings"
	"testing"

	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"

	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

// The HDR clips show what sdr.mp4 shows, with its white at 203 cd/m², HDR's
// reference white (ITU-R BT.2408). What comes out has to be as bright as what
// comes of sdr.mp4.
func TestHDRComesOutAsBrightAsItsSDRReference(t *testing.T) {
	t.Parallel()
	const tolerance = 0.05
	reference := lumas(t, "sdr.mp4", asPlanned)
	for _, name := range []string{"pq.mp4", "pq.mkv", "hlg.mov", "hlg.ts"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mapped, plain := lumas(t, name, asPlanned), lumas(t, name, withoutToneMapping)
			for i, want := range reference {
				if off := mapped[i]/want - 1; math.Abs(off) > tolerance {
					t.Errorf("%s is off by %+.1f %%", pictureNames[i], 100*off)
				}
				if off := plain[i]/want - 1; math.Abs(off) < 2*tolerance {
					t.Errorf("%s is off by %+.1f %% only when it is not tone-mapped: the clip tells nothing", pictureNames[i], 100*off)
				}
			}
		})
	}
}

var pictureNames = []string{"the MP4", "the thumbnail"}

// lumas are the mean brightness of what a job made of a clip, its MP4 and its
// first thumbnail.
func lumas(t *testing.T, name string, edit func(string) string) []float64 {
	t.Helper()
	settings, err := Check(json.RawMessage(edit(plannedSettings(t, name))))
	if err != nil {
		t.Fatal(err)
	}
	result, err := (&Transcoder{}).Run(t.Context(), Job{
		Settings: settings, Inputs: []Input{{clip(t, name), "s3://source/" + name}}, Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	means := make([]float64, len(pictureNames))
	for _, f := range result.Files {
		switch {
		case strings.HasSuffix(f.URI, ".mp4"):
			means[0] = meanLuma(t, f.Path)
		case strings.HasSuffix(f.URI, "_thumb.0000000.jpg"):
			means[1] = meanLuma(t, f.Path)
		}
	}
	return means
}

// plannedSettings are the settings of the job that the pipeline makes of a
// clip: probed here, read by the SDK, planned, and submitted by the SDK.
func plannedSettings(t *testing.T, name string) string {
	t.Helper()
	answer, err := json.Marshal(map[string]any{"probeResults": []any{probed(t, name)}})
	if err != nil {
		t.Fatal(err)
	}
	service := &awstest.Service{Reply: func(call awstest.Call) awstest.Answer {
		if strings.HasSuffix(call.Path, "/probe") {
			return awstest.Answer{Body: string(answer)}
		}
		return awstest.Answer{Status: 201, Body: `{"job":{"id":"1-a","role":"r","settings":{}}}`}
	}}
	client := awsmediaconvert.NewFromConfig(service.Config(t))
	media, err := (&mediaconvert.Prober{Client: client, Bucket: "source"}).Probe(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	planned, err := encoding.Plan(encoding.Source{GUID: "g", Bucket: "source", Key: name, DestinationBucket: "dest", RoleARN: "arn:role"},
		media, encoding.Options{Outputs: []encoding.Output{encoding.MP4}, FrameCapture: true, FrameCaptureSeconds: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&mediaconvert.Jobs{Client: client}).Submit(context.Background(), planned.Job); err != nil {
		t.Fatal(err)
	}
	calls := service.Calls()
	var request struct{ Settings json.RawMessage }
	if err := json.Unmarshal([]byte(calls[len(calls)-1].Body), &request); err != nil {
		t.Fatal(err)
	}
	return string(request.Settings)
}

func asPlanned(settings string) string { return settings }

func withoutToneMapping(settings string) string {
	return strings.ReplaceAll(settings, `"FORCE_709"`, `"NONE"`)
}

// meanLuma is the mean of a picture's luma, 0 to 255, over its frames.
func meanLuma(t *testing.T, path string) float64 {
	t.Helper()
	gray, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-").Output()
	if err != nil || len(gray) == 0 {
		t.Fatalf("decode %s: %v", path, err)
	}
	sum := 0
	for _, luma := range gray {
		sum += int(luma)
	}
	return float64(sum) / float64(len(gray))
}

package encoding

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

func plan(t *testing.T, media video.Media, opts Options) Planned {
	t.Helper()
	planned, err := Plan(source("clip.mp4"), media, opts)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

func TestWhatCannotBeEncodedIsRefusedWithAReason(t *testing.T) {
	unknown := video.VideoTrack{Codec: "UNKNOWN"}
	for name, c := range map[string]struct {
		media video.Media
		want  string
	}{
		"no tracks":              {video.Media{}, "neither a picture nor a sound track"},
		"only captions":          {video.Media{Text: []video.TextTrack{{Format: "WEBVTT"}}}, "neither a picture nor a sound track"},
		"unknown codecs":         {video.Media{Video: []video.VideoTrack{unknown}, Audio: []video.AudioTrack{{Codec: "UNKNOWN"}}}, "codec that can be decoded"},
		"a picture without size": {video.Media{Video: []video.VideoTrack{{Codec: "AVC"}}}, "codec that can be decoded"},
		"a picture of an icon":   {tracks(time.Second, picture(16, 16), stereo("")), "16×16 pixels"},
		"a picture of a line":    {tracks(time.Second, picture(9000, 40)), "9000×40 pixels"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Plan(source("x.mp4"), c.media, options())
			var refused *Unencodable
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestNoOutputsIsAMistakeOfTheConfigurationNotOfTheSource(t *testing.T) {
	_, err := Plan(source("x.mp4"), tracks(time.Second, picture(640, 360)), with(func(o *Options) { o.Outputs = nil }))
	var refused *Unencodable
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnknownPictureTrackBesideAGoodOneIsPassedOver(t *testing.T) {
	m := tracks(time.Second, video.VideoTrack{Codec: "UNKNOWN", Width: 9, Height: 9})
	m.Video = append(m.Video, picture(640, 360))
	if got := plan(t, m, options()); got.Picture != (video.Picture{Width: 640, Height: 360}) {
		t.Errorf("got %v", got.Picture)
	}
}

func TestAnUnknownCodecIsForTheEncoderToJudge(t *testing.T) {
	m := video.Media{
		Video: []video.VideoTrack{{Codec: "UNKNOWN", Width: 640, Height: 360}},
		Audio: []video.AudioTrack{{Codec: "UNKNOWN", Channels: 2}},
	}
	got := plan(t, m, options())
	if got.Picture != (video.Picture{Width: 640, Height: 360}) || len(got.Job.Settings.Inputs[0].AudioSelectors) != 1 {
		t.Errorf("picture or sound was lost in silence: %+v", got)
	}
}

func TestThePictureIsWhatTheServiceWillShow(t *testing.T) {
	phone := tracks(time.Second, turned(picture(1920, 1080), 90))
	for option, want := range map[string]video.Picture{
		"":            {Width: 1080, Height: 1920},
		"AUTO":        {Width: 1080, Height: 1920},
		"DEGREE_0":    {Width: 1920, Height: 1080},
		"DEGREES_90":  {Width: 1080, Height: 1920},
		"DEGREES_180": {Width: 1920, Height: 1080},
		"DEGREES_270": {Width: 1080, Height: 1920},
	} {
		got := plan(t, phone, with(func(o *Options) { o.InputRotate = option }))
		if got.Picture != want || got.Profile != 1080 {
			t.Errorf("%q: got %v, profile %d", option, got.Picture, got.Profile)
		}
		rotate := got.Job.Settings.Inputs[0].VideoSelector.Rotate
		if want := cmp.Or(option, "AUTO"); string(rotate) != want {
			t.Errorf("%q: the job says %q", option, rotate)
		}
	}
}

func TestARotationThatTheServiceDoesNotFollowIsSpeltOut(t *testing.T) {
	phone := tracks(time.Second, turned(picture(1920, 1080), 270))
	phone.Format = "matroska"
	for option, want := range map[string]string{"": "DEGREES_270", "AUTO": "DEGREES_270", "DEGREE_0": "DEGREE_0"} {
		got := plan(t, phone, with(func(o *Options) { o.InputRotate = option }))
		if rotate := got.Job.Settings.Inputs[0].VideoSelector.Rotate; string(rotate) != want {
			t.Errorf("%q: the job says %q, want %q", option, rotate, want)
		}
	}
}

// The User Guide's page on input requirements of rotation
// (auto-rotate-requirements.html): progressive, 4:2:0 or 4:2:2, and for AUTO
// MP4 or QuickTime.
func TestRotationIsAskedForWhereTheServiceRotates(t *testing.T) {
	const upright, lying = "1080×1920", "1920×1080"
	for _, c := range []struct {
		format, scan, chroma string
		option               string
		inFile               int
		rotate, picture      string
		warned               bool
	}{
		{"mp4", "progressive", "4:2:0", "AUTO", 90, "AUTO", upright, false},
		{"quicktime", "", "", "AUTO", 90, "AUTO", upright, false}, // ProRes of a phone: nothing is told
		{"mp4", "Progressive", "4:2:2", "AUTO", 270, "AUTO", upright, false},
		{"mp4", "PROGRESSIVE", "4:2:0", "AUTO", 0, "AUTO", lying, false},
		{"three_gp", "progressive", "4:2:0", "AUTO", 90, "DEGREES_90", upright, false},
		{"mpegts", "progressive", "4:2:0", "AUTO", 0, "DEGREE_0", lying, false},
		{"", "progressive", "4:2:0", "AUTO", 180, "DEGREES_180", lying, false},
		{"mp4", "interlaced", "4:2:0", "AUTO", 90, "DEGREE_0", lying, true},
		{"mp4", "interlaced", "4:2:0", "AUTO", 0, "DEGREE_0", lying, false},
		{"mp4", "progressive", "4:4:4", "AUTO", 90, "DEGREE_0", lying, true},
		{"mp4", "progressive", "4:4:4", "DEGREES_270", 0, "DEGREE_0", lying, true},
		{"mp4", "progressive", "4:4:4", "DEGREE_0", 90, "DEGREE_0", lying, false},
		{"mpegts", "interlaced", "4:2:2", "DEGREES_90", 0, "DEGREE_0", lying, true},
		{"mpegts", "progressive", "4:2:2", "DEGREES_90", 0, "DEGREES_90", upright, false},
	} {
		v := turned(picture(1920, 1080), c.inFile)
		v.ScanType, v.ChromaSubsampling = c.scan, c.chroma
		media := tracks(time.Minute, v, stereo("eng"))
		media.Format = c.format
		opts := with(func(o *Options) { o.InputRotate = c.option })
		for by, planned := range map[string]Planned{"the ladder": plan(t, media, opts), "a template": fromTemplate(t, template(), media, opts)} {
			rotate := planned.Job.Settings.Inputs[0].VideoSelector.Rotate
			size := fmt.Sprintf("%d×%d", planned.Picture.Width, planned.Picture.Height)
			if string(rotate) != c.rotate || size != c.picture || (len(planned.Warnings) == 1) != c.warned {
				t.Errorf("%+v by %s: rotate %s, picture %s, warnings %q", c, by, rotate, size, planned.Warnings)
			}
		}
	}
}

func TestSoundOnlyHasNoPicture(t *testing.T) {
	got := plan(t, video.Media{Audio: []video.AudioTrack{stereo("eng")}}, options())
	if got.Profile != 0 || got.Picture != (video.Picture{}) || len(got.Rungs) != 0 {
		t.Errorf("got %+v", got)
	}
	for _, g := range got.Job.Settings.OutputGroups {
		for _, o := range g.Outputs {
			if o.VideoDescription != nil {
				t.Errorf("%s has a picture", *g.Name)
			}
		}
	}
}

// What the User Guide says of audio-only outputs: no CMAF, no progress, no
// acceleration (audio-only-output.html, feature-limitations-for-audio-only.html
// and job-requirements.html).
func TestAudioAloneAsksForNothingThatNeedsVideo(t *testing.T) {
	audio := video.Media{Audio: []video.AudioTrack{stereo("eng")}}
	for _, c := range []struct {
		outputs []Output
		want    string
	}{
		{[]Output{CMAF, MP4}, "HLS DASH MP4"},
		{[]Output{CMAF}, "HLS DASH"},
		{[]Output{CMAF, HLS}, "HLS DASH"},
		{[]Output{CMAF, HLS, DASH, MP4}, "HLS DASH MP4"},
		{[]Output{HLS}, "HLS"},
		{[]Output{MP4}, "MP4"},
	} {
		job := plan(t, audio, with(func(o *Options) { o.Outputs, o.AcceleratedTranscoding = c.outputs, "ENABLED" })).Job
		var names []string
		for _, g := range job.Settings.OutputGroups {
			names = append(names, *g.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%v: groups %s, want %s", c.outputs, got, c.want)
		}
		if job.StatusUpdateInterval != "" || job.AccelerationSettings.Mode != types.AccelerationModeDisabled {
			t.Errorf("%v: status %q, acceleration %s", c.outputs, job.StatusUpdateInterval, job.AccelerationSettings.Mode)
		}
	}
	job := fromTemplate(t, template(), audio, with(func(o *Options) { o.AcceleratedTranscoding = "PREFERRED" })).Job
	if job.StatusUpdateInterval != "" || job.AccelerationSettings == nil || job.AccelerationSettings.Mode != types.AccelerationModeDisabled {
		t.Errorf("by a template: status %q, acceleration %+v", job.StatusUpdateInterval, job.AccelerationSettings)
	}
}

func TestTheMP4IsEncodedLikeARungOfTheStream(t *testing.T) {
	for _, p := range []video.VideoTrack{picture(3840, 2160), picture(768, 432), picture(100, 100)} {
		groups := plan(t, tracks(time.Minute, p), options()).Job.Settings.OutputGroups
		mp4 := groups[1].Outputs[0]
		shared := false
		for _, o := range groups[0].Outputs {
			shared = shared || reflect.DeepEqual(o.VideoDescription, mp4.VideoDescription)
		}
		if !shared {
			t.Errorf("%d×%d: the MP4's picture is one of its own", p.Width, p.Height)
		}
		if h := *mp4.VideoDescription.Height; h > 1080 {
			t.Errorf("an MP4 of %d lines", h)
		}
	}
}

func TestFrameRates(t *testing.T) {
	for _, c := range []struct {
		rate video.Ratio
		want types.H264FramerateControl
		num  int32
	}{
		{video.Ratio{Num: 30000, Den: 1001}, types.H264FramerateControlInitializeFromSource, 0},
		{video.Ratio{Num: 120, Den: 1}, types.H264FramerateControlInitializeFromSource, 0},
		{video.Ratio{}, types.H264FramerateControlInitializeFromSource, 0},
		{video.Ratio{Num: 240, Den: 1}, types.H264FramerateControlSpecified, 60},
		{video.Ratio{Num: 1, Den: 10}, types.H264FramerateControlSpecified, 1},
	} {
		v := picture(640, 360)
		v.FrameRate = c.rate
		h := plan(t, tracks(time.Second, v), options()).Job.Settings.OutputGroups[0].Outputs[0].VideoDescription.CodecSettings.H264Settings
		if h.FramerateControl != c.want || c.num > 0 && *h.FramerateNumerator != c.num || c.num == 0 && h.FramerateNumerator != nil {
			t.Errorf("%v: %s", c.rate, h.FramerateControl)
		}
	}
}

// captures gives the settings of the thumbnails and of the poster's
// candidates.
func captures(t *testing.T, d time.Duration, every int) (thumb, poster *types.FrameCaptureSettings) {
	t.Helper()
	groups := plan(t, tracks(d, picture(640, 360)), with(func(o *Options) { o.FrameCaptureSeconds = every })).Job.Settings.OutputGroups
	outputs := groups[len(groups)-1].Outputs
	return outputs[0].VideoDescription.CodecSettings.FrameCaptureSettings, outputs[1].VideoDescription.CodecSettings.FrameCaptureSettings
}

func TestThumbnailsAndPosterCandidatesSpreadOverTheVideo(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, time.Second, 30160 * time.Millisecond, time.Hour, 99 * time.Hour} {
		thumb, poster := captures(t, d, 5)
		step := func(c *types.FrameCaptureSettings) time.Duration {
			return time.Duration(float64(time.Second) * float64(*c.FramerateDenominator) / float64(*c.FramerateNumerator))
		}
		if n := d / step(thumb); n > maxThumbnails || step(thumb) < 5*time.Second {
			t.Errorf("%v: %d thumbnails, one in %v", d, n, step(thumb))
		}
		if d >= time.Second {
			if n := d / step(poster); n < posterCandidates || n > posterCandidates+1 {
				t.Errorf("%v: %d candidates", d, n)
			}
		}
		if *thumb.MaxCaptures != maxThumbnails || *poster.MaxCaptures != posterCandidates {
			t.Errorf("%v: at most %d and %d", d, *thumb.MaxCaptures, *poster.MaxCaptures)
		}
	}
}

func TestWhatComesBackInEveryEvent(t *testing.T) {
	j := plan(t, tracks(time.Second, picture(640, 360)), options()).Job
	if j.UserMetadata["guid"] != source("").GUID || j.UserMetadata["workflow"] != "vod" || j.ClientRequestToken != source("").GUID {
		t.Errorf("got %+v", j)
	}
}

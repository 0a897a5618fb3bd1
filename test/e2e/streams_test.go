package e2e

import (
	"fmt"
	"math"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// tolerance of lengths in seconds: two frames of the slowest clip.
const tolerance = 0.16

// checkStreams holds every announced stream against the clip, as ffprobe
// sees it, and asks that every segment is there.
func checkStreams(t *testing.T, clip clips.Clip, record map[string]any) {
	t.Helper()
	master := fetch(t, text(record, "hlsUrl"))
	var sizes []string
	for _, child := range children(t, text(record, "hlsUrl"), master) {
		playlist := fetch(t, child)
		checkSegments(t, clip, child, playlist)
		p := probe(t, child)
		for _, s := range p.Streams {
			if s.CodecType == "video" {
				sizes = append(sizes, fmt.Sprintf("%dx%d", s.Width, s.Height))
				checkVideo(t, clip, child, s)
			}
			checkCodec(t, child, s)
		}
	}
	if fmt.Sprint(sizes) != fmt.Sprint(clip.Rungs) {
		t.Errorf("renditions are %v, want %v", sizes, clip.Rungs)
	}
	if rungs := resolutions(master); fmt.Sprint(rungs) != fmt.Sprint(clip.Rungs) {
		t.Errorf("the HLS playlist lists %v, want %v", rungs, clip.Rungs)
	}
	checkMPD(t, clip, fetch(t, text(record, "dashUrl")))
	checkMP4(t, clip, texts(record["mp4Urls"]))
}

// checkMP4 asks for one file at the top rung that phones still play.
func checkMP4(t *testing.T, clip clips.Clip, urls []string) {
	t.Helper()
	if len(urls) != 1 {
		t.Fatalf("%d MP4 files, want 1: %v", len(urls), urls)
	}
	p := probe(t, urls[0])
	if seconds := number(p.Format.Duration); math.Abs(seconds-clip.Seconds) > tolerance {
		t.Errorf("the MP4 lasts %v s, want %v", seconds, clip.Seconds)
	}
	sounds := 0
	for _, s := range p.Streams {
		checkCodec(t, urls[0], s)
		switch s.CodecType {
		case "audio":
			sounds++
		case "video":
			if got, want := fmt.Sprintf("%dx%d", s.Width, s.Height), downloadSize(clip); got != want {
				t.Errorf("the MP4 is %s, want %s", got, want)
			}
			checkVideo(t, clip, urls[0], s)
		}
	}
	if sounds != len(clip.Sounds) {
		t.Errorf("the MP4 has %d sound tracks, want %d", sounds, len(clip.Sounds))
	}
}

// downloadSize is the tallest rung of about 1080 lines or less.
func downloadSize(clip clips.Clip) string {
	for _, rung := range clip.Rungs {
		if width, height := size(rung); min(width, height) <= 1188 {
			return rung
		}
	}
	return ""
}

func checkVideo(t *testing.T, clip clips.Clip, where string, s probedStream) {
	t.Helper()
	if clip.FrameRate > 0 && math.Abs(fraction(s.AvgFrameRate)-clip.FrameRate) > 0.02*clip.FrameRate {
		t.Errorf("%s has %s frames a second, want %v", where, s.AvgFrameRate, clip.FrameRate)
	}
	if s.SampleAspectRatio != "1:1" && s.SampleAspectRatio != "" {
		t.Errorf("%s has pixels of %s, want square ones", where, s.SampleAspectRatio)
	}
	if len(s.SideData) > 0 && s.SideData[0].Rotation != 0 {
		t.Errorf("%s still says that it wants to be turned", where)
	}
}

func checkCodec(t *testing.T, where string, s probedStream) {
	t.Helper()
	want := map[string]string{"video": "h264", "audio": "aac"}[s.CodecType]
	if s.CodecName != want {
		t.Errorf("%s: codec %s of a %s track, want %s", where, s.CodecName, s.CodecType, want)
	}
	if s.CodecType == "video" && s.PixFmt != "yuv420p" && s.PixFmt != "yuvj420p" {
		t.Errorf("%s: pixel format %s, not every phone plays that", where, s.PixFmt)
	}
}

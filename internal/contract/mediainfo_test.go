package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/video"
)

func TestMediainfoIsWrittenAsTheContractSays(t *testing.T) {
	text, err := contract.MediainfoText(video.Media{
		Filename: "a & b.mp4", Format: "mp4", Size: 1234567, Duration: 29_970 * time.Millisecond, Bitrate: 329_000,
		Video: []video.VideoTrack{{
			Codec: "AVC", Profile: "High", Bitrate: 300_000, Duration: 29_970 * time.Millisecond, FrameCount: 898,
			Width: 720, Height: 576, FrameRate: video.Ratio{Num: 30000, Den: 1001}, ScanType: "progressive",
			BitDepth: 8, ColorSpace: "ITU_709", Rotation: 90, PixelAspect: video.Ratio{Num: 64, Den: 45},
		}},
		Audio: []video.AudioTrack{{Codec: "AAC", Bitrate: 29_000, Duration: 29_952 * time.Millisecond, Language: "eng", Channels: 2, SamplingRate: 48000}},
		Text:  []video.TextTrack{{Format: "WEBVTT", Language: "deu"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/mediainfo.json", indented(t, text))
}

func TestAFileWithoutTracksHasNoLists(t *testing.T) {
	text, err := contract.MediainfoText(video.Media{Filename: "a.mp4"})
	if err != nil {
		t.Fatal(err)
	}
	if text != `{"filename":"a.mp4","container":{"fileSize":0,"duration":0}}` {
		t.Errorf("srcMediainfo is %s", text)
	}
}

func TestAFileThatClaimsThousandsOfTracksIsBounded(t *testing.T) {
	text, err := contract.MediainfoText(video.Media{
		Video: make([]video.VideoTrack, 9000), Audio: make([]video.AudioTrack, 9000), Text: make([]video.TextTrack, 9000),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 32*1024 {
		t.Errorf("srcMediainfo has %d bytes", len(text))
	}
	if n := strings.Count(text, `"width"`); n != 64 {
		t.Errorf("%d picture tracks are told of", n)
	}
}

func TestTimesAreUTCWithMilliseconds(t *testing.T) {
	at := time.Date(2026, 11, 23, 1, 2, 3, 4_999_999, time.FixedZone("", 3600))
	if got := contract.Time(at); got != "2026-11-23T00:02:03.004Z" {
		t.Errorf("time is %s", got)
	}
}

package transcode

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func mp4Of(t *testing.T, name string, w want) (tree, seen) {
	t.Helper()
	w.groups = []string{"CMAF", "MP4"}
	tr := encode(t, name, w)
	for n, path := range tr.files {
		if strings.HasPrefix(n, "MP4/") {
			return tr, look(t, path)
		}
	}
	t.Fatal("no MP4")
	return tr, seen{}
}

func TestPicturesOfEveryKindComeOutAsPlain420(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]want{
		"anamorphic.mp4":            {sizes: [][2]int{{256, 144}}},
		"odd.mkv":                   {sizes: [][2]int{{160, 90}}},
		"prores.mov":                {sizes: ladder[:1]},
		"hdr.mov":                   {sizes: ladder[:1], hdr: true},
		"uneven.mp4":                {sizes: ladder[:1]},
		"live.webm":                 {sizes: ladder[:1]},
		"frame.mp4":                 {sizes: ladder[:1]},
		"book-640x480-4x3.mkv":      {sizes: [][2]int{{160, 120}}},
		"bottle-640x360-silent.mp4": {sizes: ladder[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, s := mp4Of(t, name, w)
			v := s.Streams[0]
			if len(s.Streams) != 1 || v.PixelFormat != "yuv420p" || v.Width != w.sizes[0][0] || v.Height != w.sizes[0][1] || v.Aspect != "1:1" {
				t.Errorf("%+v", s.Streams)
			}
			if w.hdr && v.Transfer != "bt709" {
				t.Errorf("transfer %s", v.Transfer)
			}
		})
	}
}

func TestAPhoneHeldUprightKeepsItsPicture(t *testing.T) {
	t.Parallel()
	for rotate, wanted := range map[string][]string{
		"AUTO":        {"red", "red", "blue", "blue"}, // left is on top after a quarter turn
		"DEGREE_0":    {"red", "blue", "red", "blue"},
		"DEGREES_90":  {"red", "red", "blue", "blue"},
		"DEGREES_180": {"blue", "red", "blue", "red"},
		"DEGREES_270": {"blue", "blue", "red", "red"},
	} {
		t.Run(rotate, func(t *testing.T) {
			t.Parallel()
			size := [2]int{120, 160}
			if rotate == "DEGREE_0" || rotate == "DEGREES_180" {
				size = [2]int{160, 120}
			}
			tr, s := mp4Of(t, "upright.mp4", want{sizes: [][2]int{size}, rotate: rotate})
			path := tr.path(fmt.Sprintf("MP4/clip_%d.mp4", size[1]))
			if got := corners(t, path); !slices.Equal(got, wanted) {
				t.Errorf("corners %v, want %v", got, wanted)
			}
			if len(s.Streams[0].SideData) > 0 {
				t.Errorf("the output carries %v", s.Streams[0].SideData)
			}
		})
	}
}

func TestWhatTheServiceDoesNotRotateStaysAsItIsCoded(t *testing.T) {
	t.Parallel()
	for _, rotate := range []string{"AUTO", "DEGREE_0", "DEGREES_90"} {
		tr, _ := mp4Of(t, "fullup.mp4", want{sizes: [][2]int{{160, 120}}, rotate: rotate})
		if got := corners(t, tr.path("MP4/clip_120.mp4")); !slices.Equal(got, []string{"red", "blue", "red", "blue"}) {
			t.Errorf("%s: corners %v", rotate, got)
		}
	}
}

func TestAnotherShapeIsPaddedUnlessStretched(t *testing.T) {
	t.Parallel()
	padded := encode(t, "halves.mp4", want{sizes: [][2]int{{320, 120}}, groups: []string{"MP4"}})
	stretched := encode(t, "halves.mp4", want{sizes: [][2]int{{320, 120}}, groups: []string{"MP4"}, edit: func(s m) {
		o := s["outputGroups"].([]any)[0].(m)["outputs"].([]any)[0].(m)
		o["videoDescription"].(m)["scalingBehavior"] = "STRETCH_TO_OUTPUT"
	}})
	if got := darkColumns(t, padded.path("MP4/clip_120.mp4")); got != 160 {
		t.Errorf("%d black columns when padded, want 160", got)
	}
	if got := darkColumns(t, stretched.path("MP4/clip_120.mp4")); got != 0 {
		t.Errorf("%d black columns when stretched, want none", got)
	}
}

func TestSoundShorterThanThePictureGoesOnInSilence(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"shortsound.mp4", "latesound.mp4", "latepicture.mp4", "longsound.mp4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := encode(t, name, want{sizes: ladder[1:], tracks: first, groups: []string{"CMAF"}})
			g := tr.OutputGroupDetails[0]
			picture, sound := g.OutputDetails[0].DurationInMs, g.OutputDetails[1].DurationInMs
			if sound < picture-25 {
				t.Errorf("sound ends at %d ms, the picture at %d ms", sound, picture)
			}
			if picture < 2000 {
				t.Errorf("the picture ends at %d ms", picture)
			}
		})
	}
}

func TestLateSoundBeginsWhenItShould(t *testing.T) {
	t.Parallel()
	tr := encode(t, "latesound.mp4", want{sizes: ladder[1:], tracks: first, groups: []string{"CMAF", "MP4"}})
	about(t, "onset", onset(t, tr.joined("CMAF/clip_audio1", "cmfa")), 1.5, 0.05)
	about(t, "onset", onset(t, tr.path("MP4/clip_90.mp4")), 1.5, 0.05)
}

func TestTwoLanguagesAreTwoRenditions(t *testing.T) {
	t.Parallel()
	tr := encode(t, "two.mkv", want{sizes: ladder, tracks: []int{1, 2}, groups: []string{"CMAF", "HLS", "MP4"}})
	for _, master := range []string{"CMAF/clip.m3u8", "HLS/clip.m3u8"} {
		for _, wanted := range []string{
			`NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="clip_audio1.m3u8"`,
			`NAME="French",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="2",URI="clip_audio2.m3u8"`,
		} {
			if !strings.Contains(tr.text(master), wanted) {
				t.Errorf("%s lacks %s:\n%s", master, wanted, tr.text(master))
			}
		}
	}
	if s := look(t, tr.path("MP4/clip_180.mp4")).Streams; len(s) != 3 || s[1].Tags["language"] != "eng" || s[2].Tags["language"] != "fra" {
		t.Errorf("MP4: %+v", s)
	}
}

func TestTwoMonoTracksMakeOneStereoRendition(t *testing.T) {
	t.Parallel()
	tr := encode(t, "monos.mov", want{sizes: ladder[1:], tracks: first, groups: []string{"MP4"}, edit: func(s m) {
		sel := s["inputs"].([]any)[0].(m)["audioSelectors"].(m)["Audio Selector 1"].(m)
		sel["tracks"] = []int{1, 2}
	}})
	if a := look(t, tr.path("MP4/clip_90.mp4")).Streams[1]; a.Channels != 2 {
		t.Errorf("%+v", a)
	}
	left, right := loudness(t, tr.path("MP4/clip_90.mp4"))
	if left < -30 || right > -60 {
		t.Errorf("left %.0f dB, right %.0f dB; want tone and silence", left, right)
	}
}

func TestSurroundSoundStaysOrIsMixedDown(t *testing.T) {
	t.Parallel()
	for coding, channels := range map[string]int{"CODING_MODE_5_1": 6, "CODING_MODE_2_0": 2, "CODING_MODE_1_0": 1} {
		_, s := mp4Of(t, "surround.mkv", want{sizes: ladder[1:], tracks: first, coding: coding})
		if s.Streams[1].Channels != channels {
			t.Errorf("%s: %d channels", coding, s.Streams[1].Channels)
		}
	}
}

func TestSoundAloneHasNoPictureEvenWithCoverArt(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sound.m4a", "cover.mp3"} {
		tr := encode(t, name, want{tracks: first, groups: []string{"CMAF", "HLS", "DASH", "MP4"}})
		if s := look(t, tr.path("MP4/clip_audio.mp4")).Streams; len(s) != 1 || s[0].CodecType != "audio" {
			t.Errorf("%s: %+v", name, s)
		}
		master := tr.text("CMAF/clip.m3u8")
		if !strings.Contains(master, `CODECS="mp4a.40.2"`) || strings.Contains(master, "RESOLUTION") {
			t.Errorf("%s:\n%s", name, master)
		}
	}
}

func TestASizeThatChangesMidwayIsScaled(t *testing.T) {
	t.Parallel()
	both := append(contents(t, clip(t, "wide.ts")), contents(t, clip(t, "square.ts"))...)
	tr := encodeFile(t, written(t, "change.ts", both), want{sizes: ladder[1:], groups: []string{"CMAF", "JPEG"}})
	about(t, "duration", float64(tr.OutputGroupDetails[0].OutputDetails[0].DurationInMs), 6000, 150)
}

func TestUnusualCodecsAndFields(t *testing.T) {
	t.Parallel()
	_, s := mp4Of(t, "dts.mkv", want{sizes: ladder[1:], tracks: first})
	if len(s.Streams) != 2 {
		t.Errorf("DTS: %+v", s.Streams)
	}
	tr := encode(t, "interlaced.ts", want{sizes: ladder[1:], groups: []string{"MP4"}, edit: func(s m) {
		o := s["outputGroups"].([]any)[0].(m)["outputs"].([]any)[0].(m)
		o["videoDescription"].(m)["videoPreprocessors"] = m{"deinterlacer": m{"algorithm": "INTERPOLATE", "control": "NORMAL", "mode": "DEINTERLACE"}}
	}})
	about(t, "interlaced", float64(tr.OutputGroupDetails[0].OutputDetails[0].DurationInMs), 4000, 100)
}

func TestFrameCapturesBeginAtZeroAndFollowTheInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clip    string
		capture m
		count   int
	}{
		{"silent.mp4", m{"framerateNumerator": 1, "framerateDenominator": 1}, 4},
		{"silent.mp4", m{"framerateNumerator": 1, "framerateDenominator": 1, "maxCaptures": 2}, 2},
		{"silent.mp4", m{"framerateNumerator": 1, "framerateDenominator": 60}, 1},
		{"half.mp4", m{"framerateNumerator": 24, "framerateDenominator": 1, "maxCaptures": 12}, 12},
		{"frame.mp4", m{"framerateNumerator": 1, "framerateDenominator": 5}, 1},
		{"aframelate.mkv", m{"framerateNumerator": 1, "framerateDenominator": 5}, 1},
	} {
		tr := encode(t, c.clip, want{sizes: ladder[1:], groups: []string{"JPEG"}, capture: c.capture})
		if n := len(tr.files); n != c.count {
			t.Errorf("%s %v: %d stills, want %d", c.clip, c.capture, n, c.count)
		}
	}
}

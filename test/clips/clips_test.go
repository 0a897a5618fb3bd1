package clips

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"testing"
)

// probe is the part of ffprobe's answer that the table tells.
type probe struct {
	Format  struct{ Duration string }
	Streams []struct {
		CodecType         string `json:"codec_type"`
		Width, Height     int
		SampleAspectRatio string `json:"sample_aspect_ratio"`
		AvgFrameRate      string `json:"avg_frame_rate"`
		RFrameRate        string `json:"r_frame_rate"`
		Channels          int
		Tags              struct{ Language string }
		SideData          []struct{ Rotation int } `json:"side_data_list"`
	}
}

// The end-to-end tests compare the product's answers with the table, so the
// table must be true of the files, as ffprobe sees them.
func TestEveryClipIsWhatTheTableSays(t *testing.T) {
	maker := &Maker{Dir: t.TempDir()}
	for _, clip := range Good {
		t.Run(clip.File, func(t *testing.T) {
			path, err := maker.Make(clip)
			if err != nil {
				t.Fatal(err)
			}
			check(t, clip, ask(t, path))
		})
	}
}

func ask(t *testing.T, path string) probe {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var p probe
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func check(t *testing.T, clip Clip, p probe) {
	t.Helper()
	if seconds, _ := strconv.ParseFloat(p.Format.Duration, 64); math.Abs(seconds-clip.Seconds) > 0.2 {
		t.Errorf("length %v s, table says %v", seconds, clip.Seconds)
	}
	var languages []string
	width, height, rotated := 0, 0, false
	for _, s := range p.Streams {
		switch s.CodecType {
		case "video":
			width, height = displayed(s.Width, s.Height, s.SampleAspectRatio)
			rotated = len(s.SideData) > 0 && s.SideData[0].Rotation%180 != 0
			if varies := s.AvgFrameRate != s.RFrameRate; varies != (clip.FrameRate == 0) {
				t.Errorf("frame rate %s, on average %s; table says %v", s.RFrameRate, s.AvgFrameRate, clip.FrameRate)
			}
		case "audio":
			languages = append(languages, map[bool]string{true: "und", false: s.Tags.Language}[s.Tags.Language == ""])
			if s.Channels != clip.Channels {
				t.Errorf("%d channels, table says %d", s.Channels, clip.Channels)
			}
		}
	}
	if rotated {
		width, height = height, width
	}
	if width != clip.Width || height != clip.Height {
		t.Errorf("shown as %dx%d, table says %dx%d", width, height, clip.Width, clip.Height)
	}
	if fmt.Sprint(languages) != fmt.Sprint(clip.Sounds) {
		t.Errorf("sound tracks %v, table says %v", languages, clip.Sounds)
	}
}

func displayed(width, height int, aspect string) (int, int) {
	var num, den int
	if n, _ := fmt.Sscanf(aspect, "%d:%d", &num, &den); n == 2 && num > 0 && den > 0 {
		width = int(math.Round(float64(width) * float64(num) / float64(den)))
	}
	return width, height
}

func TestNothingThatIsSpoiltPlaysToItsEnd(t *testing.T) {
	maker := &Maker{Dir: t.TempDir()}
	for _, clip := range Bad {
		t.Run(clip.File, func(t *testing.T) {
			path, err := maker.Make(clip)
			if err != nil {
				t.Fatal(err)
			}
			out, _ := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-i", path, "-f", "null", "-").CombinedOutput()
			if len(out) == 0 && clip.File != JPEG.File {
				t.Error("ffmpeg has nothing to say against it")
			}
		})
	}
}

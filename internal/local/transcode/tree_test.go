package transcode

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is what a job published, by its path below s3://dest/.
type tree struct {
	t     *testing.T
	files map[string]string
	*Result
}

// encode runs a job on a clip.
func encode(t *testing.T, name string, w want) tree {
	t.Helper()
	return encodeFile(t, clip(t, name), w)
}

func encodeFile(t *testing.T, path string, w want) tree {
	t.Helper()
	result, err := (&Transcoder{}).Run(t.Context(), Job{
		Settings: checked(t, w), Inputs: []Input{{path, "s3://source/clip.mp4"}}, Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatalf("encode %s: %v", filepath.Base(path), err)
	}
	tr := tree{t, map[string]string{}, result}
	for _, f := range result.Files {
		tr.files[strings.TrimPrefix(f.URI, "s3://dest/")] = f.Path
	}
	return tr
}

func (tr tree) text(name string) string {
	tr.t.Helper()
	return string(contents(tr.t, tr.path(name)))
}

func (tr tree) path(name string) string {
	tr.t.Helper()
	path, ok := tr.files[name]
	if !ok {
		tr.t.Fatalf("no %s among %q", name, tr.names())
	}
	return path
}

func (tr tree) names() []string {
	var names []string
	for n := range tr.files {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// joined puts a rendition's parts into one file that ffprobe reads: stem and
// extension as in "CMAF/clip_180", "cmfv".
func (tr tree) joined(stem, ext string) string {
	tr.t.Helper()
	var data []byte
	if ext != "ts" {
		data = contents(tr.t, tr.path(stem+"init."+ext))
	}
	for n := 1; tr.files[segmentName(stem, ext, n)] != ""; n++ {
		data = append(data, contents(tr.t, tr.path(segmentName(stem, ext, n)))...)
	}
	return written(tr.t, "joined."+ext, data)
}

// seen is what ffprobe says of a file.
type seen struct {
	Streams []struct {
		CodecName   string            `json:"codec_name"`
		CodecType   string            `json:"codec_type"`
		Profile     string            `json:"profile"`
		PixelFormat string            `json:"pix_fmt"`
		Width       int               `json:"width"`
		Height      int               `json:"height"`
		Aspect      string            `json:"sample_aspect_ratio"`
		Rate        string            `json:"avg_frame_rate"`
		Transfer    string            `json:"color_transfer"`
		Channels    int               `json:"channels"`
		StartTime   string            `json:"start_time"`
		Duration    string            `json:"duration"`
		Packets     string            `json:"nb_read_packets"`
		Tags        map[string]string `json:"tags"`
		SideData    []struct {
			Type string `json:"side_data_type"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Packets []struct {
		Time  string `json:"pts_time"`
		Flags string `json:"flags"`
	} `json:"packets"`
}

func look(t *testing.T, path string, extra ...string) seen {
	t.Helper()
	args := append([]string{"-v", "error", "-of", "json", "-count_packets", "-show_streams"}, extra...)
	out, err := exec.Command("ffprobe", append(args, path)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", path, err)
	}
	var s seen
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// keyFrames are their times from the first one, in seconds.
func keyFrames(t *testing.T, path string) []float64 {
	t.Helper()
	var times []float64
	for _, p := range look(t, path, "-show_packets", "-select_streams", "v").Packets {
		if strings.HasPrefix(p.Flags, "K") {
			times = append(times, seconds(p.Time))
		}
	}
	for i := len(times) - 1; i >= 0; i-- {
		times[i] = math.Round((times[i]-times[0])*1000) / 1000
	}
	return times
}

// corners are the colours of a picture's four quarters, as "red" or "blue".
func corners(t *testing.T, path string) []string {
	t.Helper()
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-frames:v", "1",
		"-vf", "format=rgb24,scale=4:4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil || len(raw) != 48 {
		t.Fatalf("look at %s: %v (%d bytes)", path, err, len(raw))
	}
	var names []string
	for _, pixel := range []int{0, 3, 12, 15} {
		i := pixel * 3
		name := "red"
		if raw[i] < raw[i+2] {
			name = "blue"
		}
		names = append(names, name)
	}
	return names
}

// onset is when the sound of a file begins, in seconds from its first sample.
func onset(t *testing.T, path string) float64 {
	t.Helper()
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-vn", "-ac", "1", "-ar", "48000", "-f", "s16le", "-").Output()
	if err != nil {
		t.Fatalf("decode %s: %v", path, err)
	}
	for i := 0; i+1 < len(raw); i += 2 {
		if v := int16(uint16(raw[i]) | uint16(raw[i+1])<<8); v > 600 || v < -600 {
			return float64(i/2) / 48000
		}
	}
	t.Fatalf("%s is silent", path)
	return 0
}

func about(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.4f, want %.4f ± %.4f", what, got, want, tolerance)
	}
}

func leftIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

package transcode

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// darkColumns counts the black columns of a file's first picture.
func darkColumns(t *testing.T, path string) int {
	t.Helper()
	width := look(t, path).Streams[0].Width
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-frames:v", "1",
		"-vf", "scale="+strconv.Itoa(width)+":1:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	dark := 0
	for i := 0; i+2 < len(raw); i += 3 {
		if int(raw[i])+int(raw[i+1])+int(raw[i+2]) < 60 {
			dark++
		}
	}
	return dark
}

var rms = regexp.MustCompile(`RMS level dB: (\S+)`)

// loudness is that of the left and the right channel, in dB.
func loudness(t *testing.T, path string) (left, right float64) {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "info", "-nostats", "-i", path, "-vn", "-af", "astats", "-f", "null", "-").CombinedOutput()
	found := rms.FindAllSubmatch(out, -1)
	if err != nil || len(found) < 2 {
		t.Fatalf("astats: %v\n%s", err, out)
	}
	level := func(i int) float64 {
		v, err := strconv.ParseFloat(string(found[i][1]), 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	return level(0), level(1)
}

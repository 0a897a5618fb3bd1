package trackheader

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/video"
)

// ffmpeg runs it and gives what it writes to its output.
func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal("ffmpeg is not installed: make demo installs what is missing")
	}
	cmd := exec.Command(path, append([]string{"-hide_banner", "-nostdin", "-v", "error", "-y"}, args...)...)
	var talk strings.Builder
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, talk.String())
	}
	return out
}

// clip makes a short video whose top left quarter is white.
func clip(t *testing.T, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	ffmpeg(t, append([]string{"-f", "lavfi", "-i", "color=black:s=96x64:r=10:d=0.5",
		"-vf", "drawbox=x=0:y=0:w=iw/2:h=ih/2:color=white:t=fill", "-c:v", "libx264", "-pix_fmt", "yuv420p"}, append(args, path)...)...)
	return path
}

// turned rewrites a file with a rotation for its viewers, in degrees
// counter-clockwise, as ffmpeg 5.1 takes it when it writes.
func turned(t *testing.T, path, degrees string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "turned"+filepath.Ext(path))
	ffmpeg(t, "-i", path, "-c", "copy", "-metadata:s:v", "rotate="+degrees, out)
	return out
}

func readFile(t *testing.T, path string) []Track {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	tracks, err := Read(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return tracks
}

// The white quarter travels clockwise with the rotation; where it is shown
// by a player that honours the header tells whether we read it right.
func TestRotationIsWhatAPlayerDoes(t *testing.T) {
	for degrees, c := range map[string]struct {
		rotation int
		corner   string
	}{
		"0": {0, "top left"}, "270": {90, "top right"}, "180": {180, "bottom right"}, "90": {270, "bottom left"},
	} {
		t.Run(degrees, func(t *testing.T) {
			path := turned(t, clip(t, "clip.mov"), degrees)
			track := readFile(t, path)[0]
			if track.Rotation != c.rotation || track.Width != 96 || track.Height != 64 || track.Samples != 5 {
				t.Errorf("read %+v", track)
			}
			if got := whiteCorner(t, path, track.Rotation); got != c.corner {
				t.Errorf("the white quarter is shown %s, want %s", got, c.corner)
			}
		})
	}
}

// whiteCorner decodes the first frame as a player does, rotated.
func whiteCorner(t *testing.T, path string, rotation int) string {
	t.Helper()
	width, height := 96, 64
	if rotation%180 != 0 {
		width, height = height, width
	}
	frame := ffmpeg(t, "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-")
	if len(frame) != width*height {
		t.Fatalf("a frame of %d bytes is not %d×%d", len(frame), width, height)
	}
	for name, at := range map[string]int{
		"top left":     height/4*width + width/4,
		"top right":    height/4*width + width*3/4,
		"bottom left":  height*3/4*width + width/4,
		"bottom right": height*3/4*width + width*3/4,
	} {
		if frame[at] > 128 {
			return name
		}
	}
	return "nowhere"
}

func TestPixelAspectOfRealFiles(t *testing.T) {
	for _, name := range []string{"pal.mp4", "pal.mov"} {
		path := filepath.Join(t.TempDir(), name)
		ffmpeg(t, "-f", "lavfi", "-i", "testsrc=s=720x576:r=25:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2",
			"-vf", "setsar=64/45", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", path)
		tracks := readFile(t, path)
		if len(tracks) != 2 || tracks[0].PixelAspect != (video.Ratio{Num: 64, Den: 45}) || tracks[1].Kind != Sound {
			t.Errorf("%s: read %+v", name, tracks)
		}
	}
}

func TestHeadersInEveryPlaceAreRead(t *testing.T) {
	for name, args := range map[string][]string{
		"at the end":   nil,
		"at the front": {"-movflags", "+faststart"},
		"fragmented":   {"-movflags", "+frag_keyframe+empty_moov"},
	} {
		t.Run(name, func(t *testing.T) {
			tracks := readFile(t, clip(t, "clip.mp4", args...))
			if len(tracks) != 1 || tracks[0].Width != 96 || tracks[0].Kind != Picture {
				t.Errorf("read %+v", tracks)
			}
		})
	}
}

func TestTheRepositorysClip(t *testing.T) {
	tracks := readFile(t, "../../media/car-768x432-aac.mp4")
	if len(tracks) != 2 || tracks[0].Width != 768 || tracks[0].Height != 432 || tracks[0].Rotation != 0 || tracks[0].Samples != 377 {
		t.Errorf("read %+v", tracks)
	}
}

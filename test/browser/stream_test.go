package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/rig"
)

// sound recipes: without the edit list, and the packager's own way.
const (
	noEditList   = "use_editlist=0:movflags=+negative_cts_offsets"
	withEditList = "movflags=+faststart"
)

// seconds is the test stream's length: one full segment and a short last
// one, which is where an edit list makes hls.js stand still.
const seconds = 6.16

// encode makes a small CMAF stream and an MP4 in dir.
func encode(t *testing.T, dir, picture, segmentOptions string) {
	t.Helper()
	packaged := func(name, ext string) []string {
		return []string{
			"-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_list_size", "0",
			"-hls_flags", "independent_segments", "-avoid_negative_ts", "disabled", "-hls_segment_options", segmentOptions,
			"-hls_fmp4_init_filename", name + "init." + ext,
			"-hls_segment_filename", filepath.Join(dir, name+"_%d."+ext), filepath.Join(dir, name+".m3u8"),
		}
	}
	h264 := []string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "38", "-force_key_frames", "expr:gte(t,n_forced*3)"}
	args := []string{"-nostdin", "-v", "error", "-i", filepath.Join(media(t), "car-768x432-aac.mp4"), "-t", fmt.Sprint(seconds)}
	args = append(args, "-map", "0:v", "-vf", picture)
	args = append(append(args, h264...), packaged("v", "cmfv")...)
	args = append(args, "-map", "0:a", "-t", fmt.Sprint(seconds), "-c:a", "aac", "-ar", "48000", "-bsf:a", `noise=drop=eq(n\,0)`)
	args = append(args, packaged("a", "cmfa")...)
	args = append(args, "-map", "0:v", "-map", "0:a", "-t", fmt.Sprint(seconds), "-vf", picture, "-movflags", "+faststart")
	args = append(append(args, h264...), filepath.Join(dir, "v.mp4"))
	if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("encode the test stream: %v: %s", err, out)
	}
	write(t, filepath.Join(dir, "main.m3u8"), master)
}

const master = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=469968,CODECS="avc1.640015,mp4a.40.2",RESOLUTION=320x180,AUDIO="audio"
v.m3u8
`

func media(t *testing.T) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "media")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// serve answers with the files of dir, and with CORS headers unless the path
// begins with /closed.
func serve(t *testing.T, dir string) string {
	t.Helper()
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, closed := strings.CutPrefix(r.URL.Path, "/closed"); closed {
			r.URL.Path = path
		} else {
			w.Header().Set("Access-Control-Allow-Origin", "*")
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

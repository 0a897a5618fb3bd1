package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the end-to-end tests rely on is that the harness tells a good stream
// from a broken one, so that is what is tested: all cases in one browser.
func TestTheHarnessTellsAGoodStreamFromABrokenOne(t *testing.T) {
	base := streams(t)
	good := Expect{Size: "320x180", Seconds: seconds, FrameRate: 12.5, Sound: true}
	goodStream := good
	goodStream.Levels, goodStream.Sounds = new(1), new(1)
	cases := []struct {
		name, player, url string
		expect            Expect
		problem           string // part of what must be reported, empty when all is well
	}{
		{"a good stream plays to its end in hls.js", HLS, "/good/main.m3u8", goodStream, ""},
		{"a good stream plays to its end in Shaka Player", Shaka, "/good/main.m3u8", goodStream, ""},
		{"a good MP4 plays to its end", Native, "/good/v.mp4", good, ""},
		{"a missing segment is a problem", HLS, "/missing/main.m3u8", Expect{}, "404"},
		{"an edit list that keeps hls.js from its end is a problem", HLS, "/editlist/main.m3u8", Expect{}, "did not reach its end: stalled"},
		{"a black picture is a problem", HLS, "/black/main.m3u8", Expect{}, "stayed black"},
		{"a still picture is a problem", Native, "/still/v.mp4", Expect{}, "hardly changed"},
		{"a stream that other origins may not read is a problem", HLS, "/closed/good/main.m3u8", Expect{}, "fatal: networkError"},
		{"half an MP4 is a problem", Native, "/half/v.mp4", good, "frames:"},
		{"another length is a problem", Native, "/good/v.mp4", Expect{Seconds: seconds + 1}, "length:"},
		{"another size is a problem", HLS, "/good/main.m3u8", Expect{Size: "640x360"}, "size:"},
		{"another number of rungs is a problem", HLS, "/good/main.m3u8", Expect{Levels: new(3)}, "levels: 1, expected 3"},
	}
	var plays []Play
	for _, c := range cases {
		plays = append(plays, Play{Name: c.name, Player: c.player, URL: base + c.url, StallMilliseconds: 3000, Expect: c.expect})
	}
	results, err := Run(t.Context(), plays)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			said := strings.Join(results[i].Problems, "; ")
			if (c.problem == "") != results[i].OK || !strings.Contains(said, c.problem) {
				t.Errorf("problems reported: %q, want %q", said, c.problem)
			}
		})
	}
}

// streams makes the good stream and the broken ones, and serves them.
func streams(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	made := func(name, picture, segmentOptions string) string {
		dir := filepath.Join(root, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		encode(t, dir, picture, segmentOptions)
		return dir
	}
	made("good", "scale=320:180,setsar=1", noEditList)
	made("editlist", "scale=320:180,setsar=1", withEditList)
	made("black", "scale=320:180,setsar=1,eq=brightness=-1", noEditList)
	made("still", "select=eq(n\\,0),scale=320:180,setsar=1,tpad=stop_mode=clone:stop_duration=6,fps=25", noEditList)
	if err := os.Remove(filepath.Join(made("missing", "scale=320:180,setsar=1", noEditList), "v_1.cmfv")); err != nil {
		t.Fatal(err)
	}
	half(t, filepath.Join(made("half", "scale=320:180,setsar=1", noEditList), "v.mp4"))
	return serve(t, root)
}

// half cuts a file in the middle.
func half(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
}

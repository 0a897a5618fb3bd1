package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// A baseline that leaves work out would flatter us less than it should, and
// one that fails would not be a baseline.
func TestTheCommandByHandMakesEveryOutputOfTheJob(t *testing.T) {
	maker := &clips.Maker{Dir: t.TempDir()}
	source, err := maker.Make(clips.Car)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ffmpeg", handWritten(source)...)
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	// The clip has 30.16 s: six segments of each of the four renditions.
	for pattern, want := range map[string]int{
		"*.m3u8": 4, "*init.mp4": 4, "[0-9]*p_*.mp4": 18, "audio_*.mp4": 6, "car.mp4": 1, "thumb.*.jpg": 7, "poster.*.jpg": 7,
	} {
		found, _ := filepath.Glob(filepath.Join(cmd.Dir, pattern))
		if len(found) != want {
			t.Errorf("%d files %s, want %d: %v", len(found), pattern, want, found)
		}
	}
}

func TestATargetThatIsMissedFailsTheRun(t *testing.T) {
	var r report
	r.promise("quick", "1 s", "≤ 2 s", true)
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Error(err)
	}
	r.promise("slow", "3 s", "≤ 2 s", false)
	if err := r.print(&out); err == nil || !strings.Contains(err.Error(), "slow") {
		t.Errorf("the missed target is not named: %v", err)
	}
}

func TestQuantilesAreOfTheSortedSample(t *testing.T) {
	sample := []time.Duration{5, 1, 4, 2, 3}
	if got := quantile(sample, 0.5); got != 3 {
		t.Errorf("the median is %d, want 3", got)
	}
	if got := quantile(sample, 0.99); got != 5 {
		t.Errorf("the 99th percentile is %d, want 5", got)
	}
}

func TestAFlowMeetsItsTargetsOrSaysWhichItMisses(t *testing.T) {
	for _, c := range []struct {
		flow   flow
		missed string // words of the figures, empty for none
	}{
		{flow{videos: 200, took: 50 * time.Second, waits: []time.Duration{time.Second, 8 * time.Second, 30 * time.Second}}, ""},
		{flow{videos: 200, took: 51 * time.Second, waits: []time.Duration{time.Second, time.Second, time.Second}}, "a second"},
		{flow{videos: 200, took: 50 * time.Second, waits: []time.Duration{time.Second, 9 * time.Second, 30 * time.Second}}, "median"},
		{flow{videos: 200, took: 50 * time.Second, waits: []time.Duration{time.Second, time.Second, 31 * time.Second}}, "slowest"},
	} {
		var r report
		c.flow.report(&r)
		var out strings.Builder
		err := r.print(&out)
		if (err == nil) != (c.missed == "") || err != nil && (!strings.Contains(err.Error(), c.missed) || !strings.Contains(err.Error(), "1 targets")) {
			t.Errorf("%+v: %v, want %q missed", c.flow, err, c.missed)
		}
	}
}

func TestTheNumberOfVideosIsReadAndBounded(t *testing.T) {
	for given, want := range map[string]int{"": 1000, "50": 50, "10": 10} {
		if n, err := manyVideos(given); err != nil || n != want {
			t.Errorf("%q: %d %v, want %d", given, n, err, want)
		}
	}
	for _, given := range []string{"9", "many", "-5"} {
		if _, err := manyVideos(given); err == nil {
			t.Errorf("%q is taken for a number of videos", given)
		}
	}
}

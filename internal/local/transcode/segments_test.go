package transcode

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Eyevinn/dash-mpd/mpd"
	"github.com/Eyevinn/hls-m3u8/m3u8"
)

// leastEnd is the MinFinalSegmentLength of the jobs here, in seconds; their
// segments are two seconds long.
const leastEnd = 1.0

// lasting makes a clip of those lengths in seconds; one of 0 is left out.
func lasting(t *testing.T, picture, sound float64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clip.mp4")
	args := []string{"-v", "error", "-nostdin"}
	if picture > 0 {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=64x36:r=25:d=%g", picture))
	}
	if sound > 0 {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("sine=r=48000:d=%g", sound))
	}
	args = append(args, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path)
	if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("make a clip: %v\n%s", err, out)
	}
	return path
}

// withLeastEnd asks all groups for no shorter last segment.
func withLeastEnd(s m) {
	for _, group := range s["outputGroups"].([]any) {
		settings := group.(m)["outputGroupSettings"].(m)
		for _, kind := range []string{"cmafGroupSettings", "hlsGroupSettings", "dashIsoGroupSettings"} {
			if g, ok := settings[kind].(m); ok {
				g["minFinalSegmentLength"] = leastEnd
			}
		}
	}
}

func TestSegmentsCoverAClipOfAnyLengthWithoutAShortOneAtItsEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what           string
		picture, sound float64
	}{
		{"whole segments", 4, 4},
		{"a frame more", 4.04, 4.04},
		{"four frames more", 4.16, 4.16},
		{"a frame less", 3.96, 3.96},
		{"a last segment that is just long enough", 5, 5},
		{"a last segment that is just too short", 4.96, 4.96},
		{"shorter than a segment", 1.2, 1.2},
		{"shorter than the shortest last segment", 0.4, 0.4},
		{"no sound", 4.16, 0},
		{"sound alone", 0, 4.16},
		{"sound that ends a second earlier", 4.5, 3.5},
		{"sound that ends a second later", 3.5, 4.5},
		{"sound that ends in another segment than the picture", 2.5, 4.2},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			w := want{groups: []string{"CMAF", "HLS", "DASH"}, edit: withLeastEnd}
			if c.picture > 0 {
				w.sizes = [][2]int{{64, 36}, {48, 28}}
			}
			if c.sound > 0 {
				w.tracks = first
			}
			tr := encodeFile(t, lasting(t, c.picture, c.sound), w)
			// Sound is padded to the picture's length, and never cut.
			wanted := max(c.picture, c.sound)
			for name := range tr.files {
				switch {
				case strings.HasSuffix(name, ".mpd"):
					checkTimelines(t, tr, name)
				case strings.HasSuffix(name, ".m3u8") && !strings.HasSuffix(name, "/clip.m3u8"):
					checkPlaylist(t, tr, name, c.picture, wanted)
				}
			}
		})
	}
}

// checkPlaylist holds a rendition's playlist against its length: the
// picture's, or up to the longest of all.
func checkPlaylist(t *testing.T, tr tree, name string, least, most float64) {
	t.Helper()
	list, _, err := m3u8.Decode(*bytes.NewBufferString(tr.text(name)), true)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	media := list.(*m3u8.MediaPlaylist)
	var lengths []float64
	sum := 0.0
	for _, s := range media.GetAllSegments() {
		lengths = append(lengths, s.Duration)
		sum += s.Duration
		tr.path(filepath.Dir(name) + "/" + s.URI)
	}
	checkEnd(t, name, lengths)
	// A packet of AAC is 21 ms, a frame here 40 ms.
	if sum < least-0.05 || sum > most+0.05 {
		t.Errorf("%s adds up to %.3f s, want %.3f to %.3f s", name, sum, least, most)
	}
	if longest := math.Round(slices.Max(lengths)); float64(media.TargetDuration) < longest {
		t.Errorf("%s has the target duration %d and a segment of %.3f s", name, media.TargetDuration, slices.Max(lengths))
	}
}

func checkEnd(t *testing.T, name string, lengths []float64) {
	t.Helper()
	if n := len(lengths); n > 1 && lengths[n-1] < leastEnd {
		t.Errorf("the last segment of %s lasts %.3f s", name, lengths[n-1])
	}
}

// checkTimelines holds a DASH manifest against its representations: each
// without a hole, and all over before the manifest is.
func checkTimelines(t *testing.T, tr tree, name string) {
	t.Helper()
	doc, err := mpd.ReadFromString(tr.text(name))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	end := 0.0
	for _, set := range doc.Periods[0].AdaptationSets {
		for _, r := range set.Representations {
			lengths, reached := timelineOf(t, name, r)
			checkEnd(t, name+" "+r.Id, lengths)
			end = max(end, reached)
		}
	}
	// dash.js compares five digits.
	if excess := doc.MediaPresentationDuration.Seconds() - end; excess < 0.000005 || excess > 0.0011 {
		t.Errorf("%s lasts %s, its media end at %.6f s", name, doc.MediaPresentationDuration, end)
	}
}

// timelineOf are the lengths of a representation's segments, and where the
// last one ends.
func timelineOf(t *testing.T, name string, r *mpd.RepresentationType) (lengths []float64, end float64) {
	t.Helper()
	scale, at := float64(*r.SegmentTemplate.Timescale), uint64(0)
	for _, s := range r.SegmentTemplate.SegmentTimeline.S {
		if *s.T != at {
			t.Errorf("%s %s: a segment begins at %d, the one before ends at %d", name, r.Id, *s.T, at)
		}
		for range s.R + 1 {
			lengths = append(lengths, float64(s.D)/scale)
			at += s.D
		}
	}
	return lengths, float64(at) / scale
}

package encoding

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/video"
)

// sizes writes rungs as a test reads them best.
func sizes(rungs []Rung) string {
	var out []string
	for _, r := range rungs {
		out = append(out, fmt.Sprintf("%d×%d", r.Picture.Width, r.Picture.Height))
	}
	return strings.Join(out, " ")
}

func TestRungsOfASource(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int
		top           int
		want          string
	}{
		{"2160 lines have every rung", 3840, 2160, 2160, "3840×2160 1920×1080 1280×720 960×540 640×360 480×270"},
		{"the top rung limits", 3840, 2160, 540, "960×540 640×360 480×270"},
		{"432 lines top out at 432", 768, 432, 2160, "768×432 640×360 480×270"},
		{"480 lines of 4:3", 640, 480, 2160, "640×480 480×360 360×270"},
		{"a little over a rung takes its place", 1920, 1088, 2160, "1920×1088 1270×720 952×540 636×360 476×270"},
		{"a little over the top rung is the top rung", 1920, 1088, 1080, "1906×1080 1270×720 952×540 636×360 476×270"},
		{"between rungs, over the top rung", 2560, 1440, 1080, "1920×1080 1280×720 960×540 640×360 480×270"},
		{"a portrait is a portrait", 1080, 1920, 2160, "1080×1920 720×1280 540×960 360×640 270×480"},
		{"a square is a square", 600, 600, 2160, "600×600 540×540 360×360 270×270"},
		{"an odd size loses its odd line", 641, 361, 2160, "640×360 480×270"},
		{"a small source keeps its size", 176, 144, 2160, "176×144"},
		{"the smallest", 32, 32, 2160, "32×32"},
		{"a small source under a low top rung", 176, 144, 270, "176×144"},
		{"cinema", 4096, 1716, 2160, "4096×1716 2578×1080 1718×720 1288×540 860×360 644×270"},
		{"over what H.264 carries", 7680, 4320, 2160, "3840×2160 1920×1080 1280×720 960×540 640×360 480×270"},
		{"over what H.264 carries, without limit", 7680, 4320, 0, "3840×2160 1920×1080 1280×720 960×540 640×360 480×270"},
		{"a square over what H.264 carries", 4000, 4000, 0, "2160×2160 1080×1080 720×720 540×540 360×360 270×270"},
		{"a portrait over what H.264 carries", 2400, 3840, 0, "2160×3456 1080×1728 720×1152 540×864 360×576 270×432"},
		{"a panorama is narrowed", 7680, 1080, 2160, "4096×576 2560×360 1920×270"},
		{"too small", 31, 400, 2160, ""},
		{"too flat", 40000, 200, 2160, ""},
		{"nothing", 0, 0, 2160, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sizes(DefaultLadder().For(video.Picture{Width: c.width, Height: c.height}, c.top))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBitrates(t *testing.T) {
	for _, c := range []struct {
		name          string
		width, height int
		want          Rung
	}{
		{"a rung's own", 1920, 1080, Rung{Height: 1080, MaxBitrate: 8_500_000, Quality: 9}},
		{"between two rungs, of the upper one's quality", 768, 432, Rung{Height: 432, MaxBitrate: 2_300_000, Quality: 8}},
		{"under the lowest, by the area", 240, 134, Rung{Height: 134, MaxBitrate: 100_000, Quality: 7}},
		{"wider than 16:9, by the pixels", 2400, 1080, Rung{Height: 1080, MaxBitrate: 10_625_000, Quality: 9}},
		{"narrower than 16:9, the same cap", 1440, 1080, Rung{Height: 1080, MaxBitrate: 8_500_000, Quality: 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := DefaultLadder().For(video.Picture{Width: c.width, Height: c.height}, 0)[0]
			got.Picture = video.Picture{}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestTheLadderFile(t *testing.T) {
	var heights []int
	for _, r := range DefaultLadder().Rungs {
		heights = append(heights, r.Height)
	}
	if !slices.Equal(heights, []int{2160, 1080, 720, 540, 360, 270}) {
		t.Errorf("heights %v", heights)
	}
}

func TestALadderThatCannotBeRight(t *testing.T) {
	rung := func(h, b, q int) string { return fmt.Sprintf(`{"height":%d,"maxBitrate":%d,"quality":%d}`, h, b, q) }
	for name, c := range map[string]struct{ file, want string }{
		"not JSON":              {`{`, "read ladder"},
		"a key misspelled":      {`{"rungs":[{"hight":1}]}`, "hight"},
		"no rungs":              {`{"rungs":[]}`, "at least one rung"},
		"an odd height":         {`{"rungs":[` + rung(361, 1e6, 7) + `]}`, "rung 361: height"},
		"a height of 8K":        {`{"rungs":[` + rung(4320, 1e6, 7) + `]}`, "rung 4320: height"},
		"a quality beyond 10":   {`{"rungs":[` + rung(360, 1e6, 11) + `]}`, "rung 360: quality"},
		"kilobits":              {`{"rungs":[` + rung(360, 1500, 7) + `]}`, "rung 360: maxBitrate"},
		"rungs in wrong order":  {`{"rungs":[` + rung(360, 1e6, 7) + `,` + rung(540, 9e5, 7) + `]}`, "rung 540"},
		"a bitrate that climbs": {`{"rungs":[` + rung(540, 1e6, 7) + `,` + rung(360, 1e6, 7) + `]}`, "rung 360"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseLadder([]byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

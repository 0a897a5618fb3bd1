package transcode

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(contents(t, path)); got != want {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, got)
	}
}

// car is the repository's own clip as a source.
func car() *source {
	return &source{duration: 30.208, rotates: true, indexed: true,
		video: &picture{index: 0, width: 768, height: 432, rate: ratio{25, 2}, duration: 30.16},
		audio: []sound{{index: 1, language: "eng", channels: 2, layout: "stereo", duration: 30.16}}}
}

func planned(t *testing.T, src *source, w want) *plan {
	t.Helper()
	p, err := newPlan(checked(t, w), src, "s3://source/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// oneALine breaks ffmpeg's arguments so that a diff names one of them.
func oneALine(args []string) string {
	s := strings.Join(args, "\n")
	for _, sep := range []string{";", "|"} {
		s = strings.ReplaceAll(s, sep, sep+"\n    ")
	}
	return s + "\n"
}

func TestCommandLines(t *testing.T) {
	upright := car()
	upright.video.rotation = 90
	hdr := car()
	hdr.video.transfer, hdr.video.primaries, hdr.video.matrix = "smpte2084", "bt2020", "bt2020nc"
	wide := car()
	wide.video.pixelAspect = ratio{4, 3}
	two := car()
	two.audio = append(two.audio, sound{index: 2, language: "fra", channels: 6, layout: "5.1", duration: 30.16})
	for name, c := range map[string]struct {
		src *source
		w   want
	}{
		"default":   {car(), want{sizes: [][2]int{{768, 432}, {480, 270}}, tracks: first, groups: []string{"CMAF", "MP4", "JPEG"}}},
		"all":       {two, want{sizes: [][2]int{{768, 432}}, tracks: []int{1, 2}}},
		"upright":   {upright, want{sizes: [][2]int{{432, 768}}, groups: []string{"CMAF"}}},
		"unturned":  {upright, want{sizes: [][2]int{{768, 432}}, groups: []string{"CMAF"}, rotate: "DEGREE_0"}},
		"hdr":       {hdr, want{sizes: [][2]int{{768, 432}}, groups: []string{"MP4"}, hdr: true}},
		"padded":    {wide, want{sizes: [][2]int{{768, 432}}, groups: []string{"MP4"}}},
		"soundonly": {&source{duration: 7, audio: car().audio}, want{tracks: first}},
		"cbr":       {car(), want{sizes: [][2]int{{768, 432}}, groups: []string{"MP4"}, h264: m{"rateControlMode": "CBR", "bitrate": 800000, "gopSizeUnits": "AUTO", "codecLevel": "LEVEL_3_1", "numberReferenceFrames": 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, name+".args", oneALine(planned(t, c.src, c.w).args("/in/clip.mp4")))
		})
	}
}

// made are media as the car clip's renditions have them.
func made(p *plan) map[*group][]*media {
	all := map[*group][]*media{}
	for _, g := range p.groups {
		for _, o := range g.outputs {
			m := &media{timescale: 48000, codecs: []string{aacCodec}, rate: 48000, duration: 5.024, size: 80_000,
				segments: []segment{{"a", 32_000, 0, 96_256}, {"b", 32_000, 96_256, 96_256}, {"c", 16_000, 192_512, 48_640}}}
			if o.video != nil {
				m = &media{timescale: 12800, codecs: []string{"avc1.64001e"}, duration: 5.04, size: 250_000,
					segments: []segment{{"a", 100_000, 0, 25_600}, {"b", 110_000, 25_600, 25_600}, {"c", 40_000, 51_200, 13_312}}}
				if g.kind == hlsGroup && len(o.audio) > 0 {
					m.codecs = append(m.codecs, aacCodec)
				}
			}
			all[g] = append(all[g], m)
		}
	}
	return all
}

func TestManifests(t *testing.T) {
	two := car()
	two.audio = append(two.audio, sound{index: 2, language: "fra", channels: 6, layout: "5.1"})
	for name, c := range map[string]struct {
		src *source
		w   want
	}{
		"silent":    {car(), want{sizes: [][2]int{{768, 432}, {480, 270}}, groups: []string{"CMAF", "HLS", "DASH"}}},
		"muxed":     {car(), want{sizes: [][2]int{{768, 432}, {480, 270}}, tracks: first, groups: []string{"HLS"}}},
		"two":       {two, want{sizes: [][2]int{{768, 432}, {480, 270}}, tracks: []int{1, 2}, groups: []string{"CMAF", "HLS", "DASH"}}},
		"soundonly": {&source{duration: 7, audio: car().audio}, want{tracks: first, groups: []string{"CMAF", "HLS", "DASH"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := planned(t, c.src, c.w)
			all := made(p)
			var out strings.Builder
			for _, g := range p.groups {
				dir := t.TempDir()
				list, err := g.manifests(dir, all[g])
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range list {
					out.WriteString("== " + g.Name + "/" + f.name + "\n" + string(contents(t, filepath.Join(dir, f.local))) + "\n")
				}
			}
			golden(t, name+".manifests", out.String())
		})
	}
}

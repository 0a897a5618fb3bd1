package encoding

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/apimodel"
	"github.com/vodstack/vodstack/internal/video"
)

// checkRungs holds what is promised of the rungs of any source.
func checkRungs(t *testing.T, src video.Picture, top int, rungs []Rung) {
	t.Helper()
	for i, r := range rungs {
		p := r.Picture
		if p.Width > src.Width || p.Height > src.Height {
			t.Errorf("%v is enlarged to %v", src, p)
		}
		if p.Width%2 != 0 || p.Height%2 != 0 || p.ShortSide() < minSide || p.ShortSide() > maxShort || max(p.Width, p.Height) > maxLong {
			t.Errorf("%v: no encoder takes %v", src, p)
		}
		if top > 0 && p.ShortSide() > top {
			t.Errorf("%v: %v is over the top rung %d", src, p, top)
		}
		if p.ShortSide() != r.Height {
			t.Errorf("%v: rung %d is %v", src, r.Height, p)
		}
		checkShape(t, src, p)
		if i > 0 && (r.Height >= rungs[i-1].Height || r.MaxBitrate > rungs[i-1].MaxBitrate || r.Quality > rungs[i-1].Quality) {
			t.Errorf("%v: rung %+v follows %+v", src, r, rungs[i-1])
		}
		if r.MaxBitrate < minBitrate || r.MaxBitrate > 50_000_000 {
			t.Errorf("%v: rung %+v", src, r)
		}
	}
}

// checkShape allows each side two pixels from the source's shape: one side
// is rounded to an even number, the other was cut to one.
func checkShape(t *testing.T, src, p video.Picture) {
	t.Helper()
	width := float64(p.Height) * float64(src.Width) / float64(src.Height)
	height := float64(p.Width) * float64(src.Height) / float64(src.Width)
	if math.Abs(width-float64(p.Width)) > 2 && math.Abs(height-float64(p.Height)) > 2 {
		t.Errorf("%v is squeezed to %v", src, p)
	}
}

func FuzzRungs(f *testing.F) {
	for _, s := range [][3]int{{1920, 1080, 2160}, {641, 361, 0}, {31, 9999, 270}, {40000, 300, 1080}, {1080, 1088, 1080}, {33, 33, 0}} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, width, height, top int) {
		src := video.Picture{Width: width, Height: height}
		if width > 1<<20 || height > 1<<20 || top != 0 && top < 270 {
			return
		}
		rungs := DefaultLadder().For(src, top)
		checkRungs(t, src, top, rungs)
		if len(rungs) == 0 && width >= minSide && height >= minSide && max(width, height) <= maxLong {
			t.Errorf("%v has no rung", src)
		}
	})
}

// A few thousand random sources: each is either refused with a reason or
// gets a job that the service's model takes.
func TestRandomSources(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		media, opts := randomMedia(r), randomOptions(r)
		planned, err := Plan(source("x.mp4"), media, opts)
		var refused *Unencodable
		if errors.As(err, &refused) && refused.Reason != "" {
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		checkRungs(t, planned.Picture, opts.TopRung, planned.Rungs)
		checkOutputs(t, planned)
		if seed%20 == 0 {
			for _, v := range apimodel.Validate("CreateJob", wire(t, planned.Job)) {
				t.Errorf("seed %d: %v", seed, v)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, media)
		}
	}
}

// checkOutputs holds what is promised of any job's outputs.
func checkOutputs(t *testing.T, planned Planned) {
	t.Helper()
	if len(planned.Job.Settings.OutputGroups) == 0 {
		t.Error("a job without outputs")
	}
	selectors := planned.Job.Settings.Inputs[0].AudioSelectors
	for _, g := range planned.Job.Settings.OutputGroups {
		seen := map[string]bool{}
		defaults := 0
		for _, o := range g.Outputs {
			if seen[*o.NameModifier] {
				t.Errorf("%s: two outputs %s", *g.Name, *o.NameModifier)
			}
			seen[*o.NameModifier] = true
			if c := o.ContainerSettings.CmfcSettings; c != nil && c.AudioTrackType == types.CmfcAudioTrackTypeAlternateAudioAutoSelectDefault {
				defaults++
			}
			for _, a := range o.AudioDescriptions {
				if _, ok := selectors[*a.AudioSourceName]; !ok {
					t.Errorf("%s: no input for %s", *g.Name, *a.AudioSourceName)
				}
			}
			if o.VideoDescription == nil && len(o.AudioDescriptions) == 0 {
				t.Errorf("%s: output %s is empty", *g.Name, *o.NameModifier)
			}
		}
		if defaults > 1 {
			t.Errorf("%s: %d default renditions", *g.Name, defaults)
		}
	}
}

func randomMedia(r *rand.Rand) video.Media {
	m := video.Media{Duration: time.Duration(r.Int64N(int64(time.Hour)))}
	for range r.IntN(3) {
		m.Video = append(m.Video, video.VideoTrack{
			Codec: pick(r, "AVC", "HEVC", "UNKNOWN", ""), Width: r.IntN(5000), Height: r.IntN(3000),
			Rotation: pick(r, 0, 90, 180, 270), ScanType: pick(r, "", "progressive", "interlaced"),
			PixelAspect:       pick(r, video.Ratio{}, video.Ratio{Num: 64, Den: 45}, video.Ratio{Num: 8, Den: 9}, video.Ratio{Num: 5000, Den: 1}),
			ChromaSubsampling: pick(r, "", "4:2:0", "4:2:2", "4:4:4"),
			FrameRate:         video.Ratio{Num: r.IntN(200), Den: r.IntN(3)}, Transfer: pick(r, "", "ITU_709", "SMPTE_2084"),
		})
	}
	for range r.IntN(20) {
		m.Audio = append(m.Audio, video.AudioTrack{
			Codec: pick(r, "AAC", "PCM", "UNKNOWN"), Channels: r.IntN(17), Language: pick(r, "", "und", "eng", "en", "fre", "xx-y", "mul"),
		})
	}
	return m
}

func randomOptions(r *rand.Rand) Options {
	return with(func(o *Options) {
		o.Outputs = pick(r, []Output{CMAF}, []Output{MP4}, []Output{CMAF, HLS, DASH, MP4}, []Output{HLS}, []Output{DASH})
		o.TopRung = pick(r, 270, 360, 540, 720, 1080, 2160)
		o.InputRotate = pick(r, "AUTO", "DEGREE_0", "DEGREES_90", "DEGREES_180", "DEGREES_270", "")
		o.FrameCapture = r.IntN(2) == 0
		o.FrameCaptureSeconds = r.IntN(20)
	})
}

func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

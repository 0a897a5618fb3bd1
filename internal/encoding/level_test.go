package encoding

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

// What Annex A of ITU-T H.264 has in table A-6 (maximum frame rates) and
// between its lines.
func TestLevels(t *testing.T) {
	for _, c := range []struct {
		width, height int
		rate          float64
		bitrate       int
		want          string
	}{
		{176, 144, 15, 64_000, "1"},
		{352, 288, 30, 900_000, "1.3"},
		{352, 288, 30, 1_000_000, "2"},
		{720, 576, 25, 5_000_000, "3"},
		{1280, 720, 30, 6_000_000, "3.1"},
		{1280, 720, 60, 6_000_000, "3.2"},
		{1920, 1080, 30, 8_500_000, "4"},
		{1920, 1080, 30, 25_000_001, "4.1"},
		{1920, 1080, 60, 8_500_000, "4.2"},
		{1080, 1920, 60, 8_500_000, "4.2"},
		{1920, 1080, 120, 8_500_000, "5.1"},
		{3840, 2160, 30, 15_000_000, "5.1"},
		{3840, 2160, 60, 15_000_000, "5.2"},
		{3840, 2160, 64, 15_000_000, "5.2"},
		{3840, 2160, 64.01, 15_000_000, ""},
		{4096, 2160, 60, 15_000_000, "5.2"},
		{4096, 2304, 26, 15_000_000, "5.1"},
		{4096, 2306, 30, 15_000_000, ""},
		{4096, 32, 30, 1_000_000, "4"}, // few macroblocks, but 256 in a row
		{8192, 1024, 30, 15_000_000, "5.1"},
		{8704, 32, 1, 100_000, ""},
		{1280, 720, 30, 400_000_000, ""},
	} {
		rung := Rung{Picture: video.Picture{Width: c.width, Height: c.height}, MaxBitrate: c.bitrate}
		if got := levelOf(rung, c.rate); got != c.want {
			t.Errorf("%d×%d at %v frames a second and %d bit/s: level %q, want %q", c.width, c.height, c.rate, c.bitrate, got, c.want)
		}
	}
}

func TestEveryLevelIsOneOfTheService(t *testing.T) {
	var known []string
	for _, l := range types.H264CodecLevelAuto.Values() {
		known = append(known, string(l))
	}
	if len(levels) != len(known)-1 {
		t.Errorf("%d levels, the service has %d and AUTO", len(levels), len(known)-1)
	}
}

// Every size up to 8K, lying down, upright and of odd shape, at every rate
// that cameras have and between them.
func TestEveryRungOfEveryPlanHasALevel(t *testing.T) {
	sides := []int{32, 144, 360, 540, 576, 720, 1080, 1088, 1440, 1920, 2160, 2304, 2400, 2560, 3000, 3840, 4096, 4320, 5120, 7680, 8192}
	rates := []video.Ratio{{Num: 1, Den: 2}, {Num: 24000, Den: 1001}, {Num: 25, Den: 1}, {Num: 30, Den: 1}, {Num: 50, Den: 1}, {Num: 60000, Den: 1001},
		{Num: 60, Den: 1}, {Num: 61, Den: 1}, {Num: 64, Den: 1}, {Num: 65, Den: 1}, {Num: 75, Den: 1}, {Num: 90, Den: 1}, {Num: 100, Den: 1},
		{Num: 120000, Den: 1001}, {Num: 120, Den: 1}, {Num: 121, Den: 1}, {Num: 240, Den: 1}, {Num: 1000, Den: 1}, {Num: 2147483647, Den: 17895697}, {Num: 2147483646, Den: 17895697}}
	rungs := 0
	for _, width := range sides {
		for _, height := range sides {
			for _, rate := range rates {
				for _, top := range []int{0, 720, 2160} {
					v := picture(width, height)
					v.FrameRate = rate
					planned, err := Plan(source("x.mp4"), tracks(time.Minute, v), with(func(o *Options) { o.TopRung = top }))
					if err != nil {
						continue // too flat: the ladder's own tests have that
					}
					rungs += len(planned.Rungs)
					for _, problem := range beyond(planned, rate) {
						t.Errorf("%d×%d at %d/%d: %s", width, height, rate.Num, rate.Den, problem)
					}
				}
			}
		}
	}
	if rungs < 10_000 {
		t.Errorf("%d rungs only", rungs)
	}
}

// beyond are the pictures of a plan that no level carries, or whose frame
// rate is neither the source's nor half of it, though it could be.
func beyond(planned Planned, own video.Ratio) []string {
	var problems []string
	seen := map[float64]bool{}
	for _, g := range planned.Job.Settings.OutputGroups {
		for _, o := range g.Outputs {
			v := o.VideoDescription
			if v == nil || v.CodecSettings.H264Settings == nil {
				continue
			}
			h, rate := v.CodecSettings.H264Settings, own.Float()
			if h.FramerateControl == types.H264FramerateControlSpecified {
				rate = float64(*h.FramerateNumerator) / float64(*h.FramerateDenominator)
			}
			seen[rate] = true
			rung := Rung{Picture: video.Picture{Width: int(*v.Width), Height: int(*v.Height)}, MaxBitrate: int(*h.MaxBitrate)}
			if levelOf(rung, rate) == "" {
				problems = append(problems, fmt.Sprintf("%v at %v has no level", rung.Picture, rate))
			}
			if max(int(*v.Width), int(*v.Height)) > maxLong || min(int(*v.Width), int(*v.Height)) > maxShort {
				problems = append(problems, fmt.Sprintf("%v is more than the service encodes", rung.Picture))
			}
			if o := own.Float(); o >= minFrameRate && o <= maxFrameRate && rate != o && (rate < o/2*0.999 || rate > o/2*1.001) {
				problems = append(problems, fmt.Sprintf("a rate of %v", rate))
			}
		}
	}
	if len(seen) > 1 {
		problems = append(problems, fmt.Sprintf("frame rates %v in one video", seen))
	}
	return problems
}

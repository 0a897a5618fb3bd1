package encoding

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

const (
	maxThumbnails    = 150 // per video, however long: their URLs travel in messages
	posterCandidates = 12
	thumbnailHeight  = 720 // a poster fills a page's player, not a cinema
	jpegQuality      = 80  // of 100
	// Between poster candidates of a video of unknown length.
	unknownStep = 10 * time.Second
	// Shortest time between two candidates: a frame at 25 frames a second.
	minStep = 40 * time.Millisecond
)

// framesGroup takes thumbnails at even intervals, and candidates for the
// poster all over the video: a clip shorter than the interval has several
// of these, too.
func (p *planner) framesGroup() types.OutputGroup {
	return types.OutputGroup{
		Name:                new("Thumbnails"),
		OutputGroupSettings: fileSettings(p.destination("thumbnails")),
		Outputs: []types.Output{
			p.frames("_thumb", p.thumbnailStep(), maxThumbnails),
			p.frames("_poster", p.posterStep(), posterCandidates),
		},
	}
}

// frames captures a frame at the start and one after every step.
func (p *planner) frames(modifier string, step time.Duration, most int) types.Output {
	rate, per := int32(1000), int32(step.Milliseconds())
	if step%time.Second == 0 {
		rate, per = 1, int32(step/time.Second)
	}
	d := p.sized(p.tallest(thumbnailHeight).Picture)
	d.CodecSettings = &types.VideoCodecSettings{
		Codec: types.VideoCodecFrameCapture,
		FrameCaptureSettings: &types.FrameCaptureSettings{
			FramerateNumerator:   new(rate),
			FramerateDenominator: new(per),
			MaxCaptures:          new(int32(most)),
			Quality:              new(int32(jpegQuality)),
		},
	}
	return types.Output{
		NameModifier:      new(modifier),
		ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeRaw},
		VideoDescription:  d,
	}
}

func (p *planner) thumbnailStep() time.Duration {
	step := time.Duration(max(1, p.opts.FrameCaptureSeconds)) * time.Second
	even := p.media.Duration / maxThumbnails
	return max(step, even.Truncate(time.Second)+time.Second*time.Duration(btoi(even%time.Second > 0)))
}

func (p *planner) posterStep() time.Duration {
	if p.media.Duration <= 0 {
		return unknownStep
	}
	return max(minStep, (p.media.Duration / posterCandidates).Truncate(time.Millisecond))
}

// tallest is the first rung of about a height or less, or the lowest.
func (p *planner) tallest(height int) Rung {
	for _, r := range p.rungs {
		if float64(r.Height) <= near*float64(height) {
			return r
		}
	}
	return p.rungs[len(p.rungs)-1]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

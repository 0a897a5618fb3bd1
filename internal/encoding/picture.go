package encoding

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

const (
	gopSeconds     = 3
	segmentSeconds = 6 // two GOPs
)

// Frame rates that are encoded as they are, in frames per second; rates
// outside come from broken headers or high-speed cameras, and no browser
// shows them.
const (
	minFrameRate = 1
	maxFrameRate = 120
	cappedRate   = 60
)

// videoOf encodes one rung as H.264.
func (p *planner) videoOf(r Rung) *types.VideoDescription {
	d := p.sized(r.Picture)
	d.CodecSettings = &types.VideoCodecSettings{
		Codec:        types.VideoCodecH264,
		H264Settings: p.h264(r),
	}
	return d
}

// sized is the frame of any output. Both sides are set, since the service
// would round the other one by itself. Where it finds another shape than we
// did, the default scaling adds black bars and does not squeeze.
func (p *planner) sized(size video.Picture) *types.VideoDescription {
	return &types.VideoDescription{
		Width:              new(int32(size.Width)),
		Height:             new(int32(size.Height)),
		ScalingBehavior:    types.ScalingBehaviorDefault,
		VideoPreprocessors: p.preprocessors(),
	}
}

func (p *planner) h264(r Rung) *types.H264Settings {
	s := &types.H264Settings{
		RateControlMode:  types.H264RateControlModeQvbr,
		QvbrSettings:     &types.H264QvbrSettings{QvbrQualityLevel: new(int32(r.Quality))},
		MaxBitrate:       new(int32(r.MaxBitrate)),
		CodecProfile:     types.H264CodecProfileHigh,
		CodecLevel:       types.H264CodecLevelAuto,
		GopSize:          new(float64(gopSeconds)),
		GopSizeUnits:     types.H264GopSizeUnitsSeconds,
		GopClosedCadence: new(int32(1)),
		GopBReference:    types.H264GopBReferenceDisabled,
		InterlaceMode:    types.H264InterlaceModeProgressive,
		// Square pixels, since Width and Height are displayed ones.
		ParControl:       types.H264ParControlSpecified,
		ParNumerator:     new(int32(1)),
		ParDenominator:   new(int32(1)),
		FramerateControl: types.H264FramerateControlInitializeFromSource,
	}
	if rate := p.forcedRate(); rate.Float() > 0 {
		s.FramerateControl = types.H264FramerateControlSpecified
		s.FramerateNumerator, s.FramerateDenominator = new(int32(rate.Num)), new(int32(rate.Den))
		s.FramerateConversionAlgorithm = types.H264FramerateConversionAlgorithmDuplicateDrop
	}
	return s
}

// forcedRate is the frame rate for a source whose own cannot be kept, zero for
// all others. Where a rung is beyond every level of H.264, as 2160 lines are
// over 64 frames a second, all rungs have half the rate: they keep the same
// frames, so that GOPs begin together and a switch changes the size alone.
func (p *planner) forcedRate() video.Ratio {
	own := p.track.FrameRate
	switch rate := own.Float(); {
	case rate <= 0: // not told: the service finds it
		return video.Ratio{}
	case rate < minFrameRate:
		return video.Ratio{Num: minFrameRate, Den: 1}
	case rate > maxFrameRate:
		return video.Ratio{Num: cappedRate, Den: 1}
	case p.beyondLevels(rate):
		return half(own)
	}
	return video.Ratio{}
}

func (p *planner) beyondLevels(rate float64) bool {
	return slices.ContainsFunc(p.rungs, func(r Rung) bool { return levelOf(r, rate) == "" })
}

// half is half of a rate, in numbers that are no greater than they must be.
func half(rate video.Ratio) video.Ratio {
	if rate.Num%2 == 0 {
		return video.Ratio{Num: rate.Num / 2, Den: rate.Den}
	}
	if rate.Den <= math.MaxInt32/2 {
		return video.Ratio{Num: rate.Num, Den: rate.Den * 2}
	}
	return video.Ratio{Num: rate.Num / 2, Den: rate.Den}
}

// preprocessors make a picture that may be interlaced progressive, and
// a HDR picture fit for every screen; nil when nothing is to be done.
func (p *planner) preprocessors() *types.VideoPreprocessor {
	var pre types.VideoPreprocessor
	if mayBeInterlaced(*p.track) {
		pre.Deinterlacer = &types.Deinterlacer{
			Mode:      types.DeinterlacerModeDeinterlace,
			Algorithm: types.DeinterlaceAlgorithmInterpolate,
			Control:   types.DeinterlacerControlNormal,
		}
	}
	if hdr(p.track.Transfer) {
		pre.ColorCorrector = &types.ColorCorrector{
			ColorSpaceConversion: types.ColorSpaceConversionForce709,
			HdrToSdrToneMapper:   types.HDRToSDRToneMapperPreserveDetails,
		}
	}
	if pre.Deinterlacer == nil && pre.ColorCorrector == nil {
		return nil
	}
	return &pre
}

// untoldScan are the codecs that may be interlaced and of which Probe tells no
// scan type: it reads the headers of H.264, HEVC and MPEG-2 only.
var untoldScan = map[string]bool{
	"DV": true, "JPEG2000": true, "MP4V": true, "PRORES": true, "UNCOMPRESSED": true, "VC1": true, "VC3": true,
}

// mayBeInterlaced tells whether the deinterlacer looks at a picture. It leaves
// frames alone that are tagged as progressive (DeinterlacerControl NORMAL).
func mayBeInterlaced(v video.VideoTrack) bool {
	return interlaced(v.ScanType) || v.ScanType == "" && untoldScan[v.Codec]
}

// interlaced tells from the probe's free text; telecined and mixed
// material counts, since the de-interlacer leaves progressive frames alone.
func interlaced(scanType string) bool {
	return scanType != "" && !strings.EqualFold(scanType, "progressive")
}

// hdr tells from the transfer characteristics: PQ or HLG.
func hdr(transfer string) bool {
	return transfer == string(types.TransferCharacteristicsSmpte2084) ||
		transfer == string(types.TransferCharacteristicsAribB67)
}

// rungModifier is the end of a rung's file names.
func rungModifier(r Rung) string { return fmt.Sprintf("_%dp", r.Height) }

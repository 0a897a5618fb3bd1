package encoding

import (
	"math"

	"github.com/vodstack/vodstack/internal/video"
)

// A level of H.264 bounds what a decoder must be able to do.
type level struct {
	name       string
	perSecond  int // macroblocks a second
	frame      int // macroblocks a frame; neither side may exceed √(8·frame)
	maxBitrate int // in 1000 bit/s, of Main profile
}

// levels are those that MediaConvert encodes (H264CodecLevel), with MaxMBPS,
// MaxFS and MaxBR of table A-1 of ITU-T Rec. H.264, Annex A.
var levels = []level{
	{"1", 1_485, 99, 64},
	{"1.1", 3_000, 396, 192},
	{"1.2", 6_000, 396, 384},
	{"1.3", 11_880, 396, 768},
	{"2", 11_880, 396, 2_000},
	{"2.1", 19_800, 792, 4_000},
	{"2.2", 20_250, 1_620, 4_000},
	{"3", 40_500, 1_620, 10_000},
	{"3.1", 108_000, 3_600, 14_000},
	{"3.2", 216_000, 5_120, 20_000},
	{"4", 245_760, 8_192, 20_000},
	{"4.1", 245_760, 8_192, 50_000},
	{"4.2", 522_240, 8_704, 50_000},
	{"5", 589_824, 22_080, 135_000},
	{"5.1", 983_040, 36_864, 240_000},
	{"5.2", 2_073_600, 36_864, 240_000},
}

// highFactor is how much more a level's bitrate is in High profile than in
// Main: cpbBrVclFactor 1250 of table A-2, to 1000.
const highFactor = 1.25

// carries tells whether a progressive picture of a size, at a rate in frames a
// second and a bitrate in bit/s, is within the level.
func (l level) carries(p video.Picture, rate float64, bitrate int) bool {
	across, down := macroblocks(p.Width), macroblocks(p.Height)
	return across*down <= l.frame &&
		float64(max(across, down)) <= math.Sqrt(8*float64(l.frame)) &&
		float64(across*down)*rate <= float64(l.perSecond) &&
		float64(bitrate) <= highFactor*1000*float64(l.maxBitrate)
}

// macroblocks are as many as cover a side: 16 pixels each.
func macroblocks(side int) int { return (side + 15) / 16 }

// levelOf is the lowest level of a rung at a frame rate, empty when none
// carries it.
func levelOf(r Rung, rate float64) string {
	for _, l := range levels {
		if l.carries(r.Picture, rate, r.MaxBitrate) {
			return l.name
		}
	}
	return ""
}

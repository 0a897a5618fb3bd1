package transcode

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// geometry is where the source's picture goes in an output's frame.
type geometry struct {
	width, height   int   // of the frame
	inWidth, inHigh int   // of the picture within it
	pixelAspect     ratio // of the frame
}

// filters scale the picture and fill the rest with black. levels is "tv" or
// "pc": what black is.
func (g geometry) filters(levels string) string {
	f := fmt.Sprintf("scale=%d:%d:flags=bicubic:out_range=%s", g.inWidth, g.inHigh, levels)
	if g.inWidth != g.width || g.inHigh != g.height {
		f += fmt.Sprintf(",pad=%d:%d:(ow-iw)/2:(oh-ih)/2", g.width, g.height)
	}
	return f + ",setsar=" + g.pixelAspect.String()
}

// turn is how far the picture is turned clockwise in the output. The service
// turns progressive video in 4:2:0 and 4:2:2 only
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/auto-rotate-requirements.html).
func (v *picture) turn(rotate string, follows bool) int {
	if v.rigid {
		return 0
	}
	switch rotate {
	case "AUTO":
		if follows {
			return v.rotation
		}
	case "DEGREES_90":
		return 90
	case "DEGREES_180":
		return 180
	case "DEGREES_270":
		return 270
	}
	return 0
}

// geometry keeps the shape that a viewer sees, unless told to stretch.
func (v *picture) geometry(rotate string, follows bool, d *VideoDescription) geometry {
	w, h, par := v.width, v.height, v.pixelAspect
	if par.den == 0 {
		par = ratio{1, 1}
	}
	if v.turn(rotate, follows)%180 != 0 {
		w, h, par = h, w, ratio{par.den, par.num}
	}
	out := par // the output keeps the source's pixels, unless told
	if c := d.CodecSettings; c.H264 == nil {
		out = ratio{1, 1}
	} else if c.H264.ParControl == "SPECIFIED" {
		out = ratio{c.H264.ParNumerator, c.H264.ParDenominator}
	}
	shape := float64(w) * par.float() / float64(h) / out.float() // in pixels of the output
	g := geometry{pixelAspect: out}
	g.width, g.height = frameSize(d.Width, d.Height, w, h, shape)
	g.inWidth, g.inHigh = fit(g.width, g.height, shape)
	if d.ScalingBehavior == "STRETCH_TO_OUTPUT" {
		g.inWidth, g.inHigh = g.width, g.height
	}
	return g
}

// frameSize fills in what is not set: both from the source, one from the
// shape.
func frameSize(width, height, w, h int, shape float64) (int, int) {
	switch {
	case width > 0 && height > 0:
		return width, height
	case width > 0:
		return width, even(float64(width) / shape)
	case height > 0:
		return even(float64(height) * shape), height
	}
	return even(float64(h) * shape), even(float64(h))
}

// fit is the largest size of that shape within a frame. Two pixels or less
// of black are not worth it: then the picture fills the frame.
func fit(width, height int, shape float64) (int, int) {
	w, h := width, even(float64(width)/shape)
	if h > height {
		w, h = even(float64(height)*shape), height
	}
	w, h = min(w, width), min(h, height)
	if width-w <= 2 && height-h <= 2 {
		return width, height
	}
	return w, h
}

// even rounds to an even number of pixels, which 4:2:0 needs.
func even(v float64) int { return max(2, int(math.Round(v/2))*2) }

// prep is what all outputs of a picture have in common: one filter chain,
// run once.
func (s *source) prep(rotate string, d *VideoDescription, rate ratio) string {
	v := s.video
	var chain []string
	if d.VideoPreprocessors.Deinterlacer != nil {
		chain = append(chain, deinterlace(d.VideoPreprocessors.Deinterlacer))
	}
	chain = append(chain, v.constantRate(rate))
	chain = append(chain, turns((v.turn(rotate, s.rotates)-v.rotation+360)%360)...)
	if c := d.VideoPreprocessors.ColorCorrector; c != nil && c.ColorSpaceConversion == "FORCE_709" {
		chain = append(chain, v.to709(c.HDRToSDRToneMapper)...)
	}
	return strings.Join(append(chain, "format=yuv420p"), ",")
}

// constantRate starts a late picture with its first frame, since players
// take a rendition that does not begin at zero badly.
func (v *picture) constantRate(rate ratio) string {
	f := "fps=" + rate.String()
	if v.late {
		f += ":start_time=0"
	}
	return f
}

func deinterlace(d *Deinterlacer) string {
	if d.Control == "FORCE_ALL_FRAMES" {
		return "bwdif=mode=send_frame:deint=all"
	}
	return "bwdif=mode=send_frame:deint=interlaced"
}

// turns are clockwise, on top of what ffmpeg turns by itself. Its own turn
// is left on always: without it the display matrix goes into the outputs.
func turns(degrees int) []string {
	switch degrees {
	case 90:
		return []string{"transpose=clock"}
	case 180:
		return []string{"hflip", "vflip"}
	case 270:
		return []string{"transpose=cclock"}
	}
	return nil
}

// isHDR is true for PQ and HLG.
func (v *picture) isHDR() bool { return v.transfer == "smpte2084" || v.transfer == "arib-std-b67" }

// referenceWhite is the luminance of HDR's graphics white, in cd/m²: what SDR
// has as its brightest white (ITU-R BT.2408).
const referenceWhite = 203

// knees are where each of the service's tone mappers begins to compress, as a
// share of the reference white. What is darker stays as bright as it was;
// between the knee and white lies what there is of highlights. How the service
// does it is not published: PRESERVE_DETAILS keeps more of the highlights and
// is less bright, VIBRANT is for bright outputs (its model on
// HDRToSDRToneMapper, which also has PRESERVE_DETAILS for every HLG source).
var knees = map[string]string{"PRESERVE_DETAILS": "0.7", "VIBRANT": "0.9"}

func (v *picture) knee(mapper string) string {
	if knees[mapper] == "" || v.transfer == "arib-std-b67" {
		mapper = "PRESERVE_DETAILS"
	}
	return knees[mapper]
}

// to709 converts colours to Rec. 709. Sources that do not tell theirs are
// taken to have them already.
func (v *picture) to709(mapper string) []string {
	levels := "tv"
	if v.fullRange {
		levels = "pc"
	}
	in := fmt.Sprintf("tin=%s:pin=%s:min=%s:rin=%s", v.transfer,
		known(v.primaries, "bt2020"), known(v.matrix, "bt2020nc"), levels)
	if v.isHDR() {
		return []string{
			fmt.Sprintf("zscale=%s:t=linear:npl=%d", in, referenceWhite), "format=gbrpf32le", "zscale=p=bt709",
			"tonemap=tonemap=mobius:param=" + v.knee(mapper) + ":desat=0", "zscale=t=bt709:m=bt709:r=tv",
		}
	}
	if known(v.primaries, "") == "" || v.primaries == "bt709" || known(v.transfer, "") == "" || known(v.matrix, "") == "" {
		return nil
	}
	return []string{"zscale=" + in + ":t=bt709:p=bt709:m=bt709:r=tv"}
}

func known(tag, fallback string) string {
	if tag == "" || tag == "unknown" || tag == "reserved" {
		return fallback
	}
	return tag
}

// captureRate takes the first frame, then the last one at or before each
// slot. Without round=up ffmpeg loses the last slot.
func captureRate(c *FrameCaptureSettings) string {
	num, den := 1, 1
	if c != nil && c.FramerateNumerator > 0 && c.FramerateDenominator > 0 {
		num, den = c.FramerateNumerator, c.FramerateDenominator
	}
	return "fps=" + strconv.Itoa(num) + "/" + strconv.Itoa(den) + ":round=up"
}

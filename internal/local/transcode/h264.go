package transcode

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// gop is where key frames are: every size seconds, or every so many frames.
type gop struct {
	size   float64 // seconds; 0 when frames counts
	frames int
	exact  bool // segments begin exactly at multiples of their length
}

// autoGOP is the GOP of "AUTO", in seconds: the service chooses by content,
// x264 cannot, and two seconds divide every usual segment length.
const autoGOP = 2

func newGOP(h *H264Settings) gop {
	switch h.GopSizeUnits {
	case "SECONDS":
		return gop{size: h.GopSize}
	case "FRAMES":
		return gop{frames: int(math.Round(h.GopSize))}
	}
	return gop{size: autoGOP}
}

// args force the key frames by time, so that all renditions have them at the
// same places whatever the frame rate. A segment's start is always one, and
// counting begins anew there.
func (g gop) args(segment int, rate ratio) []string {
	keyint, next := g.frames, ""
	if g.size > 0 {
		keyint = int(math.Ceil(g.size * rate.float()))
		next = fmt.Sprintf("prev_forced_t+%s", number(g.size))
	}
	if segment > 0 {
		boundary := fmt.Sprintf("(floor(prev_forced_t/%d+1e-6)+1)*%d", segment, segment)
		if next != "" {
			boundary = "min(" + next + "," + boundary + ")"
		}
		next = boundary
	}
	args := []string{"-g", strconv.Itoa(max(1, keyint))}
	if g.size > 0 && (segment == 0 || math.Mod(float64(segment), g.size) == 0) {
		return append(args, "-force_key_frames", "expr:gte(t,n_forced*"+number(g.size)+")")
	}
	if next == "" {
		return args
	}
	return append(args, "-force_key_frames", "expr:if(isnan(prev_forced_t),1,gte(t,"+next+"-1e-6))")
}

func (s *source) newVideo(rotate string, d *VideoDescription) *videoEncode {
	h := d.CodecSettings.H264
	rate := s.video.rate
	if h.FramerateControl == "SPECIFIED" {
		rate = ratio{h.FramerateNumerator, h.FramerateDenominator}
	}
	geo := s.video.geometry(rotate, s.rotates, d)
	return &videoEncode{
		prep: s.prep(rotate, d, rate), filters: geo.filters("tv"), codec: h.args(), gop: newGOP(h),
		width: geo.width, height: geo.height, pixelAspect: geo.pixelAspect, rate: rate, maxBitrate: h.peak(),
	}
}

func (h *H264Settings) peak() int {
	if h.MaxBitrate > 0 {
		return h.MaxBitrate
	}
	return h.Bitrate
}

// args are x264's, but for the key frames. veryfast makes the smallest files
// of the fast presets; ultrafast cannot do High profile.
func (h *H264Settings) args() []string {
	args := []string{"-c:v", "libx264", "-preset", "veryfast",
		"-profile:v", strings.ToLower(orDefault(h.CodecProfile, "MAIN"))}
	if level, ok := strings.CutPrefix(h.CodecLevel, "LEVEL_"); ok {
		args = append(args, "-level:v", strings.ReplaceAll(level, "_", "."))
	}
	args = append(args, h.rateArgs()...)
	if h.NumberBFrames != nil {
		args = append(args, "-bf", strconv.Itoa(*h.NumberBFrames))
	}
	if h.NumberReferences > 0 {
		args = append(args, "-refs", strconv.Itoa(h.NumberReferences))
	}
	if h.Slices > 0 {
		args = append(args, "-slices", strconv.Itoa(h.Slices))
	}
	if h.MinIInterval > 0 {
		args = append(args, "-keyint_min", strconv.Itoa(h.MinIInterval))
	}
	if h.EntropyEncoding != "" {
		args = append(args, "-coder", strings.ToLower(h.EntropyEncoding))
	}
	return append(args, "-x264-params", h.x264Params())
}

func (h *H264Settings) x264Params() string {
	params := "open-gop=0:scenecut=0"
	if contains([]string{"ENABLED", "TRANSITION_DETECTION"}, h.SceneChangeDetect) {
		params = "open-gop=0:scenecut=40"
	}
	switch h.GopBReference {
	case "ENABLED":
		params += ":b-pyramid=normal"
	case "DISABLED":
		params += ":b-pyramid=none"
	}
	return params
}

// rateArgs map the service's rate control. That of QVBR is a convention, not
// a calibration: quality 7 is CRF 23, 8 is 21, 9 is 19.
func (h *H264Settings) rateArgs() []string {
	buffer := h.HrdBufferSize
	if buffer == 0 {
		buffer = 2 * h.peak()
	}
	limit := []string{"-maxrate", strconv.Itoa(h.peak()), "-bufsize", strconv.Itoa(buffer)}
	switch h.RateControlMode {
	case "QVBR":
		level := float64(h.QVBR.Level) + h.QVBR.FineTune
		if h.QVBR.Level == 0 {
			level = 7
		}
		return append([]string{"-crf", number(math.Round(39 - 2.25*level))}, limit...)
	case "CBR":
		return append([]string{"-b:v", strconv.Itoa(h.Bitrate), "-minrate", strconv.Itoa(h.Bitrate)}, limit...)
	}
	return append([]string{"-b:v", strconv.Itoa(h.Bitrate)}, limit...)
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

package transcode

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// source is what an encode must know of its input.
type source struct {
	duration float64 // of the container, seconds; 0 when not told
	rotates  bool    // the container's rotation counts: MP4 and MOV
	indexed  bool    // its durations are facts from a header, no estimates
	video    *picture
	audio    []sound
}

// picture is the video stream that is encoded.
type picture struct {
	index         int // among all streams
	width, height int // as coded
	pixelAspect   ratio
	rotation      int  // degrees clockwise that ffmpeg turns by itself
	rigid         bool // of a kind that the service does not rotate
	rate          ratio
	interlaced    bool
	late          bool    // starts after the file does
	duration      float64 // seconds; 0 when not told
	primaries     string
	transfer      string
	matrix        string
	fullRange     bool
}

// sound is one audio stream.
type sound struct {
	index    int
	language string // ISO 639-2, empty when not told
	channels int
	layout   string  // empty when not told
	duration float64 // seconds; 0 when not told
}

// ratio is a fraction.
type ratio struct{ num, den int }

func (r ratio) float() float64 {
	if r.den == 0 {
		return 0
	}
	return float64(r.num) / float64(r.den)
}

func (r ratio) String() string { return strconv.Itoa(r.num) + "/" + strconv.Itoa(r.den) }

// parseRatio reads "25/2" or "64:45"; anything else is the zero value.
func parseRatio(s string) ratio {
	n, d, ok := strings.Cut(strings.ReplaceAll(s, ":", "/"), "/")
	num, err1 := strconv.Atoi(n)
	den, err2 := strconv.Atoi(d)
	if !ok || err1 != nil || err2 != nil || num <= 0 || den <= 0 {
		return ratio{}
	}
	return ratio{num, den}
}

func newSource(f *ffFile) *source {
	name, _, _ := strings.Cut(f.Format.Name, ",")
	s := &source{duration: seconds(f.Format.Duration), rotates: name == "mov",
		indexed: contains([]string{"mov", "matroska", "avi", "asf", "mxf", "wav"}, name)}
	for _, st := range f.Streams {
		switch {
		case st.isPicture() && s.video == nil:
			s.video = newPicture(st)
		case st.CodecType == "audio" && st.Channels > 0:
			s.audio = append(s.audio, sound{index: st.Index, language: st.language(),
				channels: st.Channels, layout: st.ChannelLayout, duration: st.seconds()})
		}
	}
	return s
}

// refuse is for sources that cannot be encoded at all.
func (s *source) refuse() error {
	switch {
	case s.video == nil && len(s.audio) == 0:
		return fail(CodeUnreadable, "The input file holds neither video nor audio.")
	case s.video != nil && s.video.width*s.video.height > maxPixels:
		return fail(CodeUnsupported, "The input's picture of %d×%d pixels is too large.", s.video.width, s.video.height)
	}
	return nil
}

// isPicture is false for cover art, which is a video stream to ffmpeg.
func (st ffStream) isPicture() bool {
	return st.CodecType == "video" && st.Disposition["attached_pic"] == 0 && st.Width > 0 && st.Height > 0
}

func newPicture(st ffStream) *picture {
	return &picture{
		index: st.Index, width: st.Width, height: st.Height,
		pixelAspect: parseRatio(st.SampleAspect), rotation: st.rotation(),
		rigid: st.isInterlaced() || !contains([]string{"", "4:2:0", "4:2:2"}, st.chroma()),
		rate:  st.rate(), interlaced: st.isInterlaced(), late: seconds(st.StartTime) > 0, duration: st.seconds(),
		primaries: st.ColorPrimaries, transfer: st.ColorTransfer, matrix: st.ColorSpace,
		fullRange: st.ColorRange == "pc",
	}
}

// rotation is clockwise; ffprobe tells it counter-clockwise. Angles that are
// no quarter turn count as none, as the service has it.
func (st ffStream) rotation() int {
	for _, d := range st.SideData {
		if d.Type != "Display Matrix" {
			continue
		}
		turn := math.Mod(360-d.Rotation, 360)
		quarter := math.Round(turn/90) * 90
		if math.Abs(turn-quarter) <= 1 {
			return int(quarter) % 360
		}
	}
	return 0
}

func (st ffStream) isInterlaced() bool {
	return contains([]string{"tt", "bb", "tb", "bt"}, st.FieldOrder)
}

// maxRate is the fastest picture that is encoded at its own rate.
const maxRate = 120

// standardRates are what an uneven rate is rounded to when it is close.
var standardRates = []ratio{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {48, 1}, {50, 1}, {60000, 1001}, {60, 1}}

// rate is the constant rate that shows every frame. ffprobe's real rate is
// the smallest that fits all timestamps; it is absurd for some variable
// sources (1000 and more), and counts fields in some interlaced ones.
func (st ffStream) rate() ratio {
	real, average := parseRatio(st.RealRate), parseRatio(st.AverageRate)
	switch {
	case real.float() > 0 && real.float() <= 60 && !st.isInterlaced():
		return real
	case average.float() == 0 || average.float() > maxRate:
		return ratio{30, 1}
	case math.Abs(real.float()/average.float()-1) < 0.01:
		return real
	}
	off := func(r ratio) float64 { return math.Abs(average.float()/r.float() - 1) }
	nearest := slices.MinFunc(standardRates, func(a, b ratio) int { return cmp.Compare(off(a), off(b)) })
	if off(nearest) < 0.005 {
		return nearest
	}
	return ratio{max(1, int(math.Round(average.float()))), 1}
}

// language is empty for the ISO code of "undetermined".
func (st ffStream) language() string {
	if l := strings.ToLower(st.Tags["language"]); l != "und" {
		return l
	}
	return ""
}

// seconds is the stream's duration; Matroska has it as a tag only.
func (st ffStream) seconds() float64 {
	if d := seconds(st.Duration); d > 0 {
		return d
	}
	return clock(st.Tags["DURATION"])
}

// maxSeconds bounds what a header may claim: four weeks.
const maxSeconds = 28 * 24 * 3600

func seconds(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v > 0 && v < maxSeconds) {
		return 0
	}
	return v
}

// clock reads "00:00:03.666000000".
func clock(s string) float64 {
	total := 0.0
	for part := range strings.SplitSeq(s, ":") {
		total = total*60 + seconds(part)
	}
	return total
}

package transcode

import (
	"context"
	"math"
	"strconv"
	"strings"
)

// Probe describes a file as the service's Probe does. A file that holds
// neither picture nor sound, or is in a container that Probe does not read
// whatever its name says, is an *Error. An encode reads some of those.
func (t *Transcoder) Probe(ctx context.Context, path string) (*ProbeResult, error) {
	file, err := t.ffprobe(ctx, path)
	if err != nil {
		return nil, err
	}
	if file.format(path) == "" {
		return nil, fail(CodeUnsupported, "The input file's container, %s, is none that Probe supports.", file.Format.Name)
	}
	result := &ProbeResult{Container: Container{
		Duration: millis(seconds(file.Format.Duration)), BitRate: atoi(file.Format.BitRate), Format: file.format(path), Tracks: []Track{},
	}}
	mapping := TrackMapping{AudioTrackIndexes: []int{}, DataTrackIndexes: []int{}, VideoTrackIndexes: []int{}}
	for i, st := range file.Streams {
		track := st.track(i+1, result.Container.Format)
		result.Container.Tracks = append(result.Container.Tracks, track)
		mapping.add(track)
	}
	if len(mapping.VideoTrackIndexes)+len(mapping.AudioTrackIndexes) == 0 {
		return nil, fail(CodeUnreadable, "The input file holds neither video nor audio.")
	}
	result.TrackMappings = []TrackMapping{mapping}
	return result, nil
}

func (m *TrackMapping) add(t Track) {
	switch t.TrackType {
	case "video":
		m.VideoTrackIndexes = append(m.VideoTrackIndexes, t.Index)
	case "audio":
		m.AudioTrackIndexes = append(m.AudioTrackIndexes, t.Index)
	default:
		m.DataTrackIndexes = append(m.DataTrackIndexes, t.Index)
	}
}

// format is the service's name of the container, empty where Probe knows none.
// A QuickTime file has the brand "qt" or, when it is old, none at all.
func (f *ffFile) format(path string) string {
	brand, hasBrand := f.Format.Tags["major_brand"]
	switch name, _, _ := strings.Cut(f.Format.Name, ","); name {
	case "mov":
		if strings.HasPrefix(brand, "3g2") {
			return "three_g2"
		}
		if strings.HasPrefix(brand, "3gp") {
			return "three_gp"
		}
		if !hasBrand || strings.HasPrefix(brand, "qt") {
			return "quicktime"
		}
		return "mp4"
	case "matroska":
		if isWebM(path) {
			return "webm"
		}
		return "matroska"
	case "mxf", "avi", "mpegts", "mp3", "flac", "asf", "ogg", "aac", "ac3", "eac3":
		return name
	case "mpeg":
		return "mpegps"
	case "wav", "w64":
		return "wave"
	}
	return ""
}

func (st ffStream) track(index int, format string) Track {
	t := Track{Index: index, TrackType: "data", Codec: st.codec(), Duration: millis(st.seconds())}
	switch {
	case st.isPicture():
		t.TrackType, t.VideoProperties = "video", st.videoProperties(format)
	case st.CodecType == "audio" && st.Channels > 0:
		t.TrackType, t.AudioProperties = "audio", st.audioProperties()
	default:
		t.DataProperties = &DataProperties{LanguageCode: st.language()}
	}
	return t
}

// essences are the codecs whose own headers the service reads for certain (its
// model on CodecMetadata); of others, the engine reports none.
var essences = map[string]bool{"AVC": true, "HEVC": true, "MPEG2": true}

// videoProperties are what the container declares of a picture and, under
// codecMetadata, what the video essence does. ffprobe joins the two: what it
// tells stands in both places, but for transport and program streams, whose
// containers declare no picture.
func (st ffStream) videoProperties(format string) *VideoProperties {
	p := &VideoProperties{
		Width: st.Width, Height: st.Height, BitDepth: st.bitDepth(), BitRate: atoi(st.BitRate), FrameRate: st.frameRate(),
	}
	if format != "mpegts" && format != "mpegps" {
		p.Rotation, p.SampleAspectRatio, p.DisplayAspectRatio = st.rotation(), st.pixelAspect(), st.displayAspect()
		p.ColorPrimaries = serviceName(primaries, st.ColorPrimaries)
		p.TransferCharacteristics = serviceName(transfers, st.ColorTransfer)
		p.MatrixCoefficients = serviceName(matrices, st.ColorSpace)
	}
	if essences[st.codec()] {
		p.CodecMetadata = st.codecMetadata()
	}
	return p
}

func (st ffStream) codecMetadata() *CodecMetadata {
	return &CodecMetadata{
		BitDepth: st.bitDepth(), ChromaSubsampling: st.chroma(), CodedFrameRate: st.frameRate(),
		Width: st.Width, Height: st.Height, Profile: st.Profile, Level: st.level(), ScanType: st.scanType(),
		FieldOrder: st.fieldOrder(), SampleAspectRatio: st.pixelAspect(), DisplayAspectRatio: st.displayAspect(),
		ColorPrimaries:          serviceName(primaries, st.ColorPrimaries),
		TransferCharacteristics: serviceName(transfers, st.ColorTransfer),
		MatrixCoefficients:      serviceName(matrices, st.ColorSpace),
	}
}

func (st ffStream) audioProperties() *AudioProperties {
	rate := atoi(st.SampleRate)
	return &AudioProperties{
		BitDepth: st.BitsPerSample, BitRate: atoi(st.BitRate), Channels: st.Channels, ChannelLayout: layoutName(st.ChannelLayout),
		LanguageCode: st.language(), SampleRate: rate, FrameRate: &Fraction{rate, 1},
	}
}

func (st ffStream) frameRate() *Fraction {
	r := parseRatio(st.AverageRate)
	if r.den == 0 {
		r = parseRatio(st.RealRate)
	}
	if r.den == 0 {
		return nil
	}
	return &Fraction{r.num, r.den}
}

func (st ffStream) bitDepth() int {
	if n := atoi(st.BitsPerRaw); n > 0 {
		return n
	}
	for _, depth := range []int{10, 12, 14, 16} {
		if strings.Contains(st.PixelFormat, "p"+strconv.Itoa(depth)) {
			return depth
		}
	}
	return 8
}

func (st ffStream) chroma() string {
	for _, c := range []string{"420", "422", "444", "411", "410", "440"} {
		if strings.Contains(st.PixelFormat, c) {
			return c[:1] + ":" + c[1:2] + ":" + c[2:]
		}
	}
	return ""
}

// level is a number such as 4.1; ffprobe has it times ten for AVC and times
// thirty for HEVC.
func (st ffStream) level() string {
	switch {
	case st.Level <= 0:
		return ""
	case st.CodecName == "h264":
		return strconv.FormatFloat(float64(st.Level)/10, 'f', -1, 64)
	case st.CodecName == "hevc":
		return strconv.FormatFloat(float64(st.Level)/30, 'f', -1, 64)
	}
	return strconv.Itoa(st.Level)
}

func (st ffStream) scanType() string {
	switch {
	case st.isInterlaced():
		return "interlaced"
	case st.FieldOrder == "progressive":
		return "progressive"
	}
	return ""
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// millis rounds seconds to milliseconds.
func millis(s float64) float64 { return math.Round(s*1000) / 1000 }

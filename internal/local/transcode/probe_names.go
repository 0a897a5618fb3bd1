package transcode

import "strings"

func (st ffStream) codec() string {
	if strings.HasPrefix(st.CodecName, "pcm_") {
		return "PCM"
	}
	if name, ok := codecs[st.CodecName]; ok {
		return name
	}
	return "UNKNOWN"
}

// codecs maps ffmpeg's names to the service's.
var codecs = map[string]string{
	"h264": "AVC", "hevc": "HEVC", "av1": "AV1", "vp8": "VP8", "vp9": "VP9", "mpeg1video": "MPEG1",
	"mpeg2video": "MPEG2", "mpeg4": "MP4V", "mjpeg": "MJPEG", "jpeg2000": "JPEG2000", "prores": "PRORES",
	"qtrle": "QTRLE", "theora": "THEORA", "rawvideo": "UNCOMPRESSED", "v210": "UNCOMPRESSED",
	"aac": "AAC", "ac3": "AC3", "eac3": "EAC3", "flac": "FLAC", "mp3": "MP3", "opus": "OPUS", "vorbis": "VORBIS",
	"mp2": "MP2", "amr_nb": "AMR", "amr_wb": "AMR", "wmav1": "WMA", "wmav2": "WMA2", "wmapro": "WMAPRO",
	"dvvideo": "DV", "h263": "H263", "vc1": "VC1", "dnxhd": "VC3", "wmv3": "VC1",
	"eia_608": "C608", "webvtt": "WEBVTT",
}

var primaries = map[string]string{
	"bt709": "ITU_709", "bt470m": "ITU_470M", "bt470bg": "ITU_470BG", "smpte170m": "SMPTE_170M",
	"smpte240m": "SMPTE_240M", "film": "GENERIC_FILM", "bt2020": "ITU_2020", "smpte428": "SMPTE_428_1",
	"smpte431": "SMPTE_431_2", "smpte432": "SMPTE_EG_432_1",
}

var transfers = map[string]string{
	"bt709": "ITU_709", "gamma22": "ITU_470M", "gamma28": "ITU_470BG", "smpte170m": "SMPTE_170M",
	"smpte240m": "SMPTE_240M", "linear": "LINEAR", "iec61966-2-4": "IEC_61966_2_4", "iec61966-2-1": "IEC_61966_2_1",
	"bt2020-10": "ITU_2020_10bit", "bt2020-12": "ITU_2020_12bit", "smpte2084": "SMPTE_2084",
	"smpte428": "SMPTE_428_1", "arib-std-b67": "ARIB_B67",
}

var matrices = map[string]string{
	"gbr": "RGB", "bt709": "ITU_709", "fcc": "FCC", "bt470bg": "ITU_470BG", "smpte170m": "SMPTE_170M",
	"smpte240m": "SMPTE_240M", "ycgco": "YCgCo", "bt2020nc": "ITU_2020_NCL", "bt2020c": "ITU_2020_CL",
	"ictcp": "ITU_2100ICtCp",
}

func serviceName(names map[string]string, ff string) string {
	if n, ok := names[ff]; ok {
		return n
	}
	return "UNSPECIFIED"
}

// pixelAspect is absent when the file does not tell; ffprobe has "0:1" then.
func (st ffStream) pixelAspect() *Fraction {
	r := parseRatio(st.SampleAspect)
	if r.den == 0 {
		return nil
	}
	return reduced(r.num, r.den)
}

func (st ffStream) displayAspect() *Fraction {
	r := parseRatio(st.SampleAspect)
	if r.den == 0 {
		return nil
	}
	return reduced(st.Width*r.num, st.Height*r.den)
}

func reduced(num, den int) *Fraction {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return &Fraction{num / a, den / a}
}

// layoutName drops ffmpeg's own distinction of side and back loudspeakers.
func layoutName(layout string) string {
	name, _, _ := strings.Cut(layout, "(")
	return name
}

// fieldOrder tells which field is shown first.
func (st ffStream) fieldOrder() string {
	switch st.FieldOrder {
	case "tt", "bt":
		return "TopFieldFirst"
	case "bb", "tb":
		return "BottomFieldFirst"
	}
	return ""
}

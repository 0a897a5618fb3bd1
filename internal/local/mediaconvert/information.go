package mediaconvert

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// inputInformation is one input in the INPUT_INFORMATION event. The
// four-character code is left out: the probe does not tell it.
type inputInformation struct {
	ID    int         `json:"id"` // from 1
	URI   string      `json:"uri"`
	Audio []audioInfo `json:"audio,omitempty"`
	Video []videoInfo `json:"video,omitempty"`
}

type audioInfo struct {
	Channels   int    `json:"channels"`
	Codec      string `json:"codec"`
	Language   string `json:"language"`
	SampleRate int    `json:"sampleRate"`
	StreamID   int    `json:"streamId"` // from 1
}

type videoInfo struct {
	BitDepth      int     `json:"bitDepth,omitempty"`
	Codec         string  `json:"codec"`
	ColorFormat   string  `json:"colorFormat,omitempty"`
	FrameRate     float64 `json:"frameRate,omitempty"`
	Height        int     `json:"height"`
	InterlaceMode string  `json:"interlaceMode"`
	SAR           string  `json:"sar,omitempty"`
	Standard      string  `json:"standard"`
	StreamID      int     `json:"streamId"`
	Width         int     `json:"width"`
}

func informationOf(id int, uri string, probed *transcode.ProbeResult) inputInformation {
	info := inputInformation{ID: id, URI: uri}
	for _, t := range probed.Container.Tracks {
		switch {
		case t.VideoProperties != nil:
			info.Video = append(info.Video, videoInformation(t))
		case t.AudioProperties != nil:
			info.Audio = append(info.Audio, audioInformation(t))
		}
	}
	return info
}

func videoInformation(t transcode.Track) videoInfo {
	v := t.VideoProperties
	info := videoInfo{
		BitDepth: v.BitDepth, Codec: eventCodec(t.Codec), Height: v.Height, Width: v.Width,
		InterlaceMode: "PROGRESSIVE", Standard: "UNSPECIFIED", StreamID: t.Index,
	}
	if v.FrameRate != nil && v.FrameRate.Denominator > 0 {
		info.FrameRate = float64(v.FrameRate.Numerator) / float64(v.FrameRate.Denominator)
	}
	sar := v.SampleAspectRatio
	if m := v.CodecMetadata; m != nil {
		sar = cmp.Or(sar, m.SampleAspectRatio)
		info.ColorFormat = colorFormat(m.ChromaSubsampling)
		if m.ScanType != "" && !strings.EqualFold(m.ScanType, "PROGRESSIVE") {
			info.InterlaceMode = "INTERLACED"
		}
	}
	if sar != nil {
		info.SAR = fmt.Sprintf("%d:%d", sar.Numerator, sar.Denominator)
	}
	return info
}

func audioInformation(t transcode.Track) audioInfo {
	a := t.AudioProperties
	language := strings.ToUpper(a.LanguageCode)
	if language == "" {
		language = "UND"
	}
	return audioInfo{
		Channels: a.Channels, Codec: eventCodec(t.Codec), Language: language,
		SampleRate: a.SampleRate, StreamID: t.Index,
	}
}

// eventCodec is a codec as events spell it, where Probe spells it otherwise.
func eventCodec(codec string) string {
	switch codec {
	case "AVC":
		return "H_264"
	case "HEVC":
		return "H_265"
	default:
		return codec
	}
}

// colorFormat turns 4:2:0 into YUV_420.
func colorFormat(chroma string) string {
	if chroma == "" {
		return ""
	}
	return "YUV_" + strings.NewReplacer(":", "", "YUV_", "", "yuv", "").Replace(chroma)
}

// accountOf takes the account out of an ARN.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

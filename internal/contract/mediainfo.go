package contract

import (
	"math"
	"strconv"
	"time"

	"github.com/vodstack/vodstack/internal/video"
)

// Mediainfo is what the record's srcMediainfo says, as JSON text. Durations
// are milliseconds, bitrates bits per second.
type Mediainfo struct {
	Filename  string        `json:"filename"`
	Container ContainerInfo `json:"container"`
	Video     []VideoInfo   `json:"video,omitempty"`
	Audio     []AudioInfo   `json:"audio,omitempty"`
	Text      []TextInfo    `json:"text,omitempty"`
}

// ContainerInfo is about the file as a whole.
type ContainerInfo struct {
	Format       string `json:"format,omitempty"`
	FileSize     int64  `json:"fileSize"`
	Duration     int64  `json:"duration"`
	TotalBitrate int    `json:"totalBitrate,omitempty"`
}

// VideoInfo is one picture track. Width and height are the coded ones.
type VideoInfo struct {
	Codec       string  `json:"codec,omitempty"`
	Profile     string  `json:"profile,omitempty"`
	Bitrate     int     `json:"bitrate,omitempty"`
	Duration    int64   `json:"duration,omitempty"`
	FrameCount  int     `json:"frameCount,omitempty"`
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	Framerate   float64 `json:"framerate,omitempty"`
	ScanType    string  `json:"scanType,omitempty"`
	AspectRatio string  `json:"aspectRatio,omitempty"` // "1.778", as displayed before rotation
	BitDepth    int     `json:"bitDepth,omitempty"`
	ColorSpace  string  `json:"colorSpace,omitempty"`
	Rotation    int     `json:"rotation,omitempty"` // degrees, clockwise
}

// AudioInfo is one sound track.
type AudioInfo struct {
	Codec        string `json:"codec,omitempty"`
	Bitrate      int    `json:"bitrate,omitempty"`
	Duration     int64  `json:"duration,omitempty"`
	Language     string `json:"language,omitempty"`
	Channels     int    `json:"channels,omitempty"`
	SamplingRate int    `json:"samplingRate,omitempty"` // hertz
}

// TextInfo is one track of captions.
type TextInfo struct {
	Format   string `json:"format,omitempty"`
	Language string `json:"language,omitempty"`
}

// maxTracks bounds each list: a hostile file may claim thousands.
const maxTracks = 64

// MediainfoText is the srcMediainfo of a source.
func MediainfoText(m video.Media) (string, error) {
	info := Mediainfo{
		Filename: m.Filename,
		Container: ContainerInfo{
			Format: m.Format, FileSize: m.Size,
			Duration: m.Duration.Milliseconds(), TotalBitrate: m.Bitrate,
		},
	}
	for _, v := range m.Video[:min(len(m.Video), maxTracks)] {
		info.Video = append(info.Video, videoInfo(v))
	}
	for _, a := range m.Audio[:min(len(m.Audio), maxTracks)] {
		info.Audio = append(info.Audio, AudioInfo{
			Codec: a.Codec, Bitrate: a.Bitrate, Duration: a.Duration.Milliseconds(),
			Language: a.Language, Channels: a.Channels, SamplingRate: a.SamplingRate,
		})
	}
	for _, t := range m.Text[:min(len(m.Text), maxTracks)] {
		info.Text = append(info.Text, TextInfo{Format: t.Format, Language: t.Language})
	}
	text, err := encode(info)
	return string(text), err
}

func videoInfo(v video.VideoTrack) VideoInfo {
	return VideoInfo{
		Codec: v.Codec, Profile: v.Profile, Bitrate: v.Bitrate,
		Duration: v.Duration.Round(time.Millisecond).Milliseconds(), FrameCount: v.FrameCount,
		Width: v.Width, Height: v.Height,
		Framerate: math.Round(v.FrameRate.Float()*1000) / 1000,
		ScanType:  v.ScanType, AspectRatio: aspectRatio(v),
		BitDepth: v.BitDepth, ColorSpace: v.ColorSpace, Rotation: v.Rotation,
	}
}

// aspectRatio is the shape of the unrotated picture with its pixel aspect.
func aspectRatio(v video.VideoTrack) string {
	if v.Width <= 0 || v.Height <= 0 {
		return ""
	}
	ratio := float64(v.Width) / float64(v.Height)
	if par := v.PixelAspect.Float(); par > 0 {
		ratio *= par
	}
	return strconv.FormatFloat(ratio, 'f', 3, 64)
}

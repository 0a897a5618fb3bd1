package encoding

import (
	"time"

	"github.com/vodstack/vodstack/internal/video"
)

func options() Options {
	return Options{
		Outputs:                []Output{CMAF, MP4},
		TopRung:                2160,
		FrameCapture:           true,
		FrameCaptureSeconds:    5,
		InputRotate:            "AUTO",
		AcceleratedTranscoding: "DISABLED",
		ArchiveSource:          "DISABLED",
	}
}

func with(change func(*Options)) Options {
	o := options()
	change(&o)
	return o
}

// picture is a progressive 30 fps H.264 track.
func picture(width, height int) video.VideoTrack {
	return video.VideoTrack{Codec: "AVC", Width: width, Height: height, FrameRate: video.Ratio{Num: 30, Den: 1}, ScanType: "progressive"}
}

func stereo(language string) video.AudioTrack {
	return video.AudioTrack{Codec: "AAC", Channels: 2, SamplingRate: 48000, Language: language}
}

func tracks(d time.Duration, v video.VideoTrack, audio ...video.AudioTrack) video.Media {
	return video.Media{Format: "mp4", Duration: d, Video: []video.VideoTrack{v}, Audio: audio}
}

func turned(v video.VideoTrack, degrees int) video.VideoTrack {
	v.Rotation = degrees
	return v
}

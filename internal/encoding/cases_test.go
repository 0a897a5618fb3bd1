package encoding

import (
	"time"

	"github.com/vodstack/vodstack/internal/video"
)

// planCase is a source whose whole CreateJob request is kept as a golden.
type planCase struct {
	name  string
	key   string
	media video.Media
	opts  Options
}

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

func cases() []planCase {
	car := tracks(30160*time.Millisecond, picture(768, 432), stereo("eng"))
	hd := tracks(time.Minute, picture(1920, 1080), stereo("und"))
	return append([]planCase{
		{"car 432 lines", "media/car-768x432-aac.mp4", car, options()},
		{"silent 360 lines", "bottle-640x360-silent.mp4", tracks(39900*time.Millisecond, picture(640, 360)), options()},
		{"4x3 in Matroska", "book-640x480-4x3.mkv", video.Media{Format: "matroska", Duration: 3700 * time.Millisecond,
			Video: []video.VideoTrack{picture(640, 480)}}, options()},
		{"1080 lines", "hd.mp4", hd, options()},
		{"2160 lines at 60 frames", "uhd.mov", tracks(10*time.Minute, video.VideoTrack{Codec: "HEVC", Width: 3840, Height: 2160,
			FrameRate: video.Ratio{Num: 60000, Den: 1001}}, stereo("eng")), options()},
		{"1088 lines take the place of 1080", "coded.mp4", tracks(time.Minute, picture(1920, 1088), stereo("eng")), options()},
		{"portrait phone video", "IMG 0001.MOV", tracks(12*time.Second, turned(picture(1920, 1080), 90), stereo("")), options()},
		{"upside down phone video", "IMG_0002.MOV", tracks(12*time.Second, turned(picture(1920, 1080), 180), stereo("")), options()},
		{"turned by the option", "flat.mp4", hd, with(func(o *Options) { o.InputRotate = "DEGREES_90" })},
		{"rotation of the file turned off", "IMG_0003.MOV", tracks(12*time.Second, turned(picture(1920, 1080), 270)),
			with(func(o *Options) { o.InputRotate = "DEGREE_0" })},
		{"square", "square.mp4", tracks(15*time.Second, picture(1080, 1080), stereo("eng")), options()},
		{"odd size", "odd.mp4", tracks(15*time.Second, picture(641, 361), stereo("eng")), options()},
		{"under the smallest rung", "tiny.3gp", tracks(15*time.Second, picture(176, 144), stereo("eng")), options()},
		{"interlaced anamorphic PAL", "dv.mov", tracks(time.Minute, video.VideoTrack{Codec: "DV", Width: 720, Height: 576,
			FrameRate: video.Ratio{Num: 25, Den: 1}, ScanType: "interlaced", PixelAspect: video.Ratio{Num: 64, Den: 45}}, stereo("")), options()},
		{"HDR", "hdr.mov", tracks(time.Minute, video.VideoTrack{Codec: "HEVC", Width: 3840, Height: 2160, BitDepth: 10,
			Transfer: "ARIB_B67", FrameRate: video.Ratio{Num: 30, Den: 1}}, stereo("")), options()},
	}, moreCases(car, hd)...)
}

func moreCases(car, hd video.Media) []planCase {
	everything := with(func(o *Options) { o.Outputs = []Output{CMAF, HLS, DASH, MP4} })
	surround := video.AudioTrack{Codec: "AC3", Channels: 6, SamplingRate: 48000, Language: "eng"}
	mono := video.AudioTrack{Codec: "PCM", Channels: 1, SamplingRate: 44100}
	sound := video.Media{Format: "mp3", Duration: 3 * time.Minute, Audio: []video.AudioTrack{stereo("deu"), stereo("eng")}}
	return []planCase{
		{"sound only", "talk.mp3", sound, options()},
		{"sound only in every output", "talk.mp3", sound, everything},
		{"surround", "film.mkv", tracks(time.Hour, picture(1280, 720), surround), options()},
		{"two languages in every output", "film.mov", tracks(time.Hour, picture(1280, 720), stereo("ger"), stereo("en-US")), everything},
		{"commentary in the same language", "film.mp4", tracks(time.Hour, picture(1280, 720), stereo("eng"), stereo("eng"), stereo("fre")), options()},
		{"a mono track", "phone.mp4", tracks(20*time.Second, picture(640, 480), mono), options()},
		{"mono tracks of a production master", "master.mxf", tracks(20*time.Second, picture(1920, 1080), mono, mono, mono, mono), options()},
		{"one language in every output", "hd.mp4", car, everything},
		{"top rung 720", "hd.mp4", hd, with(func(o *Options) { o.TopRung = 720 })},
		{"no frame capture, accelerated", "hd.mp4", hd, with(func(o *Options) {
			o.FrameCapture, o.AcceleratedTranscoding = false, "PREFERRED"
		})},
		{"100 hours", "camera.ts", tracks(100*time.Hour, picture(1920, 1080)), options()},
		{"one frame", "blink.mp4", tracks(33*time.Millisecond, picture(1280, 720)), options()},
		{"neither duration nor frame rate known", "odd.ts", tracks(0, video.VideoTrack{Codec: "MPEG2", Width: 1280, Height: 720}, stereo("eng")), options()},
		{"1000 frames a second", "slow.mp4", tracks(time.Second, video.VideoTrack{Codec: "AVC", Width: 1280, Height: 720,
			FrameRate: video.Ratio{Num: 1000, Den: 1}}), options()},
		{"panorama", "pano.mp4", tracks(time.Minute, picture(7680, 1080), stereo("eng")), options()},
		{"a key that no URL takes", "up/../Урок №1: $dt$ 100%?.mp4", tracks(time.Minute, picture(640, 360)), options()},
	}
}

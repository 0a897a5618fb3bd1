package clips

import "strings"

// The camera's own clips, uploaded as they are.
var (
	// Car has sound, though silent sound.
	Car = Clip{File: "car-768x432-aac.mp4", Width: 768, Height: 432, Rungs: words("768x432 640x360 480x270"), Seconds: 30.16, FrameRate: 12.5, Sounds: []string{"eng"}, Channels: 2, encode: same("car-768x432-aac.mp4")}
	// Bottle has no sound track.
	Bottle = Clip{File: "bottle-640x360-silent.mp4", Width: 640, Height: 360, Rungs: words("640x360 480x270"), Seconds: 39.855, FrameRate: 179.0 / 6, encode: same("bottle-640x360-silent.mp4")}
	// Book is Matroska, 4:3, full range.
	Book = Clip{File: "book-640x480-4x3.mkv", Width: 640, Height: 480, Rungs: words("640x480 480x360 360x270"), Seconds: 3.7, FrameRate: 30, encode: same("book-640x480-4x3.mkv")}
)

// Shapes that must be encoded as they are seen.
var (
	// Phone is held upright: coded lying down, with rotation metadata.
	Phone = Clip{
		File: "phone portrait.mov", Width: 432, Height: 768, Rungs: words("432x768 360x640 270x480"), Seconds: 3, FrameRate: 25, Sounds: []string{"und"}, Channels: 2,
		encode: withBeep(3, "fps=25,scale=768:432"), remux: words("-c copy -metadata:s:v:0 rotate=90"),
	}
	Square = Clip{File: "square.mp4", Width: 480, Height: 480, Rungs: words("480x480 360x360 270x270"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,crop=432:432,scale=480:480,setsar=1")}
	// Odd has a size that 4:2:0 cannot hold.
	Odd = Clip{File: "odd.mp4", Width: 641, Height: 361, Rungs: words("640x360 480x270"), Seconds: 2, FrameRate: 25, encode: append(silent(2, "fps=25,scale=641:361,setsar=1"), "-pix_fmt", "yuv444p")}
	// Anamorphic is PAL widescreen: 720×576 shown as 1024×576.
	Anamorphic = Clip{File: "anamorphic.mp4", Width: 1024, Height: 576, Rungs: words("1024x576 640x360 480x270"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,scale=720:576,setsar=64/45")}
	// Broadcast is the same in a transport stream, whose container tells of no
	// pixels.
	Broadcast = Clip{File: "broadcast.ts", Width: 1024, Height: 576, Rungs: words("1024x576 640x360 480x270"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,scale=720:576,setsar=64/45")}
	FullHD    = Clip{File: "1080p.mp4", Width: 1920, Height: 1080, Rungs: words("1920x1080 1280x720 960x540 640x360 480x270"), Seconds: 2, FrameRate: 25, Sounds: []string{"und"}, Channels: 2, encode: withBeep(2, "fps=25,scale=1920:1080,setsar=1")}
	UltraHD   = Clip{File: "2160p.mp4", Width: 3840, Height: 2160, Rungs: words("3840x2160 1920x1080 1280x720 960x540 640x360 480x270"), Seconds: 1, FrameRate: 12.5, encode: silent(1, "scale=3840:2160,setsar=1")}
	// Tiny is smaller than the smallest rung.
	Tiny = Clip{File: "tiny.mp4", Width: 160, Height: 90, Rungs: words("160x90"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,scale=160:90,setsar=1")}
	// Second lasts one: it is for tests and figures of many videos.
	Second = Clip{File: "second.mp4", Width: 160, Height: 90, Rungs: words("160x90"), Seconds: 1, FrameRate: 25, encode: silent(1, "fps=25,scale=160:90,setsar=1")}
	// Upper has an extension as Windows cameras write it.
	Upper = Clip{File: "UPPER.MOV", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,scale=320:180,setsar=1")}
	// HEVC is what iPhones record.
	HEVC = Clip{
		File: "hevc.mov", Width: 640, Height: 360, Rungs: words("640x360 480x270"), Seconds: 2, FrameRate: 25, Sounds: []string{"und"}, Channels: 2,
		encode: append(withBeep(2, "fps=25,scale=640:360,setsar=1"), words("-c:v libx265 -preset ultrafast -x265-params log-level=error -tag:v hvc1")...),
	}
	// Variable changes its frame rate on the way, as screen recorders do.
	Variable = Clip{File: "variable.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 4, encode: silent(4, "select=lt(n\\,20)+not(mod(n\\,3)),scale=320:180,setsar=1", "-fps_mode", "vfr")}
	// BlackStart is dark for its first half.
	BlackStart = Clip{File: "black start.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 4, FrameRate: 25, encode: silent(4, "fps=25,scale=320:180,setsar=1,drawbox=color=black:t=fill:enable=lt(t\\,2)")}
)

// Pictures at the edge of what there is to see.
var (
	// Black has nothing else to make a poster of.
	Black = Clip{File: "all black.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 2, FrameRate: 25, Dark: true, encode: words("-f lavfi -i color=black:size=320x180:rate=25:duration=2 -pix_fmt yuv420p")}
	// Blink is over before a second thumbnail is due.
	Blink = Clip{File: "blink.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 0.2, FrameRate: 25, encode: words("-ss 6 -i car-768x432-aac.mp4 -t 0.2 -map 0:v -vf fps=25,scale=320:180,setsar=1 -pix_fmt yuv420p")}
	// Panorama is far wider than a cinema's picture.
	Panorama = Clip{File: "panorama.mp4", Width: 1200, Height: 300, Rungs: words("1200x300 1080x270"), Seconds: 2, FrameRate: 25, encode: silent(2, "fps=25,scale=1200:300,setsar=1")}
	// Smooth is at the rate of American television, twice.
	Smooth = Clip{File: "59.94.webm", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 2.002, FrameRate: 60000.0 / 1001, Sounds: []string{"und"}, Channels: 2,
		encode: words("-ss 5 -i car-768x432-aac.mp4 -f lavfi -i sine=frequency=440 -t 2.002 -map 0:v -map 1:a -vf fps=60000/1001,scale=320:180,setsar=1 -c:v libvpx -deadline realtime -cpu-used 8 -pix_fmt yuv420p -ac 2 -ar 48000 -c:a libopus")}
)

// Sound in its kinds.
var (
	SoundM4A = Clip{File: "sound only.m4a", Seconds: 4, Sounds: []string{"und"}, Channels: 2, encode: words("-f lavfi -i sine=frequency=440:duration=4 -ac 2 -c:a aac")}
	SoundMP4 = Clip{File: "sound only.mp4", Seconds: 4, Sounds: []string{"eng"}, Channels: 2, encode: words("-f lavfi -i sine=frequency=440:duration=4 -ac 2 -c:a aac -metadata:s:a:0 language=eng")}
	SoundWAV = Clip{File: "sound only.wav", Seconds: 4, Sounds: []string{"und"}, Channels: 2, encode: words("-f lavfi -i sine=frequency=440:duration=4 -ac 2")}
	SoundMP3 = Clip{File: "sound only.mp3", Seconds: 4, Sounds: []string{"und"}, Channels: 2, encode: words("-f lavfi -i sine=frequency=440:duration=4 -ac 2")}
	Surround = Clip{
		File: "surround.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 3, FrameRate: 25, Sounds: []string{"und"}, Channels: 6,
		encode: append(withBeep(3, "fps=25,scale=320:180,setsar=1"), "-ac", "6"),
	}
	Languages = Clip{
		File: "languages.mp4", Width: 320, Height: 180, Rungs: words("320x180"), Seconds: 4, FrameRate: 25, Sounds: []string{"eng", "fra"}, Channels: 2,
		encode: words("-ss 5 -i car-768x432-aac.mp4 -f lavfi -i sine=frequency=440 -f lavfi -i sine=frequency=880 -t 4 -map 0:v -map 1:a -map 2:a " +
			"-vf fps=25,scale=320:180,setsar=1 -pix_fmt yuv420p -ac 2 -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=fra"),
	}
)

// What is no video, or no whole one.
var (
	Empty    = Clip{File: "empty.mp4", spoil: text("")}
	Text     = Clip{File: "text.mp4", spoil: text(strings.Repeat("This is not a video.\n", 500))}
	JPEG     = Clip{File: "jpeg.mov", encode: words("-i car-768x432-aac.mp4 -frames:v 1 -c:v mjpeg -f mjpeg")}
	CutFirst = Clip{File: "truncated, moov first.mp4", encode: withBeep(10, "fps=25,scale=320:180,setsar=1", "-movflags", "+faststart"), spoil: half}
	CutLast  = Clip{File: "truncated, moov last.mp4", encode: withBeep(10, "fps=25,scale=320:180,setsar=1"), spoil: half}
)

// Good are all clips that end Complete; Bad those that end in Error.
var (
	Good = []Clip{
		Car, Bottle, Book, Phone, Square, Odd, Anamorphic, Broadcast, FullHD, UltraHD, Tiny, Upper, HEVC, Variable, BlackStart,
		Black, Blink, Panorama, Smooth, SoundM4A, SoundMP4, SoundWAV, SoundMP3, Surround, Languages,
	}
	Bad = []Clip{Empty, Text, JPEG, CutFirst, CutLast}
)

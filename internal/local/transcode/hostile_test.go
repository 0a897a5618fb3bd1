package transcode

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// failure runs a job that must fail, and sees that nothing is left of it.
func failure(t *testing.T, tr *Transcoder, path string, w want) *Error {
	t.Helper()
	dir := t.TempDir()
	_, err := tr.Run(t.Context(), Job{Settings: checked(t, w), Inputs: []Input{{path, "s3://source/clip.mp4"}}, Dir: dir})
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%s: error %v, want a job error", filepath.Base(path), err)
	}
	if left := leftIn(t, dir); len(left) > 0 {
		t.Errorf("%s: left behind: %q", filepath.Base(path), left)
	}
	return e
}

func TestWhatIsNotAVideoIsRefusedByProbeAndRun(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 200_000)
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(noise); i++ {
		noise[i] = byte(r.Uint32())
	}
	whole := contents(t, clip(t, "faststart.mp4"))
	tail := len(whole) / 2
	for name, data := range map[string][]byte{
		"empty.mp4":    {},
		"text.mp4":     []byte("hello, I am a video\n"),
		"json.mp4":     []byte("{}"),
		"noise.mp4":    noise,
		"nohead.mp4":   whole[tail:],
		"picture.mov":  contents(t, clip(t, "still.jpg")),
		"png.mp4":      contents(t, clip(t, "still.png")),
		"captions.mp4": []byte("1\n00:00:01,000 --> 00:00:02,000\nhi\n"),
		"playlist.mov": []byte("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
		"concat.mp4":   []byte("ffconcat version 1.0\nfile '" + clip(t, "silent.mp4") + "'\n"),
		"sdp.mp4":      []byte("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
		"dash.mp4":     []byte(`<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>`),
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t, name, data)
			if e := failure(t, &Transcoder{}, path, want{sizes: ladder}); e.Code != CodeUnreadable {
				t.Errorf("run: %v", e)
			}
			_, err := (&Transcoder{}).Probe(t.Context(), path)
			if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeUnreadable {
				t.Errorf("probe: %v", err)
			}
		})
	}
	_, err := (&Transcoder{}).Probe(t.Context(), filepath.Join(t.TempDir(), "none.mp4"))
	if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeInputMissing {
		t.Errorf("missing: %v", err)
	}
}

// boxOf writes a box of a movie.
func boxOf(kind string, content ...string) string {
	body := strings.Join(content, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

// referring is a real movie with a track in front whose media lie in another
// real file.
func referring(t *testing.T) []byte {
	movie := contents(t, clip(t, "faststart.mp4"))
	at := bytes.Index(movie, []byte("moov")) + 4
	track := boxOf("trak", boxOf("mdia", boxOf("minf", boxOf("dinf", boxOf("dref", "\x00\x00\x00\x00\x00\x00\x00\x01",
		boxOf("url ", "\x00\x00\x00\x00file://"+clip(t, "silent.mp4")+"\x00"))))))
	length := binary.BigEndian.Uint32(movie[at-8:])
	whole := slices.Concat(movie[:at], []byte(track), movie[at:])
	binary.BigEndian.PutUint32(whole[at-8:], length+uint32(len(track)))
	return whole
}

func TestWhatNamesOtherFilesIsRefusedBeforeFFmpegSeesIt(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	seen := script(t, "touch "+ran+"; exit 1")
	seen.FFprobe = seen.FFmpeg
	for name, data := range map[string][]byte{
		"playlist.mp4":  []byte("#EXTM3U\n#EXTINF:5,\nfile://" + clip(t, "silent.mp4") + "\n"),
		"playlist.mkv":  []byte("#EXTM3U\n#EXTINF:5,\nhttps://elsewhere.example/x.ts\n"),
		"dash.ts":       []byte(`<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>`),
		"smooth.mp4":    []byte(`<SmoothStreamingMedia MajorVersion="2"/>`),
		"smil.mov":      []byte(`<smil/>`),
		"asx.wmv":       []byte(`<asx version="3"/>`),
		"pls.mp3":       []byte("[playlist]\nFile1=/etc/passwd\n"),
		"concat.mov":    []byte("ffconcat version 1.0\nfile '" + clip(t, "silent.mp4") + "'\n"),
		"reference.mov": []byte(boxOf("moov", boxOf("rmra", boxOf("rmda")))),
		"media.mov":     referring(t),
	} {
		path := written(t, name, data)
		_, err := seen.Probe(t.Context(), path)
		for what, err := range map[string]error{"probe": err, "run": failure(t, seen, path, want{sizes: ladder})} {
			if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeUnreadable || !strings.Contains(e.Message, "no video of its own") {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("ffmpeg or ffprobe was run")
	}
}

func TestATruncatedSourceIsNotASuccess(t *testing.T) {
	t.Parallel()
	whole := contents(t, clip(t, "faststart.mp4"))
	e := failure(t, &Transcoder{}, written(t, "cut.mp4", whole[:len(whole)/2]), want{sizes: ladder[1:], tracks: first, groups: []string{"MP4"}})
	if e.Code != CodeTruncated || !strings.Contains(e.Message, "of 30.2 seconds") {
		t.Errorf("%v", e)
	}
}

func TestDamageInTheMiddleIsEncodedAllTheSame(t *testing.T) {
	t.Parallel()
	data := bytes.Clone(contents(t, clip(t, "ntsc.mp4")))
	for i := len(data) / 2; i < len(data)/2+2000; i++ {
		data[i] ^= 0x5a
	}
	tr := encodeFile(t, written(t, "damaged.mp4", data), want{sizes: ladder[1:], tracks: first, groups: []string{"MP4"}})
	about(t, "duration", float64(tr.OutputGroupDetails[0].OutputDetails[0].DurationInMs), 4000, 300)
}

func TestAJobThatWantsWhatTheSourceLacks(t *testing.T) {
	t.Parallel()
	if e := failure(t, &Transcoder{}, clip(t, "sound.m4a"), want{sizes: ladder, tracks: first}); e.Code != CodeNoVideo {
		t.Errorf("picture: %v", e)
	}
	if e := failure(t, &Transcoder{}, clip(t, "silent.mp4"), want{sizes: ladder, tracks: first}); e.Code != CodeNoAudio {
		t.Errorf("sound: %v", e)
	}
}

func TestOddNamesAreNothingSpecial(t *testing.T) {
	t.Parallel()
	path := written(t, `it's 100%d [x]|:;$(id) -y é.mp4`, contents(t, clip(t, "silent.mp4")))
	name := `a b'%d [x]|:é$`
	tr := encodeFile(t, path, want{sizes: ladder[1:], base: name})
	for _, n := range []string{"CMAF/" + name + "_90_000000001.cmfv", "HLS/" + name + "_90_00001.ts", "MP4/" + name + "_90.mp4", "JPEG/" + name + "_thumb.0000000.jpg"} {
		tr.path(n)
	}
	if want := "a%20b%27%25d%20%5Bx%5D%7C%3A%C3%A9$_90.m3u8"; !strings.Contains(tr.text("CMAF/"+name+".m3u8"), want) {
		t.Errorf("master:\n%s", tr.text("CMAF/"+name+".m3u8"))
	}
	if want := "%C3%A9$$_90_$Number%09d$.cmfv"; !strings.Contains(tr.text("CMAF/"+name+".mpd"), want) {
		t.Errorf("MPD:\n%s", tr.text("CMAF/"+name+".mpd"))
	}
}

func TestCancellingStopsTheEncoderAndLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	job := Job{Settings: checked(t, want{sizes: [][2]int{{640, 360}}}), Inputs: []Input{{Path: clip(t, "long.mp4")}}, Dir: dir,
		Progress: func(p Progress) {
			if p.FramesDecoded > 0 {
				cancel()
			}
		}}
	_, err := (&Transcoder{}).Run(ctx, job)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left := leftIn(t, dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// script is an encoder that does what the shell lines say.
func script(t *testing.T, lines string) *Transcoder {
	t.Helper()
	path := filepath.Join(t.TempDir(), "encoder")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Transcoder{FFmpeg: path}
}

func TestEncodersThatFail(t *testing.T) {
	for _, c := range []struct {
		name, lines string
		code        int
		says        string
	}{
		{"killed", "kill -9 $$", CodeInternal, "killed"},
		{"asked to stop", "exit 255", CodeInternal, "killed"},
		{"disk full", "echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", CodeDiskFull, "disk space"},
		{"disk full, exit code 0", "echo 'No space left on device' >&2", CodeDiskFull, "disk space"},
		{"no decoder", "echo 'Decoder (codec none) not found for input stream #0:0' >&2; exit 1", CodeUnsupported, "not supported"},
		{"nothing made", "true", CodeUnreadable, "Nothing of the input file"},
		{"endless complaints", "yes 'something is wrong' | head -c 3000000 >&2; exit 1", CodeInternal, "something is"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := failure(t, script(t, c.lines), clip(t, "silent.mp4"), want{sizes: ladder[1:], groups: []string{"CMAF"}})
			if e.Code != c.code || !strings.Contains(e.Message, c.says) || len(e.Message) > 1000 {
				t.Errorf("%v", e)
			}
		})
	}
	if e := failure(t, &Transcoder{FFmpeg: "no-such-program"}, clip(t, "silent.mp4"), want{sizes: ladder[1:]}); e.Message != "ffmpeg is not installed." {
		t.Errorf("%v", e)
	}
}

func TestAnEncoderThatIgnoresTheRequestToStopIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	tr := script(t, "trap '' TERM; while :; do sleep 0.1; done")
	_, err := tr.Run(ctx, Job{Settings: checked(t, want{sizes: ladder[1:]}), Inputs: []Input{{Path: clip(t, "silent.mp4")}}, Dir: t.TempDir()})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestAnOutputThatLacksItsEndIsNotASuccess(t *testing.T) {
	whole := script(t, `ffmpeg "$@" && for f in *_0*.cmfv; do truncate -s -100 "$f"; done`)
	e := failure(t, whole, clip(t, "silent.mp4"), want{sizes: ladder[1:], groups: []string{"CMAF"}})
	if e.Code != CodeInternal || !strings.Contains(e.Message, "incomplete") {
		t.Errorf("%v", e)
	}
}

// The disk is a small one in memory, which only root can make.
func TestAFullDiskIsSaidToBeFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=300k"); err != nil {
		t.Skipf("no small disk: %v", err)
	}
	defer syscall.Unmount(dir, 0)
	for _, groups := range [][]string{{"CMAF"}, {"HLS"}, {"MP4"}, {"JPEG"}} {
		w := want{sizes: [][2]int{{1280, 720}}, groups: groups, capture: m{"framerateNumerator": 25, "framerateDenominator": 1}}
		_, err := (&Transcoder{}).Run(t.Context(), Job{Settings: checked(t, w), Inputs: []Input{{Path: clip(t, "silent.mp4")}}, Dir: dir})
		if e, ok := errors.AsType[*Error](err); !ok || e.Code != CodeDiskFull {
			t.Errorf("%v: %v", groups, err)
		}
		if left := leftIn(t, dir); len(left) > 0 {
			t.Errorf("%v: left behind: %q", groups, left)
		}
	}
}

func TestProgressOnlyGoesForwardAndEndsAtAHundred(t *testing.T) {
	t.Parallel()
	var seen []Progress
	job := Job{Settings: checked(t, want{sizes: ladder, capture: m{"framerateNumerator": 1, "framerateDenominator": 30}}),
		Inputs: []Input{{Path: clip(t, "silent.mp4")}}, Dir: t.TempDir(), Progress: func(p Progress) { seen = append(seen, p) }}
	if _, err := (&Transcoder{}).Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	last := seen[len(seen)-1]
	if last.Phase != PhaseTranscoding || last.Percent != 100 || last.FramesDecoded != 100 {
		t.Errorf("ended with %+v", last)
	}
	for i := 1; i < len(seen); i++ {
		if seen[i].Phase == seen[i-1].Phase && (seen[i].Percent < seen[i-1].Percent || seen[i].FramesDecoded < seen[i-1].FramesDecoded) {
			t.Errorf("went back: %v", fmt.Sprint(seen))
		}
	}
}

package step_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/video"
)

// boxOf writes a box of a movie.
func boxOf(kind string, content ...string) string {
	body := strings.Join(content, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

// elsewhere is a movie whose track names another file.
var elsewhere = boxOf("ftyp", "qt  ") + boxOf("moov", boxOf("trak", boxOf("mdia", boxOf("minf", boxOf("dinf",
	boxOf("dref", "\x00\x00\x00\x00\x00\x00\x00\x01", boxOf("url ", "\x00\x00\x00\x00https://elsewhere.example/x\x00")))))))

// The probe takes each of them for a video, as it may on AWS.
func TestAFileThatNamesOthersIsNoVideoWhateverItIsCalled(t *testing.T) {
	for name, data := range map[string]string{
		"a HLS playlist":       "#EXTM3U\n#EXTINF:5,\nhttps://elsewhere.example/x.ts\n",
		"DASH":                 `<?xml version="1.0"?><MPD/>`,
		"a concat script":      "ffconcat version 1.0\nfile 'x.mp4'\n",
		"a reference movie":    boxOf("moov", boxOf("rmra")),
		"media in other files": elsewhere,
	} {
		for _, key := range []string{"a.mp4", "a.mov", "a.MKV", "a.ts", "a.wav", "a"} {
			w := newWorld(t)
			err := plan(w, w.upload(key, []byte(data)))
			wantFailure(t, err, contract.CodeSourceUnreadable)
			if rec := w.table.Record(guid); rec.EncodingJob != nil || err != nil && !strings.Contains(contract.Sentence(err), "no video of its own") {
				t.Errorf("%s as %s: %v, with job %s", name, key, err, rec.EncodingJob)
			}
		}
	}
}

func TestWhatTheProbeOrTheNameCallsAPlaylistIsNoVideo(t *testing.T) {
	for _, format := range []string{"HLS", "hls", "dash", "applehttp"} {
		w := newWorld(t)
		w.prober.media.Format = format
		wantFailure(t, plan(w, w.upload("a.mp4", []byte("a video"))), contract.CodeSourceUnreadable)
	}
	for _, key := range []string{"a.m3u8", "a.MPD", "b.ism", "c.xml"} { // as a metadata file may name them
		w := newWorld(t)
		wantFailure(t, plan(w, w.upload(key, []byte("a video"))), contract.CodeSourceUnreadable)
	}
}

func TestASourceIsAsLongAndAsLargeAsTheStackTakes(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*video.Media)
		code   contract.Code
		says   string
	}{
		"as long as is taken":       {func(m *video.Media) { m.Duration = 12 * time.Hour }, "", ""},
		"a picture of 1,000 hours":  {func(m *video.Media) { m.Duration = 1000 * time.Hour }, contract.CodeSourceTooLong, "the video lasts 60000 minutes and up to 720 are taken; upload it in shorter parts"},
		"a second longer":           {func(m *video.Media) { m.Duration = 12*time.Hour + time.Second }, contract.CodeSourceTooLong, "721 minutes"},
		"a track longer than told":  {func(m *video.Media) { m.Video[0].Duration = 13 * time.Hour }, contract.CodeSourceTooLong, "780 minutes"},
		"sound longer than told":    {func(m *video.Media) { m.Audio[0].Duration = 13 * time.Hour }, contract.CodeSourceTooLong, "780 minutes"},
		"8K":                        {func(m *video.Media) { m.Video[0].Width, m.Video[0].Height = 7680, 4320 }, "", ""},
		"8K held upright":           {func(m *video.Media) { m.Video[0].Width, m.Video[0].Height = 4320, 8192 }, "", ""},
		"16K":                       {func(m *video.Media) { m.Video[0].Width, m.Video[0].Height = 15360, 8640 }, contract.CodeSourceTooLarge, "the picture has 15360×8640 = 132710400 pixels and up to 35389440 are taken"},
		"a strip":                   {func(m *video.Media) { m.Video[0].Width, m.Video[0].Height = 1<<31-1, 1<<31-1 }, contract.CodeSourceTooLarge, "2147483647×2147483647"},
		"a second track that large": {func(m *video.Media) { m.Video = append(m.Video, video.VideoTrack{Width: 15360, Height: 8640}) }, contract.CodeSourceTooLarge, "15360×8640"},
	} {
		w := newWorld(t)
		c.change(&w.prober.media)
		err := plan(w, w.upload("a.mp4", []byte("a video")))
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantFailure(t, err, c.code)
		if err == nil || !strings.Contains(contract.Sentence(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAVideoOfTheAPIGoesToTheResultQueueAsTheStackIsConfigured(t *testing.T) {
	for _, configured := range []bool{true, false} {
		for _, options := range []string{"", `{"enableSqs":false}`, `{"enableSqs":true}`, `{"EnableSqs":false}`} {
			w := newWorld(t)
			w.rows.row = created(options)
			p := w.plan()
			p.Stack.Options.EnableSqs = configured
			if _, err := p.Handle(context.Background(), w.upload(w.rows.row.S3Key, []byte("a video"))); err != nil {
				t.Fatal(err)
			}
			if got := *w.table.Record(guid).EnableSqs; got != configured {
				t.Errorf("%s: enableSqs is %v, the stack's is %v", options, got, configured)
			}
		}
	}
}

// A look at the first bytes that fails decides nothing, for files of any kind.
func TestABeginningThatCouldNotBeReadIsReadAgain(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mkv", []byte("#EXTM3U"))
	w.source.Before = func(op, _ string) error {
		if op == "ranges" {
			return errors.Join(contract.ErrThrottled, errors.New("slow down"))
		}
		return nil
	}
	want(t, "name", contract.ErrorName(orNil(plan(w, exec))), contract.NameThrottled)
	w.source.Before = nil
	wantFailure(t, plan(w, exec), contract.CodeSourceUnreadable)
}

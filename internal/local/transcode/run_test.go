package transcode

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	ladder = [][2]int{{320, 180}, {160, 90}}
	first  = []int{1}
)

func TestAPlainClipBecomesEveryGroup(t *testing.T) {
	t.Parallel()
	tr := encode(t, "ntsc.mp4", want{sizes: ladder, tracks: first, langs: []string{"ENG"}})
	for _, name := range []string{
		"CMAF/clip.m3u8", "CMAF/clip.mpd", "CMAF/clip_180.m3u8", "CMAF/clip_180init.cmfv", "CMAF/clip_180_000000001.cmfv",
		"CMAF/clip_90init.cmfv", "CMAF/clip_audio1init.cmfa", "CMAF/clip_audio1_000000002.cmfa",
		"HLS/clip.m3u8", "HLS/clip_180.m3u8", "HLS/clip_180_00001.ts", "DASH/clip.mpd", "DASH/clip_180init.mp4",
		"DASH/clip_180_000000001.mp4", "MP4/clip_180.mp4", "JPEG/clip_thumb.0000000.jpg", "JPEG/clip_thumb.0000001.jpg",
	} {
		tr.path(name)
	}
	for _, path := range []string{tr.path("MP4/clip_180.mp4"), tr.joined("CMAF/clip_180", "cmfv"), tr.joined("HLS/clip_180", "ts"), tr.joined("DASH/clip_180", "mp4")} {
		v := look(t, path).Streams[0]
		if v.CodecName != "h264" || v.Profile != "High" || v.Width != 320 || v.Height != 180 || v.Rate != "30000/1001" || v.Aspect != "1:1" {
			t.Errorf("%s: %+v", path, v)
		}
	}
	a := look(t, tr.path("MP4/clip_180.mp4")).Streams[1]
	if a.CodecName != "aac" || a.Channels != 2 || a.Tags["language"] != "eng" {
		t.Errorf("sound of the MP4: %+v", a)
	}
}

func TestTheCompleteEventListsWhatTheServiceLists(t *testing.T) {
	t.Parallel()
	tr := encode(t, "ntsc.mp4", want{sizes: ladder[:1], tracks: first})
	var got []string
	for _, g := range tr.OutputGroupDetails {
		got = append(got, g.Type, strings.Join(g.PlaylistFilePaths, " "))
		for _, o := range g.OutputDetails {
			about(t, g.Type+" duration", float64(o.DurationInMs), 4000, 60)
			size := ""
			if o.VideoDetails != nil {
				size = fmt.Sprintf("%dx%d ", o.VideoDetails.WidthInPx, o.VideoDetails.HeightInPx)
			}
			got = append(got, size+strings.Join(o.OutputFilePaths, " "))
		}
	}
	want := []string{
		"CMAF_GROUP", "s3://dest/CMAF/clip.mpd s3://dest/CMAF/clip.m3u8", "320x180 ", "",
		"HLS_GROUP", "s3://dest/HLS/clip.m3u8", "320x180 s3://dest/HLS/clip_180.m3u8",
		"DASH_ISO_GROUP", "s3://dest/DASH/clip.mpd", "320x180 ", "",
		"FILE_GROUP", "", "320x180 s3://dest/MP4/clip_180.mp4",
		"FILE_GROUP", "", "320x180 s3://dest/JPEG/clip_thumb.0000002.jpg",
	}
	if !slices.Equal(got, want) {
		t.Errorf("details:\n%q\nwant\n%q", got, want)
	}
}

func TestFilesAreListedBeforeThePlaylistsThatNameThem(t *testing.T) {
	t.Parallel()
	tr := encode(t, "ntsc.mp4", want{sizes: ladder, tracks: first, groups: []string{"CMAF"}})
	last := tr.Files[len(tr.Files)-1]
	if last.URI != "s3://dest/CMAF/clip.m3u8" || last.ContentType != "application/vnd.apple.mpegurl" {
		t.Errorf("the last file is %+v", last)
	}
	at := func(uri string) int {
		return slices.IndexFunc(tr.Files, func(f File) bool { return f.URI == "s3://dest/CMAF/"+uri })
	}
	if at("clip_180_000000002.cmfv") > at("clip_180.m3u8") || at("clip_180.m3u8") > at("clip.m3u8") {
		t.Error("a playlist comes before what it names")
	}
}

func TestKeyFramesAreAtTheSamePlacesOnAllRungs(t *testing.T) {
	t.Parallel()
	tr := encode(t, "ntsc.mp4", want{sizes: ladder, tracks: first, groups: []string{"CMAF", "MP4"}})
	top, bottom := keyFrames(t, tr.joined("CMAF/clip_180", "cmfv")), keyFrames(t, tr.joined("CMAF/clip_90", "cmfv"))
	want := []float64{0, 1.001, 2.002, 3.003}
	if !slices.Equal(top, want) || !slices.Equal(bottom, want) {
		t.Errorf("key frames at %v and %v, want %v", top, bottom, want)
	}
}

// A group of pictures of 1.5 s does not divide segments of 2 s: counting
// begins anew at each segment.
func TestSegmentsBeginOnTimeWhateverTheGroupOfPictures(t *testing.T) {
	t.Parallel()
	tr := encode(t, "silent.mp4", want{sizes: ladder[:1], groups: []string{"CMAF"}, h264: m{"gopSize": 1.5}})
	if got := keyFrames(t, tr.joined("CMAF/clip_180", "cmfv")); !slices.Equal(got, []float64{0, 1.52, 2, 3.52}) {
		t.Errorf("key frames at %v", got)
	}
}

func TestGroupsOfPicturesCountedInFrames(t *testing.T) {
	t.Parallel()
	tr := encode(t, "silent.mp4", want{sizes: ladder[:1], groups: []string{"MP4"}, h264: m{"gopSize": 30, "gopSizeUnits": "FRAMES"}})
	if got := keyFrames(t, tr.path("MP4/clip_180.mp4")); !slices.Equal(got, []float64{0, 1.2, 2.4, 3.6}) {
		t.Errorf("key frames at %v", got)
	}
}

func TestSoundStaysInSyncInEveryGroup(t *testing.T) {
	t.Parallel()
	tr := encode(t, "beep.mov", want{sizes: ladder[:1], tracks: first})
	for _, path := range []string{tr.path("MP4/clip_180.mp4"), tr.joined("CMAF/clip_audio1", "cmfa"), tr.joined("DASH/clip_audio1", "mp4")} {
		about(t, path+" beep", onset(t, path), 2, 0.003)
	}
	ts := tr.joined("HLS/clip_180", "ts")
	s := look(t, ts).Streams
	about(t, "beep in the transport stream", onset(t, ts)+seconds(s[1].StartTime)-seconds(s[0].StartTime), 2, 0.003)
}

func TestSoundInItsOwnTransportStreamStaysInSync(t *testing.T) {
	t.Parallel()
	tr := encode(t, "beep.mov", want{sizes: ladder[:1], tracks: []int{1, 1}, groups: []string{"HLS"}})
	picture, sound := tr.joined("HLS/clip_180", "ts"), tr.joined("HLS/clip_audio1", "ts")
	start := func(path string) float64 { return seconds(look(t, path).Streams[0].StartTime) }
	about(t, "beep", onset(t, sound)+start(sound)-start(picture), 2, 0.003)
}

func TestAnMP4WithTheSameSettingsAsARungIsNotEncodedAgain(t *testing.T) {
	t.Parallel()
	tr := encode(t, "silent.mp4", want{sizes: ladder, groups: []string{"CMAF", "MP4"}})
	a, b := look(t, tr.joined("CMAF/clip_180", "cmfv")).Streams[0], look(t, tr.path("MP4/clip_180.mp4")).Streams[0]
	if a.Packets != b.Packets || a.Packets != "100" {
		t.Errorf("%s and %s frames", a.Packets, b.Packets)
	}
}

func TestFragmentsShorterThanSegments(t *testing.T) {
	t.Parallel()
	shorter := func(s m) {
		g := s["outputGroups"].([]any)[0].(m)["outputGroupSettings"].(m)["cmafGroupSettings"].(m)
		g["fragmentLength"] = 1
	}
	tr := encode(t, "ntsc.mp4", want{sizes: ladder[:1], tracks: first, groups: []string{"CMAF"}, edit: shorter})
	f, err := readMP4(tr.path("CMAF/clip_180_000000001.cmfv"))
	if err != nil || len(f.Segments[0].Fragments) != 2 {
		t.Fatalf("fragments: %v, %v", f.Segments, err)
	}
	if got := look(t, tr.joined("CMAF/clip_180", "cmfv")).Streams[0].Packets; got != "120" {
		t.Errorf("%s frames, want 120", got)
	}
}

func TestAShortLastSegmentJoinsTheOneBefore(t *testing.T) {
	t.Parallel()
	longEnd := func(s m) {
		g := s["outputGroups"].([]any)[0].(m)["outputGroupSettings"].(m)["cmafGroupSettings"].(m)
		g["segmentLength"], g["fragmentLength"], g["minFinalSegmentLength"] = 3, 3, 2
	}
	tr := encode(t, "silent.mp4", want{sizes: ladder[:1], groups: []string{"CMAF"}, edit: longEnd})
	if _, two := tr.files["CMAF/clip_180_000000002.cmfv"]; two || !strings.Contains(tr.text("CMAF/clip_180.m3u8"), "#EXTINF:4.000000,") {
		t.Errorf("playlist:\n%s", tr.text("CMAF/clip_180.m3u8"))
	}
	if got := look(t, tr.joined("CMAF/clip_180", "cmfv")).Streams[0].Packets; got != "100" {
		t.Errorf("%s frames, want 100", got)
	}
}

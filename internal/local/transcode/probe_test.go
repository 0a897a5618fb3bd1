package transcode

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func probed(t *testing.T, name string) *ProbeResult {
	t.Helper()
	result, err := (&Transcoder{}).Probe(t.Context(), clip(t, name))
	if err != nil {
		t.Fatalf("probe %s: %v", name, err)
	}
	return result
}

func TestProbeSpeaksTheServicesWireForm(t *testing.T) {
	for _, name := range []string{"car-768x432-aac.mp4", "bottle-640x360-silent.mp4", "book-640x480-4x3.mkv"} {
		raw, err := json.MarshalIndent(probed(t, name), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".probe.json", string(raw)+"\n")
	}
}

func TestProbeTellsContainersApart(t *testing.T) {
	t.Parallel()
	for name, format := range map[string]string{
		"ntsc.mp4": "mp4", "prores.mov": "quicktime", "two.mkv": "matroska", "live.webm": "webm",
		"wide.ts": "mpegts", "cover.mp3": "mp3", "sound.m4a": "mp4",
	} {
		if got := probed(t, name).Container.Format; got != format {
			t.Errorf("%s: %q, want %q", name, got, format)
		}
	}
}

func TestProbeTellsRotationAndPixelAspect(t *testing.T) {
	t.Parallel()
	v := probed(t, "upright.mp4").Container.Tracks[0].VideoProperties
	if v.Rotation != 90 || v.Width != 160 || v.Height != 120 {
		t.Errorf("rotation %d, coded %dx%d", v.Rotation, v.Width, v.Height)
	}
	v = probed(t, "anamorphic.mp4").Container.Tracks[0].VideoProperties
	if *v.SampleAspectRatio != (Fraction{64, 45}) || *v.DisplayAspectRatio != (Fraction{16, 9}) {
		t.Errorf("pixel %v, picture %v", v.SampleAspectRatio, v.DisplayAspectRatio)
	}
	for _, name := range []string{"anamorphic.ts", "anamorphic.mpg"} {
		v = probed(t, name).Container.Tracks[0].VideoProperties
		if v.SampleAspectRatio != nil || *v.CodecMetadata.DisplayAspectRatio != (Fraction{16, 9}) {
			t.Errorf("%s: track %v, essence %v", name, v.SampleAspectRatio, v.CodecMetadata.DisplayAspectRatio)
		}
	}
}

func TestProbeTellsColoursFieldsAndSound(t *testing.T) {
	t.Parallel()
	v := probed(t, "hdr.mov").Container.Tracks[0].VideoProperties
	if v.TransferCharacteristics != "SMPTE_2084" || v.ColorPrimaries != "ITU_2020" || v.MatrixCoefficients != "ITU_2020_NCL" || v.BitDepth != 10 {
		t.Errorf("HDR: %+v", v)
	}
	if v := probed(t, "wide.ts").Container.Tracks[0].VideoProperties; v.TransferCharacteristics != "" || v.ColorPrimaries != "" || v.SampleAspectRatio != nil {
		t.Errorf("a transport stream's container tells %+v", v)
	}
	if c := probed(t, "interlaced.ts").Container.Tracks[0].VideoProperties.CodecMetadata; c.ScanType != "interlaced" || c.FieldOrder != "TopFieldFirst" {
		t.Errorf("fields: %+v", c)
	}
	two := probed(t, "two.mkv")
	if a, b := two.Container.Tracks[1].AudioProperties, two.Container.Tracks[2].AudioProperties; a.LanguageCode != "eng" || b.LanguageCode != "fra" {
		t.Errorf("languages: %+v %+v", a, b)
	}
	if a := probed(t, "surround.mkv").Container.Tracks[1].AudioProperties; a.Channels != 6 || a.ChannelLayout != "5.1" {
		t.Errorf("5.1: %+v", a)
	}
}

func TestProbeReadsTheHeadersOfNoCodecThatTheServiceDoesNot(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]bool{"silent.mp4": true, "hdr.mov": true, "interlaced.ts": true, "prores.mov": false, "live.webm": false} {
		if v := probed(t, name).Container.Tracks[0].VideoProperties; (v.CodecMetadata != nil) != read {
			t.Errorf("%s: %+v", name, v.CodecMetadata)
		}
	}
}

func TestCoverArtIsNoVideoTrack(t *testing.T) {
	t.Parallel()
	m := probed(t, "cover.mp3").TrackMappings[0]
	if len(m.VideoTrackIndexes) != 0 || len(m.AudioTrackIndexes) != 1 {
		t.Errorf("%+v", m)
	}
}

// The documentation of the service's Probe lists what it reads; these are not
// on it, whatever the file is called.
func TestProbeRefusesContainersThatTheServiceDoesNotProbe(t *testing.T) {
	t.Parallel()
	picture := "-f lavfi -i testsrc2=s=720x576:r=25:d=0.2 "
	for name, recipe := range map[string]string{
		"flv":  picture + x264 + "-f flv",
		"gif":  picture + "-f gif",
		"y4m":  picture + "-pix_fmt yuv420p -f yuv4mpegpipe",
		"264":  picture + x264 + "-f h264",
		"hevc": picture + "-c:v libx265 -preset ultrafast -x265-params log-level=error -f hevc",
		"m2v":  picture + "-c:v mpeg2video -f mpeg2video",
		"dv":   picture + "-c:v dvvideo -pix_fmt yuv420p -f dv",
	} {
		made := filepath.Join(t.TempDir(), "made."+name)
		args := append([]string{"-v", "error", "-nostdin", "-y"}, strings.Fields(recipe)...)
		if out, err := exec.Command("ffmpeg", append(args, made)...).CombinedOutput(); err != nil {
			t.Fatalf("make %s: %v\n%s", name, err, out)
		}
		refusedByProbe(t, made)
		refusedByProbe(t, written(t, name+".mp4", contents(t, made)))
	}
	segment := clip(t, "wide.ts")
	playlist := []byte("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n" + segment + "\n#EXT-X-ENDLIST\n")
	for _, name := range []string{"a.m3u8", "a.mp4"} {
		refusedByProbe(t, written(t, name, playlist))
	}
}

func refusedByProbe(t *testing.T, path string) {
	t.Helper()
	result, err := (&Transcoder{}).Probe(t.Context(), path)
	refusal, ok := errors.AsType[*Error](err)
	if !ok || refusal.Code != CodeUnsupported && refusal.Code != CodeUnreadable {
		t.Errorf("%s: probed as %+v, %v", filepath.Base(path), result, err)
	}
}

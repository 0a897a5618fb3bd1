package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

var cdn = contract.Delivery{Bucket: "destination", Base: "https://cdn"}

func uri(key string) string { return "s3://destination/" + key }

func mp4(key string, width, height int) contract.OutputDetail {
	return contract.OutputDetail{OutputFilePaths: []string{uri(key)},
		VideoDetails: json.RawMessage(fmt.Sprintf(`{"widthInPx":%d,"heightInPx":%d}`, width, height))}
}

func TestEachGroupHasItsFields(t *testing.T) {
	out, warnings := cdn.Collect([]contract.OutputGroup{
		{Type: "HLS_GROUP", PlaylistFilePaths: []string{uri("g/hls/a.m3u8")}},
		{Type: "DASH_ISO_GROUP", PlaylistFilePaths: []string{uri("g/dash/a.mpd")}},
		{Type: "CMAF_GROUP", PlaylistFilePaths: []string{uri("g/cmaf/a.mpd"), uri("g/cmaf/a.M3U8")}},
		{Type: "MS_SMOOTH_GROUP", PlaylistFilePaths: []string{uri("g/mss/a.ism")}},
	})
	for what, pair := range map[string][2]string{
		"hlsPlaylist":      {out.HLSPlaylist, uri("g/hls/a.m3u8")},
		"hlsUrl":           {out.HLSURL, "https://cdn/g/hls/a.m3u8"},
		"dashUrl":          {out.DASHURL, "https://cdn/g/dash/a.mpd"},
		"cmafHlsPlaylist":  {out.CMAFHLSPlaylist, uri("g/cmaf/a.M3U8")},
		"cmafDashPlaylist": {out.CMAFDASHPlaylist, uri("g/cmaf/a.mpd")},
		"mssUrl":           {out.MSSURL, "https://cdn/g/mss/a.ism"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %q", warnings)
	}
}

func TestCMAFAloneHasThePlainNamesToo(t *testing.T) {
	out, _ := cdn.Collect([]contract.OutputGroup{{Type: "CMAF_GROUP", PlaylistFilePaths: []string{uri("a.m3u8")}}})
	if out.HLSPlaylist != uri("a.m3u8") || out.HLSURL != "https://cdn/a.m3u8" || out.CMAFHLSURL != out.HLSURL {
		t.Errorf("outputs are %+v", out)
	}
	if out.DASHPlaylist != "" || out.DASHURL != "" || out.CMAFDASHPlaylist != "" {
		t.Errorf("a manifest that is not there is told of: %+v", out)
	}
}

func TestEveryMP4OfEveryGroupIsToldOfTheLargestFirst(t *testing.T) {
	out, _ := cdn.Collect([]contract.OutputGroup{
		{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{mp4("270.mp4", 270, 480), mp4("1080.mp4", 1080, 1920)}},
		{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{mp4("720.MP4", 1280, 720), {OutputFilePaths: []string{uri("sound.mp4")}}}},
	})
	if got, want := strings.Join(out.MP4URLs, " "), "https://cdn/1080.mp4 https://cdn/720.MP4 https://cdn/270.mp4 https://cdn/sound.mp4"; got != want {
		t.Errorf("mp4Urls are %s, want %s", got, want)
	}
}

func TestAnOutputOfAnotherBucketIsNotTold(t *testing.T) {
	out, warnings := cdn.Collect([]contract.OutputGroup{
		{Type: "HLS_GROUP", PlaylistFilePaths: []string{"s3://elsewhere/a.m3u8"}},
		{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{{OutputFilePaths: []string{"s3://elsewhere/a.mp4"}}}},
	})
	if len(out.Announced()) > 0 || len(warnings) == 0 {
		t.Errorf("outputs %+v, warnings %q", out, warnings)
	}
}

func TestWarningsOfAHostileEventAreFewAndShort(t *testing.T) {
	var groups []contract.OutputGroup
	for range 5000 {
		groups = append(groups, contract.OutputGroup{Type: strings.Repeat("Ж", 5000)})
	}
	_, warnings := cdn.Collect(groups)
	if text := strings.Join(warnings, ""); len(text) > 20_000 {
		t.Errorf("%d bytes of warnings", len(text))
	}
}

func TestURLsAreEncodedPerSegmentAndURIsAreRaw(t *testing.T) {
	for key, url := range map[string]string{
		"a/b.m3u8":       "https://cdn/a/b.m3u8",
		"a b/c+d%.mp4":   "https://cdn/a%20b/c%2Bd%25.mp4",
		"ü/影.mp4":        "https://cdn/%C3%BC/%E5%BD%B1.mp4",
		"a//b?c#d&e=f":   "https://cdn/a//b%3Fc%23d%26e%3Df",
		`quo"te's<>.mp4`: "https://cdn/quo%22te%27s%3C%3E.mp4",
		"a:b@c$d,e;f":    "https://cdn/a%3Ab%40c%24d%2Ce%3Bf",
		"A-Z_0.9~":       "https://cdn/A-Z_0.9~",
	} {
		if got := contract.URL("https://cdn/", key); got != url {
			t.Errorf("URL of %q is %s, want %s", key, got, url)
		}
	}
	if got := contract.S3URI("b", "/a b+c"); got != "s3://b//a b+c" {
		t.Errorf("URI is %s", got)
	}
}

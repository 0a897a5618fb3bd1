package e2e

import (
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

var mpdLength = regexp.MustCompile(`mediaPresentationDuration="PT(?:(\d+)M)?([\d.]+)S"`)

func checkMPD(t *testing.T, clip clips.Clip, mpd string) {
	t.Helper()
	if rungs := strings.Count(mpd, ` height="`); rungs != len(clip.Rungs) {
		t.Errorf("the DASH manifest lists %d pictures, want %d", rungs, len(clip.Rungs))
	}
	m := mpdLength.FindStringSubmatch(mpd)
	if m == nil {
		t.Fatal("the DASH manifest tells no length")
	}
	if seconds := 60*number(m[1]) + number(m[2]); math.Abs(seconds-clip.Seconds) > tolerance {
		t.Errorf("the DASH manifest says %v s, want %v", seconds, clip.Seconds)
	}
}

// checkSegments adds up a playlist's segments and asks that each is there.
func checkSegments(t *testing.T, clip clips.Clip, where, playlist string) {
	t.Helper()
	var seconds float64
	for line := range strings.Lines(playlist) {
		line = strings.TrimSpace(line)
		if length, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			seconds += number(strings.TrimSuffix(strings.Split(length, ",")[0], ","))
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			exists(t, resolve(t, where, line))
		}
	}
	if math.Abs(seconds-clip.Seconds) > tolerance {
		t.Errorf("%s adds up to %v s, want %v", where, seconds, clip.Seconds)
	}
	if !strings.Contains(playlist, "#EXT-X-ENDLIST") {
		t.Errorf("%s does not end", where)
	}
}

var (
	resolution = regexp.MustCompile(`RESOLUTION=(\d+x\d+)`)
	mediaURI   = regexp.MustCompile(`(?m)^#EXT-X-MEDIA:.*URI="([^"]+)"`)
)

func resolutions(master string) []string {
	var found []string
	for _, m := range resolution.FindAllStringSubmatch(master, -1) {
		found = append(found, m[1])
	}
	return found
}

// children are the playlists that a master playlist names.
func children(t *testing.T, where, master string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(master) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			found = append(found, resolve(t, where, line))
		}
	}
	for _, m := range mediaURI.FindAllStringSubmatch(master, -1) {
		found = append(found, resolve(t, where, m[1]))
	}
	return found
}

func resolve(t *testing.T, base, reference string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	full, err := u.Parse(reference)
	if err != nil {
		t.Fatal(err)
	}
	return full.String()
}

func exists(t *testing.T, address string) {
	t.Helper()
	response, err := http.Head(address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength == 0 {
		t.Errorf("%s: %s with %d bytes", address, response.Status, response.ContentLength)
	}
}

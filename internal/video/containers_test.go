package video

import (
	"encoding/json"
	"slices"
	"testing"
)

// The containers that the documentation of MediaConvert's Probe lists (API
// model 2017-08-29 in botocore 1.43.106), by an extension of each.
func TestTheDoorTakesWhatProbeReadsAndNothingElse(t *testing.T) {
	for _, ext := range []string{"mp4", "mov", "3gp", "3g2", "mkv", "webm", "mxf", "ts", "mpg", "avi", "wav", "mp3", "flac", "ogg", "asf", "wmv", "wma"} {
		if _, ok := Extension("a." + ext); !ok {
			t.Errorf("%s is not taken", ext)
		}
	}
	for _, ext := range []string{"flv", "f4v", "gif", "y4m", "264", "h264", "avc", "265", "h265", "hevc", "m1v", "m2v", "dv", "dif", "m3u8", "mpd", "ism", "xml"} {
		if _, ok := Extension("a." + ext); ok {
			t.Errorf("%s is taken", ext)
		}
	}
}

func TestTheFileOfContainersNamesItsSourceAndNoExtensionTwice(t *testing.T) {
	var file struct {
		Source     string
		Containers map[string][]string
	}
	if err := json.Unmarshal(containersFile, &file); err != nil || file.Source == "" {
		t.Fatalf("source %q, %v", file.Source, err)
	}
	var all []string
	for _, extensions := range file.Containers {
		all = append(all, extensions...)
	}
	slices.Sort(all)
	if !slices.Equal(all, Extensions()) {
		t.Errorf("the file has %v, Extensions has %v", all, Extensions())
	}
}

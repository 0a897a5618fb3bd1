package e2e

import (
	"encoding/json"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// always are the fields that CONTRACT.md promises of every video that has
// ended Complete, with their type in the table.
var always = map[string]string{
	"guid": "S", "startTime": "S", "endTime": "S", "workflowTrigger": "S", "workflowStatus": "S", "workflowName": "S",
	"srcBucket": "S", "srcVideo": "S", "destBucket": "S", "cloudFront": "S",
	"frameCapture": "BOOL", "enableSns": "BOOL", "enableSqs": "BOOL", "enableMediaPackage": "BOOL",
	"archiveSource": "S", "inputRotate": "S", "acceleratedTranscoding": "S", "srcMediainfo": "S",
	"isCustomTemplate": "BOOL", "encodingJob": "M", "encodeJobId": "S", "progress": "N", "encodingOutput": "M",
	"hlsPlaylist": "S", "hlsUrl": "S", "dashPlaylist": "S", "dashUrl": "S",
	"mp4Outputs": "L", "mp4Urls": "L",
}

// withPicture are those of a video that has a picture: MediaConvert makes no
// CMAF of audio alone.
var withPicture = map[string]string{
	"cmafHlsPlaylist": "S", "cmafHlsUrl": "S", "cmafDashPlaylist": "S", "cmafDashUrl": "S",
	"srcWidth": "N", "srcHeight": "N", "encodingProfile": "N",
	"thumbNails": "L", "thumbNailsUrls": "L", "thumbNailUrl": "L",
}

var (
	timestamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	uuid5     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

func checkRecord(t *testing.T, clip clips.Clip, key string, record map[string]any, types map[string]string) {
	t.Helper()
	checkTypes(t, always, types)
	if clip.Width > 0 {
		checkTypes(t, withPicture, types)
	} else {
		checkAbsent(t, record, "srcWidth", "srcHeight", "thumbNails", "thumbNailUrl", "cmafHlsUrl", "cmafDashUrl")
	}
	checkAbsent(t, record, "workflowErrorAt", "errorCode", "errorMessage", "errorDetails", "srcMetadataFile", "jobTemplate", "warnings")
	if found := nulls("record", record); len(found) > 0 {
		t.Errorf("null at %v, a field that does not apply is absent", found)
	}
	if guid, _ := record["guid"].(string); !uuid5.MatchString(guid) {
		t.Errorf("guid %q is no UUIDv5", guid)
	}
	for _, name := range []string{"startTime", "endTime"} {
		if at, _ := record[name].(string); !timestamp.MatchString(at) {
			t.Errorf("%s is %q, want ISO-8601 UTC with milliseconds and Z", name, at)
		}
	}
	checkValues(t, record, expected(clip, key))
	checkMediainfo(t, clip, key, record)
}

// expected are the values that follow from the upload and the default stack.
func expected(clip clips.Clip, key string) map[string]any {
	s := world.videos
	values := map[string]any{
		"workflowTrigger": "Video", "workflowStatus": "Complete", "workflowName": "vod",
		"srcBucket": s.Outputs["Source"], "srcVideo": key, "destBucket": s.Outputs["Destination"],
		"cloudFront":   s.Outputs["CloudFront"],
		"frameCapture": true, "enableSns": true, "enableSqs": true, "enableMediaPackage": false,
		"archiveSource": "DISABLED", "inputRotate": "AUTO", "isCustomTemplate": false, "progress": 100.0,
	}
	if clip.Width > 0 {
		width, height := size(clip.Rungs[0])
		values["srcWidth"], values["srcHeight"] = float64(clip.Width), float64(clip.Height)
		values["encodingProfile"] = float64(min(width, height))
	}
	return values
}

func checkTypes(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, kind := range want {
		if got[name] != kind {
			t.Errorf("field %s has type %q, want %s", name, got[name], kind)
		}
	}
}

func checkAbsent(t *testing.T, record map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if value, ok := record[name]; ok {
			t.Errorf("field %s is there (%v), but does not apply", name, value)
		}
	}
}

func checkValues(t *testing.T, got, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
}

// mediainfo is srcMediainfo, as its readers know it.
type mediainfo struct {
	Filename  string
	Container struct {
		Format                 string
		FileSize, TotalBitrate float64
		Duration               float64 // milliseconds
	}
	Video []struct {
		Codec, AspectRatio               string
		Width, Height, Duration, Bitrate float64
		Framerate                        float64
		Rotation                         int
	}
	Audio []struct {
		Codec, Language                  string
		Channels, Duration, SamplingRate float64
	}
}

func checkMediainfo(t *testing.T, clip clips.Clip, key string, record map[string]any) {
	t.Helper()
	text, _ := record["srcMediainfo"].(string)
	var info mediainfo
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		t.Fatalf("srcMediainfo is no JSON text: %v", err)
	}
	if info.Filename != path.Base(key) {
		t.Errorf("srcMediainfo.filename is %q, want %q", info.Filename, path.Base(key))
	}
	if math.Abs(info.Container.Duration-clip.Seconds*1000) > 200 {
		t.Errorf("srcMediainfo.container.duration is %v ms, the clip has %v s", info.Container.Duration, clip.Seconds)
	}
	if info.Container.Format == "" || info.Container.FileSize < 1 || info.Container.TotalBitrate < 1 {
		t.Errorf("srcMediainfo.container lacks format, size or bitrate: %+v", info.Container)
	}
	if len(info.Audio) != len(clip.Sounds) || (clip.Width > 0) != (len(info.Video) == 1) {
		t.Errorf("srcMediainfo tells %d video and %d sound tracks", len(info.Video), len(info.Audio))
	}
	for _, name := range []string{"video", "audio", "text"} {
		if strings.Contains(text, `"`+name+`":[]`) {
			t.Errorf("srcMediainfo.%s is empty, it should be absent", name)
		}
	}
	checkTracks(t, clip, info)
}

func checkTracks(t *testing.T, clip clips.Clip, info mediainfo) {
	t.Helper()
	for _, v := range info.Video {
		if v.Codec == "" || v.AspectRatio == "" || v.Width < 1 || v.Height < 1 || v.Duration < 1 {
			t.Errorf("srcMediainfo.video is incomplete: %+v", v)
		}
		if clip.FrameRate > 0 && math.Abs(v.Framerate-clip.FrameRate) > 0.05 {
			t.Errorf("srcMediainfo.video.framerate is %v, want %v", v.Framerate, clip.FrameRate)
		}
		turned := slices.Contains([]int{90, 270}, v.Rotation)
		if turned != (clip.File == clips.Phone.File) {
			t.Errorf("srcMediainfo.video.rotation is %d", v.Rotation)
		}
	}
	for i, a := range info.Audio {
		if a.Codec == "" || a.SamplingRate < 1 || int(a.Channels) != clip.Channels {
			t.Errorf("srcMediainfo.audio[%d] is incomplete or wrong: %+v", i, a)
		}
		if want := clip.Sounds[i]; want != "und" && a.Language != want {
			t.Errorf("srcMediainfo.audio[%d].language is %q, want %q", i, a.Language, want)
		}
	}
}

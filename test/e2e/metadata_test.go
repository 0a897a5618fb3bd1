package e2e

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// metadata is the second trigger: a JSON file that names its video.
func metadata(t *testing.T) {
	t.Parallel()
	t.Run("every option is carried out and free metadata comes back", everyOption)
	t.Run("a job template of one's own replaces the ladder", ownTemplate)
	t.Run("messages can be switched off one by one", switchedOff)
	t.Run("wrong files name what is wrong", wrongMetadata)
	t.Run("the video alone starts nothing", func(t *testing.T) {
		t.Parallel()
		video := world.meta.upload(t, clips.Tiny)
		_, end := describe(t, clips.Upper, map[string]any{})
		if end.Text("workflowStatus") != "Complete" || len(world.meta.raw.Find(about(video))) > 0 {
			t.Errorf("the described video ended %s, the other one has %d messages", end.Text("workflowStatus"), len(world.meta.raw.Find(about(video))))
		}
	})
}

// describe uploads a clip, then a metadata file for it, and waits for the end.
func describe(t *testing.T, clip clips.Clip, options map[string]any) (key string, end rig.Message) {
	t.Helper()
	video := world.meta.upload(t, clip)
	if _, named := options["srcVideo"]; !named {
		options["srcVideo"] = video
	}
	body, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	return video, told(t, string(body))
}

// told uploads a metadata file as it is and waits for the end of its video
// on the topic.
func told(t *testing.T, body string) rig.Message {
	t.Helper()
	key := newKey("about.json")
	if _, err := world.meta.UploadText(t.Context(), key, body); err != nil {
		t.Fatal(err)
	}
	return waitFor(t, world.meta, "the end of "+key, func(m rig.Message) bool {
		return m.Text("srcMetadataFile") == key && m.Text("workflowStatus") != "Ingest"
	})
}

func everyOption(t *testing.T) {
	t.Parallel()
	s := world.meta
	free := map[string]any{"title": "Blåbær & friends", "rating": 4.5, "tags": []any{"a", "b"}, "owner": map[string]any{"id": "x1"}}
	options := map[string]any{
		"ArchiveSource": "GLACIER", "FrameCapture": false, "inputRotate": "DEGREES_90",
		"acceleratedTranscoding": "DISABLED", "enableSns": true, "enableSqs": true,
		"srcBucket": s.Outputs["Source"], "destBucket": s.Outputs["Destination"],
		// Fields of the record are not a metadata file's to set.
		"guid": "mine", "workflowTrigger": "mine", "hlsUrl": "mine",
	}
	for name, value := range free {
		options[name] = value
	}
	video, end := describe(t, clips.Upper, options)
	if end.Text("workflowStatus") != "Complete" {
		t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	record, _ := s.item(t, end.Text("guid"))
	checkValues(t, record, map[string]any{
		"workflowTrigger": "Metadata", "srcVideo": video, "srcMetadataFile": end.Text("srcMetadataFile"),
		"archiveSource": "GLACIER", "frameCapture": false, "inputRotate": "DEGREES_90", "acceleratedTranscoding": "DISABLED",
		// Turned by a quarter: the clip is 320×180.
		"srcWidth": 180.0, "srcHeight": 320.0,
	})
	checkAbsent(t, record, "thumbNails", "thumbNailUrl")
	for name, value := range free {
		if !reflect.DeepEqual(record[name], value) || !reflect.DeepEqual(end.Body[name], value) {
			t.Errorf("free metadata %s: table %v, message %v, want %v", name, record[name], end.Body[name], value)
		}
	}
	if got := resolutions(fetch(t, text(record, "hlsUrl"))); len(got) != 1 || got[0] != "180x320" {
		t.Errorf("renditions are %v, want 180x320", got)
	}
	checkArchived(t, s, video)
}

// checkArchived asks for the tag that the bucket's lifecycle rule looks for.
func checkArchived(t *testing.T, s *site, key string) {
	t.Helper()
	tags, err := s.S3.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String(s.Outputs["Source"]), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, tag := range tags.TagSet {
		found[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if found["vodstack:archive"] != "GLACIER" {
		t.Errorf("the source's tags are %v, want vodstack:archive=GLACIER", found)
	}
}

func ownTemplate(t *testing.T) {
	t.Parallel()
	s := world.meta
	name := "small-mp4"
	_, err := s.MediaConvert.CreateJobTemplate(t.Context(), &mediaconvert.CreateJobTemplateInput{
		Name: &name, Settings: &mc.JobTemplateSettings{OutputGroups: []mc.OutputGroup{smallMP4()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, end := describe(t, clips.Square, map[string]any{"jobTemplate": name})
	if end.Text("workflowStatus") != "Complete" {
		t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	record, _ := s.item(t, end.Text("guid"))
	checkValues(t, record, map[string]any{"isCustomTemplate": true, "jobTemplate": name})
	checkAbsent(t, record, "hlsUrl", "dashUrl")
	urls := texts(record["mp4Urls"])
	if len(urls) != 1 {
		t.Fatalf("mp4Urls is %v, want one", urls)
	}
	if video := probe(t, urls[0]).Streams[0]; video.Width != 160 || video.Height != 160 {
		t.Errorf("the MP4 is %dx%d, the template says 160x160", video.Width, video.Height)
	}
}

// smallMP4 is an output group as an operator would keep it in a template.
func smallMP4() mc.OutputGroup {
	return mc.OutputGroup{
		Name: aws.String("small"),
		OutputGroupSettings: &mc.OutputGroupSettings{
			Type:              mc.OutputGroupTypeFileGroupSettings,
			FileGroupSettings: &mc.FileGroupSettings{},
		},
		Outputs: []mc.Output{{
			NameModifier:      aws.String("_small"),
			ContainerSettings: &mc.ContainerSettings{Container: mc.ContainerTypeMp4, Mp4Settings: &mc.Mp4Settings{}},
			VideoDescription: &mc.VideoDescription{
				Width: aws.Int32(160), Height: aws.Int32(160),
				CodecSettings: &mc.VideoCodecSettings{Codec: mc.VideoCodecH264, H264Settings: &mc.H264Settings{
					RateControlMode: mc.H264RateControlModeQvbr, MaxBitrate: aws.Int32(500_000),
					QvbrSettings: &mc.H264QvbrSettings{QvbrQualityLevel: aws.Int32(7)},
				}},
			},
		}},
	}
}

func switchedOff(t *testing.T) {
	t.Parallel()
	s := world.meta
	t.Run("no message on the topic", func(t *testing.T) {
		t.Parallel()
		video := s.upload(t, clips.Tiny)
		if _, err := s.UploadText(t.Context(), newKey("quiet.json"), `{"srcVideo":"`+video+`","enableSns":false}`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.results.Wait(t.Context(), 2*time.Minute, about(video, "Complete")); err != nil {
			t.Fatal(err)
		}
		if found := s.raw.Find(about(video)); len(found) > 0 {
			t.Errorf("there are %d messages on the topic", len(found))
		}
	})
	t.Run("no message in the result queue", func(t *testing.T) {
		t.Parallel()
		video, end := describe(t, clips.Tiny, map[string]any{"enableSqs": false})
		time.Sleep(2 * time.Second)
		if found := s.results.Find(about(video)); len(found) > 0 || end.Text("workflowStatus") != "Complete" {
			t.Errorf("ended %s with %d messages in the queue", end.Text("workflowStatus"), len(found))
		}
	})
}

func wrongMetadata(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, body, code, says string }{
		{"text that is no JSON", `not a JSON`, "MetadataInvalid", "JSON"},
		{"no video named", `{"title":"x"}`, "MetadataInvalid", "srcVideo"},
		{"a wrong type", `{"srcVideo":"a.mp4","frameCapture":"perhaps"}`, "MetadataInvalid", "frameCapture"},
		{"a value that is not allowed", `{"srcVideo":"a.mp4","inputRotate":"UPSIDE_DOWN"}`, "MetadataInvalid", "DEGREES_180"},
		{"a video that was never there", `{"srcVideo":"never/there.mp4"}`, "SourceGone", "never/there.mp4"},
		{"captions, which this version lacks", `{"srcVideo":"a.mp4","captions":{"srcFile":"a.srt"}}`, "OptionUnavailable", "captions"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			uploaded := time.Now()
			failed := told(t, c.body)
			within(t, time.Minute, uploaded, checkError(t, world.meta, failed.Text("srcMetadataFile"), c.code))
			if !strings.Contains(failed.Text("errorMessage"), c.says) {
				t.Errorf("errorMessage is %q, it should name %s", failed.Text("errorMessage"), c.says)
			}
		})
	}
	t.Run("an unknown job template", func(t *testing.T) {
		t.Parallel()
		video, _ := describe(t, clips.Tiny, map[string]any{"jobTemplate": "nobody made this"})
		checkError(t, world.meta, video, "JobTemplateUnknown")
	})
}

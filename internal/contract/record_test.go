package contract_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

// full is a record with every field, as no video has it.
func full() contract.Record {
	delivery := contract.Delivery{Bucket: "destination", Base: "https://d111.cloudfront.net"}
	outputs, _ := delivery.Collect([]contract.OutputGroup{
		{Type: "CMAF_GROUP", PlaylistFilePaths: []string{"s3://destination/g/cmaf/a.mpd", "s3://destination/g/cmaf/a.m3u8"}},
		{Type: "MS_SMOOTH_GROUP", PlaylistFilePaths: []string{"s3://destination/g/mss/a.ism"}},
		{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{{OutputFilePaths: []string{"s3://destination/g/mp4/a b_1080p.mp4"}}}},
	})
	outputs.SetThumbnails(delivery, []string{"g/thumbnails/a_poster.0000003.jpg", "g/thumbnails/a_thumb.0000000.jpg"})
	return contract.Record{
		Core: contract.Core{
			GUID: "0b2d6d3c-5d2e-5a0c-8f43-1d2f3a4b5c6d", StartTime: "2026-11-23T16:00:00.000Z", EndTime: "2026-11-23T16:01:02.345Z",
			WorkflowTrigger: contract.TriggerMetadata, WorkflowStatus: contract.StatusComplete, WorkflowName: "vod",
			SrcBucket: "source", SrcVideo: "/video/a b.mp4", SrcMetadataFile: "a.json",
			SrcEventTime: "2026-11-23T15:59:59.000Z", SrcSequencer: "617F08299329D189", DestBucket: "destination",
			CloudFront: "d111.cloudfront.net", FrameCapture: new(true), EnableSns: new(true), EnableSqs: new(false),
			EnableMediaPackage: new(false), ArchiveSource: "GLACIER", InputRotate: "AUTO", AcceleratedTranscoding: "PREFERRED",
			JobTemplate: "mine", IsCustomTemplate: new(true), SrcWidth: 1080, SrcHeight: 1920, EncodingProfile: 1080,
			EncodeJobID: "1664-job", Progress: new(100), Outputs: outputs,
			WorkflowErrorAt: "Encode", ErrorCode: contract.CodeJobFailed, ErrorMessage: "MediaConvert gave up.", ErrorDetails: "https://console",
			Warnings: []string{"one"},
		},
		Heavy: contract.Heavy{
			SrcMediainfo: `{"filename":"a b.mp4"}`, EncodingJob: json.RawMessage(`{"Role":"r"}`),
			EncodingOutput: json.RawMessage(`{"detail":{"status":"COMPLETE"}}`),
		},
		Internal: contract.Internal{
			SrcVersionID: "v1", SrcETag: "e", SrcSize: 5, JobEvent: json.RawMessage(`{"detail":{}}`),
			JobSubmittedAt: "t1", Redrives: 2, IngestSentAt: "t3", SnsSentAt: "t4", SqsSentAt: "t5",
		},
		Free: map[string]any{"title": "Käse & <Brot>", "rating": json.Number("4.50"), "tags": []any{"a", nil, map[string]any{"b": true}}},
	}
}

func indented(t *testing.T, text string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := json.Indent(&buf, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return buf.String() + "\n"
}

func TestTheRecordIsWrittenAsTheContractSays(t *testing.T) {
	text, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/record.json", indented(t, string(text)))
}

func TestTheRecordReadsWhatItWrote(t *testing.T) {
	for _, rec := range []contract.Record{full(), {}, {Core: contract.Core{GUID: "g", Progress: new(0), EnableSns: new(false)}}} {
		text, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		var back contract.Record
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, rec) {
			t.Errorf("wrote %s, read %+v", text, back)
		}
	}
}

func TestAFieldThatDoesNotApplyIsAbsent(t *testing.T) {
	text, err := json.Marshal(contract.Record{})
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != "{}" {
		t.Errorf("an empty record is %s", text)
	}
}

func TestFreeMetadataNeverOverwritesAField(t *testing.T) {
	for _, name := range contract.FieldNames() {
		for _, key := range []string{name, string(name[0]-'a'+'A') + name[1:]} {
			text, err := json.Marshal(contract.Record{Free: map[string]any{key: "mine"}})
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != "{}" {
				t.Errorf("free metadata wrote %s", text)
			}
		}
	}
}

func TestWhatWasAFieldOfAnOlderVersionIsNoFreeMetadata(t *testing.T) {
	var rec contract.Record
	if err := json.Unmarshal([]byte(`{"guid":"g","taskToken":"secret","jobStartedAt":"then","title":"mine"}`), &rec); err != nil {
		t.Fatal(err)
	}
	if len(rec.Free) != 1 || rec.Free["title"] != "mine" {
		t.Errorf("free metadata is %v", rec.Free)
	}
}

func TestANameInAnotherCaseNeverPassesForAField(t *testing.T) {
	for _, name := range []string{"srcvideo", "SRCVIDEO", "ſrcVideo", "EncodeJobid", "TASKTOKEN", "STATUS", "hlſUrl"} {
		if !contract.IsField(name) {
			t.Errorf("%s is not taken for a field, but is read as one", name)
		}
		var rec contract.Record
		text := `{"srcVideo":"real","encodeJobId":"real","hlsUrl":"real","` + name + `":"evil"}`
		if err := json.Unmarshal([]byte(text), &rec); err != nil {
			t.Fatal(err)
		}
		if rec.SrcVideo != "real" || rec.EncodeJobID != "real" || rec.HLSURL != "real" || len(rec.Free) != 0 {
			t.Errorf("%s: the record reads %+v with %v", name, rec.Core, rec.Free)
		}
	}
	if contract.IsField("source video") || contract.IsField("titel") {
		t.Error("free names are taken for fields")
	}
}

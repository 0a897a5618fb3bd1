package step_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

// withMetadata uploads a video and a metadata file for it, and returns the
// execution that the file starts.
func withMetadata(w *world, text string) contract.Execution {
	w.source.Put("/video/a.mp4", []byte("a video"))
	version := w.source.Put("a.json", []byte(text))
	return contract.Execution{GUID: guid, Trigger: contract.TriggerMetadata, SrcBucket: "source",
		SrcMetadataFile: "a.json", VersionID: version, Size: int64(len(text))}
}

func TestEveryOptionOfAMetadataFileIsTaken(t *testing.T) {
	w := newWorld(t)
	exec := withMetadata(w, `{
		"srcVideo": "/video/a.mp4", "archiveSource": "GLACIER", "frameCapture": false,
		"srcBucket": "source", "destBucket": "destination", "cloudFront": "cdn.example",
		"inputRotate": "DEGREES_90", "acceleratedTranscoding": "PREFERRED", "enableMediaPackage": false,
		"enableSns": true, "enableSqs": false, "title": "Käse & <Brot>", "tags": ["a", 1, {"b": null}], "rating": 4.50}`)
	if err := plan(w, exec); err != nil {
		t.Fatal(err)
	}
	rec := w.table.Record(guid)
	want(t, "trigger", rec.WorkflowTrigger, contract.TriggerMetadata)
	want(t, "srcVideo", rec.SrcVideo, "/video/a.mp4")
	want(t, "srcMetadataFile", rec.SrcMetadataFile, "a.json")
	want(t, "archiveSource", rec.ArchiveSource, "GLACIER")
	want(t, "frameCapture", *rec.FrameCapture, false)
	want(t, "inputRotate", rec.InputRotate, "DEGREES_90")
	want(t, "acceleratedTranscoding", rec.AcceleratedTranscoding, "PREFERRED")
	want(t, "enableSqs", *rec.EnableSqs, false)
	want(t, "version of the video", rec.SrcVersionID, "v1")
	free, _ := json.Marshal(rec.Free)
	want(t, "free metadata", string(free), `{"rating":4.50,"tags":["a",1,{"b":null}],"title":"Käse \u0026 \u003cBrot\u003e"}`)
}

func TestFirstLettersOfKeysComeInEitherCase(t *testing.T) {
	w := newWorld(t)
	if err := plan(w, withMetadata(w, `{"SrcVideo": "/video/a.mp4", "FrameCapture": false, "Captain": "Ahab"}`)); err != nil {
		t.Fatal(err)
	}
	rec := w.table.Record(guid)
	want(t, "frameCapture", *rec.FrameCapture, false)
	want(t, "free metadata", fmt.Sprint(rec.Free["Captain"]), "Ahab")
}

func TestAnOptionWithAWrongValueIsNamedWithWhatIsAllowed(t *testing.T) {
	for text, says := range map[string]string{
		`"": 1`:                                             "a key without a name",
		`"a": [{"": 1}]`:                                    "a[0] has a key without a name",
		`"frameCapture": "yes"`:                             "frameCapture is \"yes\"; true or false is allowed",
		`"EnableSns": 1`:                                    "EnableSns is 1; true or false is allowed",
		`"enableSqs": null`:                                 "enableSqs is null; true or false is allowed",
		`"archiveSource": "TAPE"`:                           "archiveSource is \"TAPE\"; DISABLED, GLACIER or DEEP_ARCHIVE is allowed",
		`"archiveSource": true`:                             "the stack has no storage class",
		`"archiveSource": 3`:                                "archiveSource is 3; DISABLED, GLACIER or DEEP_ARCHIVE is allowed",
		`"inputRotate": "90"`:                               "AUTO, DEGREE_0, DEGREES_90, DEGREES_180 or DEGREES_270 is allowed",
		`"acceleratedTranscoding": "FAST"`:                  "ENABLED, PREFERRED or DISABLED is allowed",
		`"srcBucket": "another"`:                            "only the stack's own \"source\" is allowed",
		`"destBucket": "another"`:                           "only the stack's own \"destination\" is allowed",
		`"cloudFront": "https://cdn.example"`:               "only the stack's own \"cdn.example\" is allowed",
		`"jobTemplate": ""`:                                 "jobTemplate is \"\"; a string of 1 to 80 bytes is allowed",
		`"jobTemplate": {"a": 1}`:                           "jobTemplate is an object",
		`"captions": "a.srt"`:                               "an object with srcFile, fontSize and fontColor is allowed",
		`"captions": {"fontSize": 4}`:                       "captions.srcFile is missing",
		`"captions": {"srcFile": "a", "x": 1}`:              "captions.x is unknown",
		`"captions": {"srcFile": "a", "fontSize": 1.5}`:     "captions.fontSize is 1.5; a whole number from 1 to 96",
		`"captions": {"srcFile": "a", "fontSize": "4"}`:     "captions.fontSize is \"4\"",
		`"captions": {"srcFile": "a", "fontColor": "PINK"}`: "WHITE, BLACK, YELLOW, RED, GREEN or BLUE is allowed",
		`"size": 1e999`:                                     "size is the number",
		`"SrcVideo": "/video/a.mp4"`:                        "srcVideo is given twice",
	} {
		w := newWorld(t)
		err := plan(w, withMetadata(w, `{"srcVideo": "/video/a.mp4", `+text+`}`))
		wantFailure(t, err, contract.CodeMetadataInvalid)
		if err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: message %q doesn't say %q", text, err, says)
		}
		want(t, "srcVideo", w.table.Record(guid).SrcVideo, "/video/a.mp4")
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	w := newWorld(t)
	err := plan(w, withMetadata(w, `{"frameCapture": 1, "inputRotate": "UP"}`))
	for _, key := range []string{"frameCapture", "inputRotate", "srcVideo is missing"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("message %q lacks %q", err, key)
		}
	}
}

func TestWhatIsNoJSONObjectEndsWithTheMetadataFileAsItsVideo(t *testing.T) {
	for _, text := range []string{"", "hello", "[1]", "null", "7", `{"srcVideo": "a.mp4"} {}`, `{"srcVideo": `, "\xff\xfe{}"} {
		w := newWorld(t)
		wantFailure(t, plan(w, withMetadata(w, text)), contract.CodeMetadataInvalid)
		rec := w.table.Record(guid)
		want(t, "srcVideo", rec.SrcVideo, "a.json")
		want(t, "srcMetadataFile", rec.SrcMetadataFile, "a.json")
		want(t, "Ingest messages", len(w.topic.Of(contract.StatusIngest)), 0)
	}
}

func TestAByteOrderMarkIsNoTrouble(t *testing.T) {
	w := newWorld(t)
	if err := plan(w, withMetadata(w, "\xef\xbb\xbf{\"srcVideo\": \"/video/a.mp4\"}")); err != nil {
		t.Error(err)
	}
}

func TestAMetadataFileOrItsFreePartThatIsTooLargeIsRefused(t *testing.T) {
	for _, size := range []int{70_000, 300_000} {
		w := newWorld(t)
		text := fmt.Sprintf(`{"srcVideo": "/video/a.mp4", "story": %q}`, strings.Repeat("x", size))
		wantFailure(t, plan(w, withMetadata(w, text)), contract.CodeMetadataTooLarge)
	}
}

func TestMetadataThatNamesAMissingVideoSaysWhich(t *testing.T) {
	w := newWorld(t)
	err := plan(w, withMetadata(w, `{"srcVideo": "video/a.mp4"}`)) // without the slash it is another key
	wantFailure(t, err, contract.CodeSourceGone)
	if !strings.Contains(err.Error(), `"video/a.mp4"`) {
		t.Errorf("message %q doesn't name the key", err)
	}
}

func TestFreeMetadataDoesNotOverwriteTheContract(t *testing.T) {
	w := newWorld(t)
	err := plan(w, withMetadata(w, `{"srcVideo": "/video/a.mp4", "guid": "mine", "HlsUrl": "http://evil", "taskToken": "x", "status": "Complete"}`))
	if err != nil {
		t.Fatal(err)
	}
	rec := w.table.Record(guid)
	want(t, "hlsUrl", rec.HLSURL, "")
	want(t, "token", rec.Free["taskToken"], nil)
	want(t, "free metadata", len(rec.Free), 0)
	want(t, "warnings", len(rec.Warnings), 4)
}

func TestOptionsThatAreNotAvailableAreRefusedNotIgnored(t *testing.T) {
	for _, text := range []string{
		`"captions": {"srcFile": "a.srt", "fontSize": 20, "fontColor": "WHITE"}`, `"enableMediaPackage": true`,
	} {
		w := newWorld(t)
		err := plan(w, withMetadata(w, `{"srcVideo": "/video/a.mp4", `+text+`}`))
		wantFailure(t, err, contract.CodeOptionUnavailable)
	}
}

func TestArchiveTrueMeansTheStacksOwnStorageClass(t *testing.T) {
	w := newWorld(t)
	p := w.plan()
	p.Stack.Options.ArchiveSource = "DEEP_ARCHIVE"
	if _, err := p.Handle(t.Context(), withMetadata(w, `{"srcVideo": "/video/a.mp4", "archiveSource": true}`)); err != nil {
		t.Fatal(err)
	}
	want(t, "archiveSource", w.table.Record(guid).ArchiveSource, "DEEP_ARCHIVE")
}

func TestDeeplyNestedMetadataIsRefused(t *testing.T) {
	w := newWorld(t)
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	wantFailure(t, plan(w, withMetadata(w, `{"srcVideo": "/video/a.mp4", "x": `+deep+`}`)), contract.CodeMetadataInvalid)
}

func TestAMetadataFileThatIsGoneIsSaidToBe(t *testing.T) {
	w := newWorld(t)
	exec := withMetadata(w, `{}`)
	exec.VersionID = "v9"
	wantFailure(t, plan(w, exec), contract.CodeSourceGone)
}

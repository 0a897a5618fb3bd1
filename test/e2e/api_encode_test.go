package e2e

import (
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/test/clips"
)

// againWithOthers encodes a published video again, turned by a quarter.
func againWithOthers(t *testing.T) {
	t.Parallel()
	c := anyone()
	d := c.announce(t, clips.Upper, nil)
	path := d.path() + "/encode"
	wantProblem(t, d.do(t, http.MethodPost, path, nil), http.StatusConflict, "UploadMissing")
	d.send(t)
	first := d.published(t)

	wantBadOption(t, d)
	turn := map[string]any{"options": map[string]any{"inputRotate": "DEGREES_90"}}
	accepted := wantStatus(t, d.do(t, http.MethodPost, path, turn, "Idempotency-Key", "turn"), http.StatusAccepted).Video()
	if text(accepted, "vodGuid") == text(first, "vodGuid") || !uuid4.MatchString(text(accepted, "vodGuid")) {
		t.Errorf("the new encode's guid is %v, the first one's was %v", accepted["vodGuid"], first["vodGuid"])
	}
	checkValues(t, accepted, map[string]any{"encodingStatus": "Ingest", "progress": 0.0, "hlsUrl": first["hlsUrl"]})
	wantProblem(t, d.do(t, http.MethodPost, path, nil), http.StatusConflict, "VideoBusy")
	repeated := wantStatus(t, d.do(t, http.MethodPost, path, turn, "Idempotency-Key", "turn"), http.StatusAccepted).Video()
	checkValues(t, repeated, map[string]any{"vodGuid": accepted["vodGuid"]})
	wantProblem(t, d.do(t, http.MethodPost, path, nil, "Idempotency-Key", "turn"), http.StatusUnprocessableEntity, "IdempotencyKeyReused")

	second, looks := d.until(t, "Complete again", 2*time.Minute, func(video map[string]any) bool { return text(video, "encodingStatus") != "Ingest" })
	for _, video := range looks[:len(looks)-1] {
		checkValues(t, video, map[string]any{"hlsUrl": first["hlsUrl"], "vodGuid": accepted["vodGuid"]})
	}
	turned := d
	turned.clip.Width, turned.clip.Height, turned.clip.Rungs = 180, 320, []string{"180x320"}
	checkPublished(t, turned, second)
	if second["hlsUrl"] == first["hlsUrl"] || second["vodGuid"] != accepted["vodGuid"] {
		t.Errorf("after the second encode the video has %v of %v, which are the first one's", second["hlsUrl"], second["vodGuid"])
	}
	if !reflect.DeepEqual(second["options"], map[string]any{"inputRotate": "DEGREES_90"}) {
		t.Errorf("the options are %v", second["options"])
	}
	repeated = wantStatus(t, d.do(t, http.MethodPost, path, turn, "Idempotency-Key", "turn"), http.StatusAccepted).Video()
	checkValues(t, repeated, map[string]any{"vodGuid": accepted["vodGuid"], "encodingStatus": "Complete"})
	checkHistory(t, d, "Ingest", "Complete", "Ingest", "Complete")
	d.lateMessage(t, text(first, "vodGuid"), second)

	// Without options it is encoded as before.
	wantStatus(t, d.do(t, http.MethodPost, path, nil), http.StatusAccepted)
	third := d.published(t)
	if third["vodGuid"] == second["vodGuid"] || third["height"] != 320.0 {
		t.Errorf("the third encode is %v with %v lines", third["vodGuid"], third["height"])
	}
	sourceGone(t, d)
}

// wantBadOption sends options that the metadata file would not take either.
func wantBadOption(t *testing.T, d draft) {
	t.Helper()
	for _, options := range []map[string]any{{"inputRotate": "UPSIDE_DOWN"}, {"frameCapture": "perhaps"}, {"srcVideo": "video/other.mp4"}, {"destBucket": "elsewhere"}, {"srcBucket": "elsewhere"}, {"nobody": "knows this"}, {"archiveSource": true},
		{"enableSqs": false}, {"jobTemplate": "mine"}, {"acceleratedTranscoding": "ENABLED"}} {
		answer := d.do(t, http.MethodPost, d.path()+"/encode", map[string]any{"options": options})
		if answer.Status != http.StatusUnprocessableEntity && answer.Status != http.StatusBadRequest {
			t.Errorf("options %v: %s, want a problem", options, answer)
		}
	}
}

// lateMessage publishes the first encode's Complete message once more: the
// row stands for the second.
func (d draft) lateMessage(t *testing.T, guid string, now map[string]any) {
	t.Helper()
	found := d.s.raw.Find(func(m message) bool { return m.Text("guid") == guid && m.Text("workflowStatus") == "Complete" })
	if len(found) != 1 {
		t.Fatalf("%d Complete messages of %s, want 1", len(found), guid)
	}
	publish(t, d.s, found[0].Raw, map[string]string{"status": "Complete", "guid": guid})
	time.Sleep(3 * time.Second)
	after := d.look(t)
	for _, name := range []string{"hlsUrl", "vodGuid", "height", "encodingStatus", "mp4Urls"} {
		if !reflect.DeepEqual(after[name], now[name]) {
			t.Errorf("a late message has set %s to %v, it was %v", name, after[name], now[name])
		}
	}
	checkHistory(t, d, "Ingest", "Complete", "Ingest", "Complete")
}

// sourceGone deletes the source behind the API's back.
func sourceGone(t *testing.T, d draft) {
	t.Helper()
	versions, err := d.s.S3.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(d.s.Outputs["Source"]), Prefix: aws.String(d.prefix())})
	if err != nil {
		t.Fatal(err)
	}
	if len(versions.Versions) != 1 {
		t.Errorf("there are %d versions of the source, want 1", len(versions.Versions))
	}
	for _, v := range versions.Versions {
		if _, err := d.s.S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(d.s.Outputs["Source"]), Key: v.Key, VersionId: v.VersionId}); err != nil {
			t.Fatal(err)
		}
	}
	wantProblem(t, d.do(t, http.MethodPost, d.path()+"/encode", nil), http.StatusConflict, "SourceGone")
	video := d.look(t)
	if !slices.Contains([]string{"Complete"}, text(video, "encodingStatus")) {
		t.Errorf("the video is %v after an encode was refused", video["encodingStatus"])
	}
}

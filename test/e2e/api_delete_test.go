package e2e

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

func deletions(t *testing.T) {
	t.Parallel()
	t.Run("one that never came", func(t *testing.T) {
		t.Parallel()
		d := anyone().announce(t, clips.Tiny, nil)
		d.remove(t)
		d.gone(t)
	})
	t.Run("one that is half uploaded", func(t *testing.T) {
		t.Parallel()
		d := person(t, "deletes half").announceBytes(t, clips.Tiny, stretched(t, clips.Tiny, 20<<20), nil)
		d.part(t, d.upload, 1)
		d.remove(t)
		d.gone(t)
		// A bucket that refuses a large body may not wait for its end.
		if answer, err := d.upload.PutPart(t.Context(), d.upload.Parts[1], d.content); err == nil && answer.Status < 400 {
			t.Errorf("a part of a deleted upload: %s, want it refused", answer)
		}
		wantProblem(t, d.do(t, http.MethodPost, d.path()+"/upload/complete", nil), http.StatusNotFound, "VideoUnknown")
	})
	t.Run("one that is encoded right now", deleteEncoding)
	t.Run("one that is published right now", deletePublishing)
	t.Run("one that is published, twice at once", deletePublished)
	t.Run("one whose upload arrives after it", lateUpload)
}

// remove deletes the video; from the answer on it is there for nobody.
func (d draft) remove(t *testing.T) {
	t.Helper()
	wantStatus(t, d.do(t, http.MethodDelete, d.path(), nil), http.StatusAccepted)
	for _, call := range []struct{ method, path string }{
		{http.MethodGet, ""}, {http.MethodGet, "/upload"}, {http.MethodGet, "/events"}, {http.MethodPatch, ""},
		{http.MethodPost, "/encode"}, {http.MethodPost, "/upload/complete"}, {http.MethodDelete, "/upload"},
	} {
		var headers []string
		var body any
		if call.method == http.MethodPatch {
			headers, body = []string{"If-Match", "*"}, map[string]any{"title": "still there?"}
		}
		wantProblem(t, d.do(t, call.method, d.path()+call.path, body, headers...), http.StatusNotFound, "VideoUnknown")
	}
	if again := d.do(t, http.MethodDelete, d.path(), nil); again.Status != http.StatusAccepted && again.Status != http.StatusNotFound {
		t.Errorf("deleting it again: %s", again)
	}
	for _, page := range d.everyPage(t, "limit=100") {
		if strings.Contains(strings.Join(page, " "), d.id) {
			t.Error("the deleted video is listed")
		}
	}
}

func deleteEncoding(t *testing.T) {
	t.Parallel()
	d := anyone().announce(t, clips.Car, nil).send(t)
	guid, job := d.encoding(t)
	d.remove(t)
	var status mc.JobStatus
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && status != mc.JobStatusCanceled; time.Sleep(200 * time.Millisecond) {
		out, err := d.s.MediaConvert.GetJob(t.Context(), &mediaconvert.GetJobInput{Id: &job})
		if err != nil {
			t.Fatal(err)
		}
		status = out.Job.Status
	}
	if status != mc.JobStatusCanceled {
		t.Errorf("the job is %s, want it cancelled", status)
	}
	d.gone(t, guid)
	d.forgotten(t, guid)
}

// deletePublishing deletes between the job's end and the announcement.
func deletePublishing(t *testing.T) {
	t.Parallel()
	d := anyone().announce(t, clips.Tiny, nil).send(t)
	guid, _ := d.encoding(t)
	executions, err := d.s.Executions(t.Context(), guid)
	if err != nil || len(executions) != 1 {
		t.Fatalf("%d executions (%v), want 1", len(executions), err)
	}
	d.atState(t, aws.ToString(executions[0].ExecutionArn), "Publish")
	d.remove(t)
	d.gone(t, guid)
	d.forgotten(t, guid)
}

// atState waits until the execution has entered a state.
func (d draft) atState(t *testing.T, execution, state string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		out, err := d.s.SFN.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, ReverseOrder: true, MaxResults: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range out.Events {
			if event.Type == sfntypes.HistoryEventTypeTaskStateEntered && aws.ToString(event.StateEnteredEventDetails.Name) == state {
				return
			}
		}
	}
	t.Fatalf("the execution has not come to %s within a minute", state)
}

func deletePublished(t *testing.T) {
	t.Parallel()
	d := anyone().announce(t, clips.Tiny, nil).send(t)
	video := d.published(t)
	answers := make([]rest.Answer, 4)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = d.do(t, http.MethodDelete, d.path(), nil) })
	}
	all.Wait()
	accepted := 0
	for _, answer := range answers {
		switch answer.Status {
		case http.StatusAccepted:
			accepted++
		case http.StatusNotFound:
		default:
			t.Errorf("one of four deletions at once: %s", answer)
		}
	}
	if accepted == 0 {
		t.Error("none of four deletions at once was accepted")
	}
	d.gone(t, text(video, "vodGuid"))
	d.forgotten(t, text(video, "vodGuid"))
	response, err := http.Get(text(video, "hlsUrl"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound && response.StatusCode != http.StatusForbidden {
		t.Errorf("the deleted video's stream answers %s", response.Status)
	}
	d.messageAfterwards(t, text(video, "vodGuid"))
}

// messageAfterwards repeats the Complete message of a video that is deleted:
// it brings nothing back, and the deletion looks again.
func (d draft) messageAfterwards(t *testing.T, guid string) {
	t.Helper()
	before := d.s.row(t, d.id)["version"]
	complete := d.s.raw.Find(func(m message) bool { return m.Text("guid") == guid && m.Text("workflowStatus") == "Complete" })
	if len(complete) != 1 {
		t.Fatalf("%d Complete messages, want 1", len(complete))
	}
	publish(t, d.s, complete[0].Raw, map[string]string{"status": "Complete", "guid": guid})
	for deadline := time.Now().Add(30 * time.Second); reflect.DeepEqual(d.s.row(t, d.id)["version"], before); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the deletion did not look again")
			break
		}
	}
	d.gone(t, guid)
	wantProblem(t, d.do(t, http.MethodGet, d.path(), nil), http.StatusNotFound, "VideoUnknown")
}

// lateUpload uses a presigned URL that is still good after the deletion.
func lateUpload(t *testing.T) {
	t.Parallel()
	d := anyone().announce(t, clips.Tiny, nil)
	d.remove(t)
	d.gone(t)
	d.send(t)
	head, err := d.s.S3.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(d.s.Outputs["Source"]), Key: aws.String(text(d.video, "s3key"))})
	if err == nil {
		t.Logf("the late upload is version %s", aws.ToString(head.VersionId))
	}
	ended := d.s.ended(t, text(d.video, "s3key"), time.Minute)
	if ended.Text("workflowStatus") != "Error" || ended.Text("errorCode") != "VideoDeleted" {
		t.Errorf("the late upload ended %s %s, want Error VideoDeleted", ended.Text("workflowStatus"), ended.Text("errorCode"))
	}
	d.gone(t, ended.Text("guid"))
	if told := d.s.raw.Find(about(text(d.video, "s3key"))); len(told) != 2 {
		t.Errorf("the late upload was announced %d times, want an Ingest and an Error", len(told))
	}
	wantProblem(t, d.do(t, http.MethodGet, d.path(), nil), http.StatusNotFound, "VideoUnknown")
}

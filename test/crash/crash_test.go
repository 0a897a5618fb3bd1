package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
	"github.com/vodstack/vodstack/test/rig"
)

// uploads is how many videos are under way when something is killed.
const uploads = 12

func TestUploadsReachTheirEndWhateverIsKilled(t *testing.T) {
	dir := t.TempDir()
	engine, err := rig.NewEngine(filepath.Join(dir, "home"), "vod")
	if err != nil {
		t.Fatal(err)
	}
	// Not the test's context, which is over by then.
	t.Cleanup(func() {
		if _, err := engine.Down(context.Background()); err != nil {
			t.Error(err)
		}
		if err := engine.NothingLeft(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			show(t, engine)
		}
	})
	cutOff(t, engine)
	if _, err := engine.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	stack, err := rig.Join(t.Context(), engine)
	if err != nil {
		t.Fatal(err)
	}
	clip, err := (&clips.Maker{Dir: dir}).Make(clips.Tiny)
	if err != nil {
		t.Fatal(err)
	}
	w := world{stack, engine, clip}
	// No clean stop comes before any of these.
	t.Run("everything at once, as in a power cut, while they upload", func(t *testing.T) {
		w.crash(t, 0, everything)
	})
	t.Run("everything at once, while they are planned and encoded", func(t *testing.T) {
		w.crash(t, 4*time.Second, everything)
	})
	t.Run("the control plane", func(t *testing.T) { w.crash(t, 3*time.Second, controlPlane) })
	t.Run("the engine", func(t *testing.T) { w.crash(t, 5*time.Second, engineItself) })
}

// cutOff ends everything in the middle of the first deploy, once some of it is
// saved: no clean stop has come before.
func cutOff(t *testing.T, engine *rig.Engine) {
	t.Helper()
	up := make(chan error, 1)
	go func() { _, err := engine.Up(t.Context()); up <- err }()
	w := world{engine: engine}
	for range 3 {
		w.waitSaved(t)
	}
	w.kill(t, everything)
	if err := <-up; err == nil {
		t.Error("the deploy was over before it was cut off")
	}
}

// show copies the end of the engine's logs, whose folder goes.
func show(t *testing.T, engine *rig.Engine) {
	for _, name := range []string{"engine.log", "control-plane.log"} {
		data, err := os.ReadFile(filepath.Join(engine.Home, "logs", name))
		if err == nil {
			t.Logf("%s ends with\n%s", name, data[max(0, len(data)-20_000):])
		}
	}
}

type world struct {
	*rig.Stack
	engine *rig.Engine
	clip   string
}

// crash uploads videos, kills a while after the last of them was confirmed,
// starts again and audits.
func (w world) crash(t *testing.T, after time.Duration, kill func(rig.Process) bool) {
	drafts := w.draft(t, uploads/2)
	w.waitSaved(t) // what was confirmed before is to be there
	var keys []string
	for i := range uploads / 2 {
		keys = append(keys, fmt.Sprintf("video/%d-%d/tiny.mp4", time.Now().UnixNano(), i))
	}
	w.upload(t, drafts, keys)
	time.Sleep(after)
	w.kill(t, kill)
	began := time.Now()
	if out, err := w.engine.Up(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("up again in %v", time.Since(began).Round(100*time.Millisecond))
	for _, d := range drafts {
		keys = append(keys, d.key)
	}
	records := w.ended(t, keys)
	t.Logf("all ended after %v", time.Since(began).Round(100*time.Millisecond))
	w.audit(t, records)
	for _, d := range drafts {
		w.checkRow(t, d.id)
	}
}

// A draft is a video that was created through the API.
type draft struct {
	id, key string
	upload  rest.Upload
}

func (w world) api() *rest.Client { return &rest.Client{URL: w.Outputs["ApiUrl"]} }

func (w world) draft(t *testing.T, n int) []draft {
	t.Helper()
	info, err := os.Stat(w.clip)
	if err != nil {
		t.Fatal(err)
	}
	var drafts []draft
	for range n {
		answer, err := w.api().Do(t.Context(), http.MethodPost, "/videos", map[string]any{
			"fileName": "tiny.mp4", "contentType": "video/mp4", "size": info.Size(),
		})
		if err != nil || answer.Status != http.StatusCreated {
			t.Fatalf("create a video: %v %v", answer, err)
		}
		upload, err := answer.Upload()
		if err != nil {
			t.Fatal(err)
		}
		drafts = append(drafts, draft{answer.ID(), answer.Video()["s3key"].(string), upload})
	}
	return drafts
}

// upload sends all of them at once, and returns when each is confirmed.
func (w world) upload(t *testing.T, drafts []draft, keys []string) {
	t.Helper()
	content, err := os.ReadFile(w.clip)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, key := range keys {
		group.Go(func() {
			_, err := w.S3.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(w.Outputs["Source"]), Key: &key, Body: bytes.NewReader(content),
			})
			if err != nil {
				t.Errorf("upload %s: %v", key, err)
			}
		})
	}
	for _, d := range drafts {
		group.Go(func() {
			answer, err := d.upload.Put(t.Context(), content)
			if err != nil || answer.Status != http.StatusOK {
				t.Errorf("upload %s: %v %v", d.key, answer, err)
			}
		})
	}
	group.Wait()
}

// waitSaved waits for a snapshot of the control plane's state that has all
// that is confirmed by now.
func (w world) waitSaved(t *testing.T) {
	t.Helper()
	now := time.Now()
	path := filepath.Join(w.engine.Home, "control-plane", "snapshot", "manifest.json")
	for deadline := now.Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var manifest struct{ Begun int64 }
		if data, err := os.ReadFile(path); err == nil && json.Unmarshal(data, &manifest) == nil && manifest.Begun > now.UnixNano() {
			return
		}
	}
	t.Fatal("no snapshot within a minute")
}

func everything(rig.Process) bool { return true }

func controlPlane(p rig.Process) bool { return bytes.Contains([]byte(p.Command), []byte("launch.py")) }

func engineItself(p rig.Process) bool { return bytes.Contains([]byte(p.Command), []byte("vod engine")) }

// kill ends the processes that are chosen, and waits until the engine's are
// gone: it ends by itself where one of its parts does.
func (w world) kill(t *testing.T, chosen func(rig.Process) bool) {
	t.Helper()
	processes, err := w.engine.Processes()
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, p := range processes {
		if !chosen(p) {
			continue
		}
		if err := syscall.Kill(p.ID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
		killed++
	}
	if killed == 0 {
		t.Fatalf("nothing to kill in %v", processes)
	}
	if err := w.engine.NothingLeft(); err != nil {
		t.Fatal(err)
	}
}

// ended waits until each key has one record, in a final state.
func (w world) ended(t *testing.T, keys []string) []map[string]string {
	t.Helper()
	var records map[string][]map[string]string
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(500 * time.Millisecond) {
		records = w.records(t)
		open := 0
		for _, key := range keys {
			if r := records[key]; len(r) != 1 || r[0]["workflowStatus"] == "Ingest" {
				open++
			}
		}
		if open == 0 {
			break
		}
		if time.Now().After(deadline) {
			for _, key := range keys {
				t.Logf("%s: %v", key, records[key])
			}
			t.Fatalf("%d of %d videos have not ended", open, len(keys))
		}
	}
	var mine []map[string]string
	for _, key := range keys {
		mine = append(mine, records[key]...)
	}
	return mine
}

// records are the texts of the tracking table, by the source's key.
func (w world) records(t *testing.T) map[string][]map[string]string {
	t.Helper()
	found := map[string][]map[string]string{}
	pages := dynamodb.NewScanPaginator(w.DynamoDB, &dynamodb.ScanInput{TableName: aws.String(w.Outputs["DynamoDBTable"])})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			record := map[string]string{}
			for name, value := range item {
				if text, ok := value.(*ddb.AttributeValueMemberS); ok && len(text.Value) < 200 {
					record[name] = text.Value
				}
			}
			found[record["srcVideo"]] = append(found[record["srcVideo"]], record)
		}
	}
	return found
}

// audit asks that each video was encoded once, whole, and that nothing still
// runs for it.
func (w world) audit(t *testing.T, records []map[string]string) {
	t.Helper()
	for _, r := range records {
		if r["workflowStatus"] != "Complete" {
			t.Errorf("%s ended %s: %s: %s", r["srcVideo"], r["workflowStatus"], r["errorCode"], r["errorMessage"])
			continue
		}
		jobs, err := w.Jobs(t.Context(), r["guid"])
		if err != nil {
			t.Fatal(err)
		}
		if len(jobs) != 1 || jobs[0].Status != mc.JobStatusComplete || aws.ToString(jobs[0].Id) != r["encodeJobId"] {
			t.Errorf("%s has the job %s, and there are %s", r["srcVideo"], r["encodeJobId"], jobNames(jobs))
		}
		executions, err := w.Executions(t.Context(), r["guid"])
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); len(executions) == 1 && executions[0].Status == sfntypes.ExecutionStatusRunning && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			if executions, err = w.Executions(t.Context(), r["guid"]); err != nil {
				t.Fatal(err)
			}
		}
		if len(executions) != 1 || executions[0].Status != sfntypes.ExecutionStatusSucceeded {
			t.Errorf("%s has %d executions: %+v", r["srcVideo"], len(executions), executions)
		}
		response, err := http.Get(r["hlsUrl"])
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", r["hlsUrl"], response.Status)
		}
	}
}

func jobNames(jobs []mc.Job) string {
	text := strconv.Itoa(len(jobs)) + " jobs"
	for _, j := range jobs {
		text += fmt.Sprintf(" %s %s", aws.ToString(j.Id), j.Status)
	}
	return text
}

// checkRow asks that the API's row says the same as the record, soon.
func (w world) checkRow(t *testing.T, id string) {
	t.Helper()
	var answer rest.Answer
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		var err error
		if answer, err = w.api().Do(t.Context(), http.MethodGet, "/videos/"+id, nil); err != nil {
			t.Fatal(err)
		}
		if answer.Status == http.StatusOK && answer.Video()["encodingStatus"] == "Complete" {
			return
		}
	}
	t.Errorf("the row of %s is %v", id, answer)
}

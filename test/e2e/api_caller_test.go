package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// A caller uses a stack's API, as one owner.
type caller struct {
	*rest.Client
	s *site
}

// anyone calls the API of the stack vod, which is open.
func anyone() caller {
	return caller{&rest.Client{URL: world.videos.Outputs["ApiUrl"]}, world.videos}
}

// person calls the API of the stack vodmeta with a JWT of an own subject.
func person(t *testing.T, name string) caller {
	t.Helper()
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	return bearer(t, name+"-"+hex.EncodeToString(random), nil)
}

// bearer calls it with a JWT of this subject and these changes to its claims.
func bearer(t *testing.T, subject string, change map[string]any) caller {
	t.Helper()
	token, err := world.issuer.Token(subject, change)
	if err != nil {
		t.Fatal(err)
	}
	return caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"], Token: token}, world.meta}
}

func (c caller) do(t *testing.T, method, path string, body any, headers ...string) rest.Answer {
	t.Helper()
	answer, err := c.Do(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// get asks for a path and wants 200.
func (c caller) get(t *testing.T, path string) rest.Answer {
	t.Helper()
	return wantStatus(t, c.do(t, http.MethodGet, path, nil), http.StatusOK)
}

func wantStatus(t *testing.T, answer rest.Answer, status int) rest.Answer {
	t.Helper()
	if answer.Status != status {
		t.Fatalf("the answer is %s, want %d", answer, status)
	}
	return answer
}

// wantProblem asks for a problem of RFC 9457 with one of these codes.
func wantProblem(t *testing.T, answer rest.Answer, status int, codes ...string) {
	t.Helper()
	if answer.Status != status || !slices.Contains(codes, answer.Code()) {
		t.Errorf("the answer is %s, want %d with code %v", answer, status, codes)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("the content type is %q, want application/problem+json", kind)
	}
	if answer.Body["status"] != float64(answer.Status) || text(answer.Body, "title") == "" || text(answer.Body, "type") == "" || text(answer.Body, "detail") == "" {
		t.Errorf("the problem lacks something: %s", answer.Text)
	}
}

// kinds are the content types of the clips' extensions.
var kinds = map[string]string{".mp4": "video/mp4", ".mov": "video/quicktime", ".MOV": "video/quicktime", ".mkv": "video/x-matroska"}

// A draft is a video that was created and not uploaded yet.
type draft struct {
	caller
	clip    clips.Clip
	content []byte
	id      string
	video   map[string]any
	upload  rest.Upload
}

// announce creates a video for a clip; more is added to the request.
func (c caller) announce(t *testing.T, clip clips.Clip, more map[string]any) draft {
	t.Helper()
	return c.announceBytes(t, clip, content(t, clip), more)
}

// content is the bytes of a clip.
func content(t *testing.T, clip clips.Clip) []byte {
	t.Helper()
	file, err := world.clips.Make(clip)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func (c caller) announceBytes(t *testing.T, clip clips.Clip, content []byte, more map[string]any) draft {
	t.Helper()
	answer := wantStatus(t, c.do(t, http.MethodPost, "/videos", request(clip, int64(len(content)), more)), http.StatusCreated)
	upload, err := answer.Upload()
	if err != nil {
		t.Fatal(err)
	}
	if want := "/videos/" + answer.ID(); answer.Header.Get("Location") == "" || filepath.Base(answer.Header.Get("Location")) != answer.ID() {
		t.Errorf("Location is %q, want one that ends in %s", answer.Header.Get("Location"), want)
	}
	return draft{caller: c, clip: clip, content: content, id: answer.ID(), video: answer.Video(), upload: upload}
}

// request is the body of POST /videos for a clip.
func request(clip clips.Clip, bytes int64, more map[string]any) map[string]any {
	body := map[string]any{"fileName": clip.File, "contentType": kinds[filepath.Ext(clip.File)], "size": bytes}
	for name, value := range more {
		body[name] = value
	}
	return body
}

func (d draft) path() string   { return "/videos/" + d.id }
func (d draft) prefix() string { return "video/" + d.id + "/" }

// renewed has a URL that lives as long as a new one.
func (d draft) renewed(t *testing.T) draft {
	t.Helper()
	var err error
	if d.upload, err = d.get(t, d.path()+"/upload").Upload(); err != nil {
		t.Fatal(err)
	}
	return d
}

// send uploads the whole clip by the single PUT.
func (d draft) send(t *testing.T) draft {
	t.Helper()
	answer, err := d.upload.Put(t.Context(), d.content)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, answer, http.StatusOK)
	return d
}

// look is the video as the API shows it now.
func (d draft) look(t *testing.T) map[string]any {
	t.Helper()
	return d.get(t, d.path()).Video()
}

// until looks at the video until ok holds; every look is kept.
func (d draft) until(t *testing.T, what string, patience time.Duration, ok func(video map[string]any) bool) (last map[string]any, looks []map[string]any) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(150 * time.Millisecond) {
		last = d.look(t)
		looks = append(looks, last)
		if ok(last) {
			return last, looks
		}
		if time.Now().After(deadline) {
			t.Fatalf("the video is not %s after %v: %v", what, patience, last)
		}
	}
}

// published waits until the video is Complete; an Error fails the test.
func (d draft) published(t *testing.T) map[string]any {
	t.Helper()
	video, _ := d.until(t, "Complete", 3*time.Minute, func(video map[string]any) bool {
		if text(video, "encodingStatus") == "Error" {
			t.Fatalf("the video ended in %v: %v", video["errorCode"], video["errorMessage"])
		}
		return text(video, "encodingStatus") == "Complete"
	})
	return video
}

// encoding waits until the video has a guid and a MediaConvert job.
func (d draft) encoding(t *testing.T) (guid, job string) {
	t.Helper()
	video, _ := d.until(t, "taken in", time.Minute, func(video map[string]any) bool { return text(video, "vodGuid") != "" })
	guid = text(video, "vodGuid")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		record, err := d.s.Record(t.Context(), guid)
		if err != nil {
			t.Fatal(err)
		}
		if id, there := record["encodeJobId"]; there {
			job, _ := plain(id)
			return guid, fmt.Sprint(job)
		}
	}
	t.Fatal("no MediaConvert job within a minute")
	return "", ""
}

package mediaconvert

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// clip cuts the first seconds of the car, looped to be longer than it is
// when asked for.
func clip(t *testing.T, seconds int) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "car.mp4")
	source := filepath.Join(repository(), "media/car-768x432-aac.mp4")
	out, err := exec.Command("ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", source,
		"-t", strconv.Itoa(seconds), "-c", "copy", "-movflags", "+faststart", path).CombinedOutput()
	if err != nil {
		t.Fatalf("cut the clip: %v\n%s", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func realEncoder(s *Server) { s.Transcoder = &transcode.Transcoder{} }

// objectsOf are all keys of the bucket with their content types.
func (b *bench) objectsOf(prefix string) map[string]string {
	b.Helper()
	list, err := store.ListObjectsV2(b.Context(), &s3.ListObjectsV2Input{Bucket: &b.bucket, Prefix: &prefix})
	if err != nil {
		b.Fatal(err)
	}
	found := map[string]string{}
	for _, o := range list.Contents {
		_, found[*o.Key] = b.object(*o.Key)
	}
	return found
}

func TestARealJobWritesWhatItsCompleteEventTells(t *testing.T) {
	b := newBench(t, realEncoder)
	out, err := b.client.CreateJob(t.Context(), b.wholeJob(b.put("car.mp4", clip(t, 3))))
	if err != nil {
		t.Fatal(err)
	}
	event := b.waitFor(*out.Job.Id, "COMPLETE")
	objects := b.objectsOf("guid/")
	for _, group := range event["outputGroupDetails"].([]any) {
		for _, uri := range pathsOf(group.(map[string]any)) {
			key := strings.TrimPrefix(uri, "s3://"+b.bucket+"/")
			if _, ok := objects[key]; !ok {
				t.Errorf("the event names %s, which is not there", uri)
			}
		}
	}
	kinds := map[string]string{
		".mp4": "video/mp4", ".cmfv": "video/mp4", ".cmfa": "audio/mp4", ".jpg": "image/jpeg",
		".mpd": "application/dash+xml", ".m3u8": "application/vnd.apple.mpegurl",
	}
	seen := map[string]bool{}
	for key, kind := range objects {
		ext := filepath.Ext(key)
		seen[ext] = true
		if kind != kinds[ext] {
			t.Errorf("%s is %s", key, kind)
		}
	}
	if len(seen) != len(kinds) {
		t.Errorf("objects are %v", objects)
	}
	job := b.get(*out.Job.Id)
	if len(job.OutputGroupDetails) != 3 || job.JobPercentComplete == nil || *job.JobPercentComplete != 100 {
		t.Errorf("job is %+v", job)
	}
	if d := *job.OutputGroupDetails[0].OutputDetails[0].DurationInMs; d < 2900 || d > 3300 {
		t.Errorf("the MP4 takes %d ms", d)
	}
	want := []string{"PROGRESSING", "INPUT_INFORMATION", "COMPLETE"}
	if got := b.bus.statuses(*out.Job.Id); !slices.Equal(got, want) {
		t.Errorf("sent %v", got)
	}
}

// pathsOf are all URIs of a group in the COMPLETE event.
func pathsOf(group map[string]any) []string {
	var uris []string
	list, _ := group["playlistFilePaths"].([]any)
	for _, output := range group["outputDetails"].([]any) {
		paths, _ := output.(map[string]any)["outputFilePaths"].([]any)
		list = append(list, paths...)
	}
	for _, uri := range list {
		uris = append(uris, uri.(string))
	}
	return uris
}

func TestARealProbeTellsTheTracks(t *testing.T) {
	b := newBench(t, realEncoder)
	uri := b.put("/odd place/car.mp4", clip(t, 3))
	out, err := b.client.Probe(t.Context(), &sdk.ProbeInput{InputFiles: []types.ProbeInputFile{{FileUrl: &uri}}})
	if err != nil {
		t.Fatal(err)
	}
	container := out.ProbeResults[0].Container
	if container.Format != types.FormatMp4 || len(container.Tracks) != 2 || *container.Duration < 2.9 {
		t.Errorf("container is %+v", container)
	}
	uri = b.put("text.mp4", []byte("no video at all"))
	_, err = b.client.Probe(t.Context(), &sdk.ProbeInput{InputFiles: []types.ProbeInputFile{{FileUrl: &uri}}})
	wantError(t, err, "UnprocessableEntityException", "text.mp4")
}

func TestASourceThatIsNoVideoEndsTheJobWith1010(t *testing.T) {
	b := newBench(t, realEncoder)
	for name, data := range map[string]string{"empty.mp4": "", "text.mp4": "no video at all", "json.mp4": "{}"} {
		wantCode(t, b.fails(b.put(name, []byte(data)), "out"), 1010, "")
	}
}

func TestEveryAWSClientUnderstandsTheServer(t *testing.T) {
	b := newBench(t, func(s *Server) { realEncoder(s); s.Workers = 2 })
	uri := b.put("car.mp4", clip(t, 2))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	script := filepath.Join(repository(), "internal/local/mediaconvert/testdata/client.py")
	python := exec.CommandContext(ctx, pythonPath(t), script, b.server.URL(), uri, "s3://"+b.bucket+"/py/car")
	python.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=thing",
		"AWS_DEFAULT_REGION="+region, "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent")
	if out, err := python.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.object("py/car_mp4.mp4")
}

// pythonPath is a Python that has boto3.
func pythonPath(t *testing.T) string {
	t.Helper()
	path := os.Getenv("VOD_PYTHON")
	if path == "" {
		path = filepath.Join(repository(), ".tools/venv/bin/python")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("there is no Python with boto3 at %s; run \"make setup\" first, or name one in VOD_PYTHON", path)
	}
	return path
}

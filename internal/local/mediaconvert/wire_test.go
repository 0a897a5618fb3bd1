package mediaconvert

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// send makes a request by hand, and returns its status, error type and
// message.
func (b *bench) send(method, path, body string) (int, string, string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.server.URL()+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	var message struct{ Message string }
	if err := json.Unmarshal(data, &message); err != nil {
		b.Fatalf("%s %s answered %q", method, path, data)
	}
	if answer.Header.Get("X-Amzn-RequestId") == "" {
		b.Error("the answer has no request id")
	}
	return answer.StatusCode, answer.Header.Get("X-Amzn-ErrorType"), message.Message
}

func TestRequestsThatMakeNoSenseAreRefusedInTheServicesShape(t *testing.T) {
	b := newBench(t, nil)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		kind, words        string
	}{
		"garbage":         {"POST", "/jobs", "{{{", 400, "BadRequestException", "JSON"},
		"a list":          {"POST", "/jobs", "[]", 400, "BadRequestException", ""},
		"nothing":         {"POST", "/jobs", "", 400, "BadRequestException", "required"},
		"two values":      {"POST", "/jobs", "{} {}", 400, "BadRequestException", "JSON"},
		"a wrong type":    {"POST", "/jobs", `{"role": 7}`, 400, "BadRequestException", "/role"},
		"a wrong member":  {"POST", "/jobs", `{"role": "r", "settings": {}, "x": 1}`, 400, "BadRequestException", "/x"},
		"null":            {"POST", "/jobs", "null", 400, "BadRequestException", ""},
		"deep nesting":    {"POST", "/jobs", strings.Repeat(`{"settings":`, 20_000), 400, "BadRequestException", ""},
		"10 MB":           {"POST", "/jobs", `{"role": "` + strings.Repeat("x", 10<<20) + `"}`, 413, "RequestEntityTooLargeException", "2 MiB"},
		"presets":         {"GET", "/presets", "", 404, "UnknownOperationException", "/presets"},
		"a wrong method":  {"PATCH", "/jobs", "", 404, "UnknownOperationException", "PATCH"},
		"an unknown job":  {"GET", "/jobs/1-a", "", 404, "NotFoundException", "1-a"},
		"a page too long": {"GET", "/jobs?maxResults=21", "", 400, "BadRequestException", "/maxResults"},
		"a page of none":  {"GET", "/jobs?maxResults=0", "", 400, "BadRequestException", "/maxResults"},
		"a wrong status":  {"GET", "/jobs?status=DONE", "", 400, "BadRequestException", "/status"},
		"a wrong order":   {"GET", "/queues?order=UP", "", 400, "BadRequestException", "/order"},
		"a long search":   {"GET", "/search?inputFile=" + strings.Repeat("x", 301), "", 400, "BadRequestException", "/inputFile"},
		"a wrong search":  {"GET", "/search?status=DONE", "", 400, "BadRequestException", "/status"},
		"a wrong token":   {"GET", "/jobs?nextToken=abc", "", 400, "BadRequestException", "/nextToken"},
		"a web probe":     {"POST", "/probe", `{"inputFiles":[{"fileUrl":"https://example.com/x.mp4"}]}`, 400, "BadRequestException", "/inputFiles/0/fileUrl"},
		"an empty probe":  {"POST", "/probe", `{}`, 400, "BadRequestException", "/inputFiles"},
	} {
		t.Run(name, func(t *testing.T) {
			status, kind, message := b.send(c.method, version+c.path, c.body)
			if status != c.status || kind != c.kind || !strings.Contains(message, c.words) || message == "" {
				t.Errorf("answer is %d %s %q", status, kind, message)
			}
		})
	}
	if status, _, _ := b.send("GET", "/health", ""); status != 200 {
		t.Errorf("health is %d", status)
	}
	if status, kind, _ := b.send("GET", "/elsewhere", ""); status != 404 || kind != "UnknownOperationException" {
		t.Errorf("elsewhere is %d %s", status, kind)
	}
}

func TestJobsAreListedByPagesWithFilters(t *testing.T) {
	b := newBench(t, nil)
	var ids []string
	for range 7 {
		id := *b.submit("out", nil).Id
		b.waitFor(id, "COMPLETE")
		ids = append(ids, id)
	}
	failing := *b.submit("out", func(q *sdk.CreateJobInput) {
		q.Settings.Inputs[0].FileInput = aws.String("s3://" + b.bucket + "/nothing.mp4")
	}).Id
	b.waitFor(failing, "ERROR")
	list := func(input *sdk.ListJobsInput) (found []string, pages int) {
		for p := sdk.NewListJobsPaginator(b.client, input); p.HasMorePages(); pages++ {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, job := range page.Jobs {
				found = append(found, *job.Id)
			}
		}
		return found, pages
	}
	up, pages := list(&sdk.ListJobsInput{Status: types.JobStatusComplete, MaxResults: aws.Int32(3), Order: types.OrderAscending})
	if !slices.Equal(up, ids) || pages != 3 {
		t.Errorf("complete jobs are %v on %d pages, not %v on 3", up, pages, ids)
	}
	all, _ := list(&sdk.ListJobsInput{Queue: aws.String("Default")})
	if len(all) != 8 || all[0] != failing {
		t.Errorf("all jobs, newest first, are %v", all)
	}
	if wrong, _ := list(&sdk.ListJobsInput{Status: types.JobStatusError}); !slices.Equal(wrong, []string{failing}) {
		t.Errorf("jobs with errors are %v", wrong)
	}
	if none, _ := list(&sdk.ListJobsInput{Queue: aws.String("other")}); len(none) != 0 {
		t.Errorf("another queue has %v", none)
	}
}

func TestATokenOfAnotherListIsRefused(t *testing.T) {
	b := newBench(t, nil)
	b.submit("out", nil)
	b.submit("out", nil)
	first, err := b.client.ListJobs(t.Context(), &sdk.ListJobsInput{MaxResults: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.client.ListJobs(t.Context(), &sdk.ListJobsInput{NextToken: first.NextToken, Status: types.JobStatusError})
	wantError(t, err, "BadRequestException", "/nextToken")
	_, err = b.client.ListQueues(t.Context(), &sdk.ListQueuesInput{NextToken: first.NextToken})
	wantError(t, err, "BadRequestException", "/nextToken")
}

func TestEndpointsAreThisServer(t *testing.T) {
	b := newBench(t, nil)
	//lint:ignore SA1019 programs from before the regional endpoints still ask
	out, err := b.client.DescribeEndpoints(t.Context(), &sdk.DescribeEndpointsInput{})
	if err != nil || len(out.Endpoints) != 1 || *out.Endpoints[0].Url != b.server.URL() {
		t.Errorf("endpoints are %+v, %v", out, err)
	}
}

func TestTagsAreKeptForEveryResource(t *testing.T) {
	b := newBench(t, nil)
	job := b.submit("out", func(q *sdk.CreateJobInput) { q.Tags = map[string]string{"team": "vod", "stage": "dev"} })
	_, err := b.client.TagResource(t.Context(), &sdk.TagResourceInput{Arn: job.Arn, Tags: map[string]string{"team": "video"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = b.client.UntagResource(t.Context(), &sdk.UntagResourceInput{Arn: job.Arn, TagKeys: []string{"stage"}}); err != nil {
		t.Fatal(err)
	}
	b.restart(nil)
	tags, err := b.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{Arn: job.Arn})
	if err != nil || len(tags.ResourceTags.Tags) != 1 || tags.ResourceTags.Tags["team"] != "video" {
		t.Errorf("tags are %+v, %v", tags, err)
	}
	_, err = b.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{Arn: aws.String(*job.Arn + "x")})
	wantError(t, err, "NotFoundException")
}

func TestAProbeTellsWhatTheStorageKnows(t *testing.T) {
	b := newBench(t, nil)
	uri := b.put("in.mp4", []byte("a video"))
	probe := func(uri string) (*sdk.ProbeOutput, error) {
		return b.client.Probe(t.Context(), &sdk.ProbeInput{InputFiles: []types.ProbeInputFile{{FileUrl: &uri}}})
	}
	out, err := probe(uri)
	if err != nil {
		t.Fatal(err)
	}
	result := out.ProbeResults[0]
	if *result.Metadata.FileSize != 7 || len(*result.Metadata.ETag) != 32 || result.Metadata.LastModified == nil ||
		*result.Container.Tracks[0].VideoProperties.Width != 768 || result.TrackMappings[0].AudioTrackIndexes[0] != 2 {
		t.Errorf("result is %+v", result)
	}
	_, err = probe("s3://" + b.bucket + "/nothing.mp4")
	wantError(t, err, "NotFoundException", "nothing.mp4")
}

// The pipeline's own requests, as internal/encoding makes them.
func TestEveryGoldenRequestOfThePipelineIsTaken(t *testing.T) {
	goldens, err := filepath.Glob(filepath.Join(repository(), "internal/encoding/testdata/golden/*.json"))
	if err != nil || len(goldens) < 12 {
		t.Fatalf("goldens are %v, %v", goldens, err)
	}
	b := newBench(t, nil)
	_, err = b.client.UpdateQueue(t.Context(), &sdk.UpdateQueueInput{Name: aws.String("Default"), Status: types.QueueStatusPaused})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range goldens {
		var request map[string]any
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &request); err != nil {
			t.Fatal(err)
		}
		if request["jobTemplate"] != nil {
			continue // completed by a template, which isn't in the golden
		}
		delete(request, "clientRequestToken") // one for all
		delete(request, "queue")              // of another account
		if data, err = json.Marshal(request); err != nil {
			t.Fatal(err)
		}
		if status, kind, message := b.send("POST", version+"/jobs", string(data)); status != http.StatusCreated {
			t.Errorf("%s: answer is %d %s %s", filepath.Base(path), status, kind, message)
		}
	}
}

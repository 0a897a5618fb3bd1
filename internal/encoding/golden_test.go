package encoding

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
)

var update = flag.Bool("update", false, "write the golden files anew")

func fileName(name string) string {
	return strings.NewReplacer(" ", "-", ",", "", ".", "-", ":", "-").Replace(name) + ".json"
}

func compare(t *testing.T, path string, body []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, sorted(t, body), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("%s differs: go test -update, then look at the difference\n%s", path, firstDifference(want, pretty.Bytes()))
	}
}

// sorted orders the members by name: the SDK writes maps in any order.
func sorted(t *testing.T, body []byte) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "golden: " + w[i] + "\nnow:    " + g[i]
		}
	}
	return "one is longer than the other"
}

// roundTripper hands each request to a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) Do(r *http.Request) (*http.Response, error) { return f(r) }

var errSeen = errors.New("seen")

// wire is a job as the SDK serializes it.
func wire(t *testing.T, j Job) []byte {
	t.Helper()
	var body []byte
	client := mediaconvert.New(mediaconvert.Options{
		Region:      "eu-central-1",
		Credentials: aws.AnonymousCredentials{},
		Retryer:     aws.NopRetryer{},
		HTTPClient: roundTripper(func(r *http.Request) (*http.Response, error) {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			return nil, errSeen
		}),
	})
	in := &mediaconvert.CreateJobInput{
		Role: &j.Role, ClientRequestToken: &j.ClientRequestToken, UserMetadata: j.UserMetadata,
		AccelerationSettings: j.AccelerationSettings, StatusUpdateInterval: j.StatusUpdateInterval, Settings: j.Settings,
	}
	if j.Queue != "" {
		in.Queue = &j.Queue
	}
	if j.JobTemplate != "" {
		in.JobTemplate = &j.JobTemplate
	}
	if _, err := client.CreateJob(context.Background(), in); !errors.Is(err, errSeen) {
		t.Fatalf("create job: %v", err)
	}
	return body
}

func source(key string) Source {
	return Source{
		GUID:              "6f1c2a52-8a3e-5d0c-9f5e-0d2f6a7b8c9d",
		Bucket:            "source-bucket",
		Key:               key,
		DestinationBucket: "destination-bucket",
		Workflow:          "vod",
		RoleARN:           "arn:aws:iam::000000000000:role/vod-mediaconvert",
	}
}

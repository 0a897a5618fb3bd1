package deploy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vodstack/vodstack/internal/local/delivery"
	"github.com/vodstack/vodstack/internal/local/objectstore"
)

func parsed(t *testing.T) template {
	t.Helper()
	var parsed template
	if err := json.Unmarshal(sample(t), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestBucketsAreReadFromTheTemplate(t *testing.T) {
	got, err := parsed(t).buckets(map[string]string{"SourceBucket": "vod-source", "DestinationBucket": "vod-destination"})
	if err != nil {
		t.Fatal(err)
	}
	want := []objectstore.Bucket{
		{Name: "vod-destination"},
		{Name: "vod-source", Versioned: true, Announced: true, CORS: []types.CORSRule{{
			AllowedHeaders: []string{"*"}, AllowedMethods: []string{"PUT"}, AllowedOrigins: []string{"*"},
			ExposeHeaders: []string{"ETag"}, MaxAgeSeconds: aws.Int32(3000),
		}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestBucketThatWasNotDeployedIsNamed(t *testing.T) {
	if _, err := parsed(t).buckets(nil); err == nil || !strings.Contains(err.Error(), "DestinationBucket") {
		t.Errorf("got %v", err)
	}
}

func TestDeliveryAnswersAsTheDistributionDoes(t *testing.T) {
	got, err := parsed(t).origin("vod-destination")
	if err != nil {
		t.Fatal(err)
	}
	want := delivery.Origin{
		Bucket:  "vod-destination",
		Headers: map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Own": "1"},
		CORS: delivery.CORS{
			Origins: []string{"https://example.com"}, Methods: []string{"GET", "HEAD"},
			AllowHeaders: []string{"*"}, ExposeHeaders: []string{"ETag"}, MaxAge: 600,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestTheAPIIsKnownByTheIdThatTheDeployGave(t *testing.T) {
	if got := parsed(t).api(map[string]string{"Api": "a1b2c3d4", "Table": "t"}); got != "a1b2c3d4" {
		t.Errorf("got %q", got)
	}
	if got := (template{}).api(map[string]string{"Api": "a1b2c3d4"}); got != "" {
		t.Errorf("a stack without an API: got %q", got)
	}
}

func TestDeployIsRemembered(t *testing.T) {
	home := t.TempDir()
	if _, found, err := Load(home, "vod"); found || err != nil {
		t.Fatalf("before any deploy: %t %v", found, err)
	}
	s := Stack{Name: "vod", Inputs: "h", Outputs: map[string]string{"Source": "b"}}
	if err := s.save(home); err != nil {
		t.Fatal(err)
	}
	got, found, err := Load(home, "vod")
	if err != nil || !found || got.Outputs["Source"] != "b" {
		t.Errorf("got %+v %t %v", got, found, err)
	}
	if all, err := LoadAll(home); err != nil || len(all) != 1 {
		t.Errorf("all: %+v %v", all, err)
	}
}

func TestFittedTemplateGetsItsOwnHash(t *testing.T) {
	dir := t.TempDir()
	old := strings.Repeat("a1", 32)
	files := map[string]string{
		"vod.template.json": "{}",
		"vod.assets.json":   `{"files":{"` + old + `":{"source":{"path":"vod.template.json"},"destinations":{"d":{"objectKey":"` + old + `.json"}}},"ffff":{"source":{"path":"asset.ffff"}}}}`,
		"manifest.json":     `{"artifacts":{"vod":{"properties":{"stackTemplateAssetObjectUrl":"s3://b/` + old + `.json"}}}}`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := assembly{dir: dir, stack: "vod"}
	if err := a.replaceTemplate([]byte(`{"Resources":{}}`)); err != nil {
		t.Fatal(err)
	}
	hash, err := a.templateHash()
	if err != nil || hash == old || len(hash) != 64 {
		t.Fatalf("hash %q %v", hash, err)
	}
	manifest, _ := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if !strings.Contains(string(manifest), hash+".json") || strings.Contains(string(manifest), old) {
		t.Errorf("the manifest says %s", manifest)
	}
}

func TestInputsThatChangeChangeTheHash(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "functions", "plan", "bootstrap")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	note := func(what string, words ...string) {
		t.Helper()
		hash, err := hashInputs([]string{filepath.Join(dir, "functions")}, words)
		if err != nil {
			t.Fatal(err)
		}
		if other, same := seen[hash]; same {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[hash] = what
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	note("the first build")
	note("another setting", "trigger=MetadataFile")
	write("two")
	note("another build")
	if err := os.Rename(file, file+"2"); err != nil {
		t.Fatal(err)
	}
	note("another name")
}

func TestCommandLineSeesThisMachineOnly(t *testing.T) {
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4567")
	t.Setenv("AWS_SESSION_TOKEN", "secret")
	env := strings.Join((&Deployment{ControlPlane: "http://127.0.0.1:4566"}).environment(), "\n")
	for _, stray := range []string{"production", "AWS_ENDPOINT_URL_S3", "secret"} {
		if strings.Contains(env, stray) {
			t.Errorf("the CDK's command line is given %s", stray)
		}
	}
	if !strings.Contains(env, "AWS_ENDPOINT_URL=http://127.0.0.1:4566") {
		t.Error("it is not told where this machine is")
	}
}

func TestMissingCommandLineSaysWhatToType(t *testing.T) {
	d := &Deployment{CDK: filepath.Join(t.TempDir(), "cdk")}
	if err := d.cdk(t.Context(), "deploy"); err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("got %v", err)
	}
}

func TestFailureOfTheCommandLineIsQuoted(t *testing.T) {
	dir := t.TempDir()
	cdk := filepath.Join(dir, "cdk")
	if err := os.WriteFile(cdk, []byte("#!/bin/sh\necho bucket name is taken\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	d := &Deployment{Root: dir, CDK: cdk, LogFile: filepath.Join(dir, "log")}
	err := d.cdk(t.Context(), "deploy")
	if err == nil || !strings.Contains(err.Error(), "bucket name is taken") || !strings.Contains(err.Error(), d.LogFile) {
		t.Errorf("got %v", err)
	}
}

package objectstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3response"

	awss3 "github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/local/events"
)

const (
	testBucket  = "source-bucket"
	quietBucket = "quiet-bucket"
)

// recorder is what the tests use as the bus.
type recorder struct {
	mu     sync.Mutex
	events []events.Event
	refuse error
}

func (r *recorder) emit(e events.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil {
		return r.refuse
	}
	r.events = append(r.events, e)
	return nil
}

// take returns the details of what came since the last call.
func (r *recorder) take(t *testing.T) []created {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	details := make([]created, len(r.events))
	for i, e := range r.events {
		if e.Source != "aws.s3" || e.DetailType != "Object Created" {
			t.Errorf("event is %s %q", e.Source, e.DetailType)
		}
		if err := json.Unmarshal(e.Detail, &details[i]); err != nil {
			t.Fatal(err)
		}
	}
	r.events = nil
	return details
}

var (
	bus    = &recorder{}
	store  *Gateway
	client *s3.Client
)

// One gateway serves all tests, since there can be one in a process.
func TestMain(m *testing.M) {
	if address := os.Getenv(senderVariable); address != "" {
		sendAll(address)
		return
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "objectstore")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	store = &Gateway{
		Address: freeAddress(), Dir: dir, Region: "eu-central-1",
		AccessKey: "000000000000", SecretKey: "test", Emit: bus.emit, Log: slog.New(slog.DiscardHandler),
		Guard: entrance.guard, ControlPlane: &ControlPlane{Dial: others.dial, Verify: others.check},
	}
	if err := store.Initialize(); err != nil {
		panic(err)
	}
	defer store.Close()
	client = Client("http://"+store.Address, store.Region, store.AccessKey, store.SecretKey)
	for _, b := range []Bucket{
		{Name: testBucket, Versioned: true, Announced: true, CORS: []types.CORSRule{{
			AllowedOrigins: []string{"https://example.com"}, AllowedMethods: []string{"PUT"},
			AllowedHeaders: []string{"*"}, ExposeHeaders: []string{"ETag"},
		}}},
		{Name: quietBucket},
	} {
		if err := PrepareBucket(context.Background(), client, b); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func put(t *testing.T, bucket, key, body string) *s3.PutObjectOutput {
	t.Helper()
	out, err := client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: strings.NewReader(body),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPresignedUploadIsAnnouncedAsS3Does(t *testing.T) {
	bus.take(t)
	presigned, err := s3.NewPresignClient(client).PresignPutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String("clips/my holiday.mp4"),
	})
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPut, presigned.URL, strings.NewReader("twelve bytes"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("upload: %v %v", resp, err)
	}
	resp.Body.Close()

	got := bus.take(t)
	if len(got) != 1 {
		t.Fatalf("%d events, want 1", len(got))
	}
	e := got[0]
	if e.Bucket.Name != testBucket || e.Object.Key != "clips/my holiday.mp4" || e.Object.Size != 12 || e.Reason != "PutObject" {
		t.Errorf("event says %+v", e)
	}
	if e.Object.ETag != strings.Trim(resp.Header.Get("ETag"), `"`) || e.Object.VersionID != resp.Header.Get("x-amz-version-id") || e.Object.VersionID == "" {
		t.Errorf("event has etag %q version %q, the client was told %q %q", e.Object.ETag, e.Object.VersionID,
			resp.Header.Get("ETag"), resp.Header.Get("x-amz-version-id"))
	}
	if e.SourceIPAddress != "127.0.0.1" || e.RequestID != resp.Header.Get("x-amz-request-id") || e.Requester == "" {
		t.Errorf("event names caller %q %q %q", e.SourceIPAddress, e.RequestID, e.Requester)
	}
}

func TestKeyIsAnnouncedAsItWasSent(t *testing.T) {
	for _, key := range []string{"/video/1/media.mp4", "a//b.mp4", "ü + %41 & #.mp4", "ends with slash "} {
		bus.take(t)
		put(t, testBucket, key, "x")
		got := bus.take(t)
		if len(got) != 1 || got[0].Object.Key != key {
			t.Errorf("key %q is announced as %+v", key, got)
		}
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(testBucket), Key: &key})
		if err != nil {
			t.Errorf("%q cannot be read again: %v", key, err)
			continue
		}
		out.Body.Close()
	}
}

func TestMultipartUploadIsAnnouncedOnceWithItsWholeSize(t *testing.T) {
	bus.take(t)
	bucket, key := aws.String(testBucket), aws.String("big.mp4")
	up, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for n, size := range []int{5 << 20, 3} {
		number := aws.Int32(int32(n + 1))
		part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: number, Body: bytes.NewReader(make([]byte, size)),
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{ETag: part.ETag, PartNumber: number})
	}
	done, err := client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: up.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := bus.take(t)
	if len(got) != 1 || got[0].Object.Size != 5<<20+3 || got[0].Reason != "CompleteMultipartUpload" {
		t.Fatalf("announced as %+v", got)
	}
	if got[0].Object.VersionID != *done.VersionId || got[0].Object.VersionID == "" {
		t.Errorf("version %q, the client was told %q", got[0].Object.VersionID, *done.VersionId)
	}
}

func TestCopyIsAnnounced(t *testing.T) {
	put(t, quietBucket, "original.mp4", "four")
	bus.take(t)
	_, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String("copy.mp4"), CopySource: aws.String(quietBucket + "/original.mp4"),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := bus.take(t)
	if len(got) != 1 || got[0].Object.Size != 4 || got[0].Reason != "CopyObject" || got[0].Object.ETag == "" {
		t.Errorf("announced as %+v", got)
	}
}

func TestUploadThatCannotBeAnnouncedIsNotConfirmed(t *testing.T) {
	bus.refuse = errors.New("disk full")
	defer func() { bus.refuse = nil }()
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String("lost.mp4"), Body: strings.NewReader("x"),
	}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
	if err == nil {
		t.Error("the client was told that its upload succeeded, and nobody will hear of it")
	}
}

func TestBucketWithoutEventsIsQuiet(t *testing.T) {
	bus.take(t)
	put(t, quietBucket, "segment.m4s", "x")
	if got := bus.take(t); len(got) != 0 {
		t.Errorf("announced: %+v", got)
	}
}

func TestEachUploadToAVersionedBucketIsAnotherVersion(t *testing.T) {
	bus.take(t)
	first, second := put(t, testBucket, "twice.mp4", "one"), put(t, testBucket, "twice.mp4", "two")
	if *first.VersionId == *second.VersionId {
		t.Error("both uploads have one version id")
	}
	got := bus.take(t)
	if len(got) != 2 || got[0].Object.Sequencer >= got[1].Object.Sequencer {
		t.Fatalf("announced as %+v", got)
	}
	old, err := client.GetObject(t.Context(), &s3.GetObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String("twice.mp4"), VersionId: first.VersionId,
	})
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(old.Body); string(body) != "one" {
		t.Errorf("the first version holds %q", body)
	}
}

func TestTheTagsOfAVersionAreItsOwn(t *testing.T) {
	input := &s3.PutObjectInput{Bucket: aws.String(testBucket), Key: aws.String("tagged.mp4"), Tagging: aws.String("project=7"), Body: strings.NewReader("one")}
	first, err := client.PutObject(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	put(t, testBucket, "tagged.mp4", "two")
	bucket := awss3.Bucket{Client: client, Name: testBucket}
	if err := bucket.Tag(t.Context(), "tagged.mp4", *first.VersionId, "GLACIER"); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[*string]int{first.VersionId: 2, nil: 0} {
		got, err := client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: input.Bucket, Key: input.Key, VersionId: version})
		if err != nil || len(got.TagSet) != want {
			t.Errorf("tags are %v, %v", got, err)
		}
	}
	bus.take(t)
}

func TestBrowserMayUploadFromTheAllowedOriginOnly(t *testing.T) {
	for origin, allowed := range map[string]bool{"https://example.com": true, "https://elsewhere.com": false} {
		req, _ := http.NewRequest(http.MethodOptions, fmt.Sprintf("http://%s/%s/x.mp4", store.Address, testBucket), nil)
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", http.MethodPut)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Access-Control-Allow-Origin") != ""; got != allowed {
			t.Errorf("preflight from %s: allowed is %t, want %t (%s)", origin, got, allowed, resp.Status)
		}
	}
}

func TestPreparingABucketAgainKeepsItsObjects(t *testing.T) {
	put(t, testBucket, "kept.mp4", "x")
	again := Bucket{Name: testBucket, Versioned: true, Announced: true, CORS: []types.CORSRule{{
		AllowedOrigins: []string{"https://example.com"}, AllowedMethods: []string{"PUT"}, AllowedHeaders: []string{"*"},
	}}}
	if err := PrepareBucket(t.Context(), client, again); err != nil {
		t.Fatal(err)
	}
	if _, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(testBucket), Key: aws.String("kept.mp4")}); err != nil {
		t.Error(err)
	}
}

func TestALargeUploadDoesNotFillMemory(t *testing.T) {
	const size = 256 << 20
	bus.take(t)
	before := peakMemory(t)
	presigned, err := s3.NewPresignClient(client).PresignPutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(testBucket), Key: aws.String("large.mp4"), ContentLength: aws.Int64(size),
	})
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest(http.MethodPut, presigned.URL, io.LimitReader(zeros{}, size))
	req.ContentLength = size
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("upload: %v %v", resp, err)
	}
	resp.Body.Close()
	if got := bus.take(t); len(got) != 1 || got[0].Object.Size != size {
		t.Errorf("announced as %+v", got)
	}
	if grown := peakMemory(t) - before; grown > 64<<20 {
		t.Errorf("256 MiB made the process %d MiB larger", grown>>20)
	}
}

// peakMemory is the most memory that this process ever had, in bytes.
func peakMemory(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscanf(rest, "%d kB", &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

// deafTags is a store whose bucket tags cannot be read.
type deafTags struct {
	backend.Backend
	stored bool
}

func (d *deafTags) GetBucketTagging(context.Context, string) (map[string]string, error) {
	return nil, errors.New("too many open files")
}

func (d *deafTags) PutObject(context.Context, s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	d.stored = true
	return s3response.PutObjectOutput{}, nil
}

func TestAnUploadIsRefusedWhenNobodyCanTellWhetherToAnnounceIt(t *testing.T) {
	inner := &deafTags{Backend: backend.New()}
	a := &announcing{Backend: inner, emit: bus.emit, log: slog.New(slog.DiscardHandler)}
	_, err := a.PutObject(t.Context(), s3response.PutObjectInput{Bucket: aws.String(testBucket), Key: aws.String("a.mp4")})
	if err == nil || inner.stored {
		t.Errorf("stored: %v, error: %v; the upload would be confirmed and never heard of", inner.stored, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

package mediaconvert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/local/objectstore"
)

// bench is a server with its client, its bus and a bucket.
type bench struct {
	*testing.T
	server *Server
	client *sdk.Client
	bus    *bus
	bucket string
}

// newBench starts a server; change may set it up further.
func newBench(t *testing.T, change func(*Server)) *bench {
	t.Helper()
	b := &bench{T: t, bus: &bus{}, bucket: newBucket(t)}
	dir := t.TempDir()
	b.start(dir, change)
	t.Cleanup(func() { b.server.Close() })
	return b
}

func (b *bench) start(dir string, change func(*Server)) {
	b.Helper()
	b.server = &Server{
		Address: "127.0.0.1:0", Dir: dir, Region: region, Account: account, S3: storeAt, Workers: 1,
		Transcoder: &fakeTranscoder{}, Emit: b.bus.emit, SourceCheck: 100 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(testWriter{b.T}, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	if change != nil {
		change(b.server)
	}
	if err := b.server.Initialize(); err != nil {
		b.Fatal(err)
	}
	b.client = newClient(b.T, b.server.URL())
}

// restart closes the server and starts another one on its folder.
func (b *bench) restart(change func(*Server)) {
	b.Helper()
	b.server.Close()
	b.start(b.server.Dir, change)
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("server: %s", bytes.TrimSpace(p))
	return len(p), nil
}

// submit creates a job that reads an object that is there.
func (b *bench) submit(name string, change func(*sdk.CreateJobInput)) *types.Job {
	b.Helper()
	request := b.job(b.put("in.mp4", []byte("a video")), name)
	if change != nil {
		change(request)
	}
	out, err := b.client.CreateJob(b.Context(), request)
	if err != nil {
		b.Fatalf("create job: %v", err)
	}
	return out.Job
}

func (b *bench) get(id string) *types.Job {
	b.Helper()
	out, err := b.client.GetJob(b.Context(), &sdk.GetJobInput{Id: &id})
	if err != nil {
		b.Fatalf("get job: %v", err)
	}
	return out.Job
}

// wantError checks the service's error type and words of its message.
func wantError(t *testing.T, err error, code string, words ...string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code {
		t.Fatalf("error is %v, not %s", err, code)
	}
	for _, word := range words {
		if !strings.Contains(api.ErrorMessage(), word) {
			t.Errorf("message %q does not say %q", api.ErrorMessage(), word)
		}
	}
}

var buckets struct {
	sync.Mutex
	n int
}

func newBucket(t *testing.T) string {
	t.Helper()
	buckets.Lock()
	buckets.n++
	name := fmt.Sprintf("bucket-%d", buckets.n)
	buckets.Unlock()
	err := objectstore.PrepareBucket(context.Background(), store, objectstore.Bucket{Name: name, Versioned: true})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func (b *bench) put(key string, data []byte) string {
	b.Helper()
	_, err := store.PutObject(b.Context(), &s3.PutObjectInput{Bucket: &b.bucket, Key: &key, Body: bytes.NewReader(data)})
	if err != nil {
		b.Fatal(err)
	}
	return "s3://" + b.bucket + "/" + key
}

// object reads an object and its content type; it fails where there is none.
func (b *bench) object(key string) (string, string) {
	b.Helper()
	out, err := store.GetObject(b.Context(), &s3.GetObjectInput{Bucket: &b.bucket, Key: &key})
	if err != nil {
		b.Fatalf("read %s: %v", key, err)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(data), aws.ToString(out.ContentType)
}

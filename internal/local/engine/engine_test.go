package engine

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/local/objectstore"
)

// python is found before an engine changes the working directory.
var python, _ = filepath.Abs("../../../.tools/venv/bin/python")

func newEngine(t *testing.T, home string, ports Ports) *Engine {
	t.Helper()
	ffmpeg, ffprobe, err := FindTools(python)
	if err != nil {
		t.Fatal(err)
	}
	return &Engine{
		Root: "/this/clone", Home: home, Ports: ports, Python: python, FFmpeg: ffmpeg, Probe: ffprobe,
		Log: slog.New(slog.DiscardHandler),
	}
}

// One test has everything that needs a whole engine: there can be one in a
// process.
func TestEngineStartsAnswersAndStops(t *testing.T) {
	home, ports := t.TempDir(), sixFree(t)
	e := newEngine(t, home, ports)
	if err := e.Initialize(); err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			e.Close()
		}
	}()

	t.Run("every part answers", func(t *testing.T) { everyPartAnswers(t, e) })
	t.Run("every door is closed", func(t *testing.T) { everyDoorIsClosed(t, e) })
	t.Run("other users get nothing of its home", func(t *testing.T) { onlyOwners(t, home) })
	t.Run("its note says where", func(t *testing.T) {
		c, err := Running(home)
		if err != nil || c.Ports != ports || c.PID != os.Getpid() || c.Region != "eu-central-1" {
			t.Errorf("got %+v %v", c, err)
		}
	})
	t.Run("a second one in the same folder is refused", func(t *testing.T) {
		err := newEngine(t, home, sixFree(t)).Initialize()
		if err == nil || !strings.Contains(err.Error(), "another engine runs in "+home) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a second clone says whose the ports are and touches nothing", func(t *testing.T) {
		other := t.TempDir()
		err := newEngine(t, other, ports).Initialize()
		if err == nil || !strings.Contains(err.Error(), "belongs to the vodstack engine of /this/clone") {
			t.Errorf("got %v", err)
		}
		everyPartAnswers(t, e)
	})
	t.Run("a part that dies is reported", func(t *testing.T) {
		if err := syscall.Kill(e.parts[0].(*controlplane.Server).PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-e.Died():
			if !strings.Contains(err.Error(), "control plane") {
				t.Errorf("the reason is %v", err)
			}
			e.Fail(err)
		case <-time.After(10 * time.Second):
			t.Fatal("nobody noticed")
		}
	})
	e.Close()
	closed = true
	t.Run("after the stop nothing listens", func(t *testing.T) {
		for _, port := range ports.all() {
			l, err := net.Listen("tcp", address(port))
			if err != nil {
				t.Errorf("port %d: %v", port, err)
				continue
			}
			l.Close()
		}
	})
	t.Run("whoever asks later is told why", func(t *testing.T) {
		if _, err := Running(home); err == nil || !strings.Contains(err.Error(), "control plane") || !strings.Contains(err.Error(), "make up") {
			t.Errorf("got %v", err)
		}
	})
}

func everyPartAnswers(t *testing.T, e *Engine) {
	t.Helper()
	p := e.Ports
	url, keys := p.ControlPlaneURL(), credentials.NewStaticCredentialsProvider(AccessKey, e.secretKey, "")
	if _, err := sqs.New(sqs.Options{BaseEndpoint: &url, Region: Region, Credentials: keys}).ListQueues(t.Context(), &sqs.ListQueuesInput{}); err != nil {
		t.Errorf("the control plane: %v", err)
	}
	if _, err := objectstore.Client(p.StoreURL(), Region, AccessKey, e.secretKey).ListBuckets(context.Background(), &s3.ListBucketsInput{}); err != nil {
		t.Errorf("S3: %v", err)
	}
	for name, c := range map[string]struct {
		url  string
		want int
	}{
		"MediaConvert": {p.MediaConvertURL() + "/2017-08-29/queues", http.StatusForbidden}, // unsigned
		"delivery":     {p.DeliveryURL() + "/x", http.StatusServiceUnavailable},
		"API":          {p.APIURL("vod") + "/healthz", http.StatusNotFound}, // nothing is deployed
		"page":         {p.PageURL() + "/", http.StatusServiceUnavailable},
		"whose API":    {"http://" + address(p.API) + identityPath, http.StatusOK},
		"whose page":   {p.PageURL() + identityPath, http.StatusOK},
	} {
		resp, err := http.Get(c.url)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s answers %s, want %d", name, resp.Status, c.want)
		}
	}
}

func TestFullDiskIsSaidPlainly(t *testing.T) {
	err := explain(&os.PathError{Op: "write", Path: "journal", Err: syscall.ENOSPC})
	if !strings.HasPrefix(err.Error(), "the disk is full: make room") {
		t.Errorf("got %v", err)
	}
}

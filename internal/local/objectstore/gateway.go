// Package objectstore is S3 on one machine: versitygw, a production S3
// server, in this process, with its objects on disk, and with the events
// that S3 sends to EventBridge.
package objectstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"github.com/vodstack/vodstack/internal/local/events"
)

const (
	// healthPath hides a bucket of that name, which S3 would not allow.
	healthPath   = "/_vod_healthy"
	startTimeout = 20 * time.Second
	stopGrace    = time.Second
	// copyLimit is S3's own for CopyObject, in bytes.
	copyLimit = 5 << 30
)

// Gateway serves S3 on Address. versitygw keeps settings in globals and
// changes the working directory to Dir's objects, so there is one Gateway
// in a process, and other parts of it use absolute paths.
type Gateway struct {
	Address   string // 127.0.0.1:port
	Dir       string // absolute
	Region    string
	AccessKey string
	SecretKey string
	// Emit takes an event and returns when it cannot be lost any more. An
	// upload is only confirmed after that.
	Emit func(events.Event) error
	Log  *slog.Logger

	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Initialize starts the gateway and returns when it answers.
func (g *Gateway) Initialize() error {
	backend, err := g.open()
	if err != nil {
		return fmt.Errorf("object store in %s: %w", g.Dir, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g.cancel = cancel
	g.done = make(chan struct{})
	go g.run(ctx, &announcing{Backend: backend, region: g.Region, emit: g.Emit, log: g.Log})
	if err := g.waitHealthy(); err != nil {
		g.Close()
		return fmt.Errorf("object store on %s: %w", g.Address, err)
	}
	return nil
}

// Close stops listening at once and lets requests in flight finish.
// versitygw waits ten seconds for connections that clients keep open but
// do not use, too; those are not waited for.
func (g *Gateway) Close() {
	g.cancel()
	select {
	case <-g.done:
	case <-time.After(stopGrace):
	}
}

// Done is closed when the gateway has ended, by Close or by itself.
func (g *Gateway) Done() <-chan struct{} { return g.done }

// Err says why the gateway ended by itself; it is valid after Done.
func (g *Gateway) Err() error { return g.err }

func (g *Gateway) run(ctx context.Context, backend *announcing) {
	defer close(g.done)
	err := embedgw.RunVersityGW(ctx, backend, &embedgw.Config{
		RootUserAccess: g.AccessKey,
		RootUserSecret: g.SecretKey,
		Region:         g.Region,
		Ports:          []string{g.Address},
		MaxConnections: 10_000,
		MaxRequests:    5_000,
		// S3's own limit.
		MultipartMaxParts: 10_000,
		Quiet:             true,
		KeepAlive:         true,
		HealthPath:        healthPath,
	})
	if ctx.Err() == nil {
		g.err = fmt.Errorf("object store on %s ended: %w", g.Address, orEnded(err))
	}
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("no reason given")
	}
	return err
}

// open prepares the folders and opens the backend on them.
func (g *Gateway) open() (*posix.Posix, error) {
	objects := filepath.Join(g.Dir, "objects")
	versions := filepath.Join(g.Dir, "versions")
	for _, dir := range []string{objects, versions} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	storer, sidecar, err := g.metadata(objects)
	if err != nil {
		return nil, err
	}
	return posix.New(objects, storer, posix.PosixOpts{
		VersioningDir:       versions,
		SideCarDir:          sidecar,
		ValidateBucketNames: true,
		CopyObjectThreshold: copyLimit,
	})
}

// metadata keeps what belongs to an object (ETag, content type, tags) in
// the file's extended attributes, or in a folder of its own where the file
// system has none.
func (g *Gateway) metadata(objects string) (meta.MetadataStorer, string, error) {
	sidecar := filepath.Join(g.Dir, "metadata")
	if _, err := os.Stat(sidecar); err != nil && (meta.XattrMeta{}).Test(objects) == nil {
		return meta.XattrMeta{}, "", nil
	}
	if err := os.MkdirAll(sidecar, 0o755); err != nil {
		return nil, "", err
	}
	storer, err := meta.NewSideCar(sidecar)
	return storer, sidecar, err
}

func (g *Gateway) waitHealthy() error {
	deadline := time.Now().Add(startTimeout)
	client := &http.Client{Timeout: time.Second}
	for {
		resp, err := client.Get("http://" + g.Address + healthPath)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no answer within %s", startTimeout)
		}
		select {
		case <-g.done:
			return g.err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

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
	"github.com/versity/versitygw/s3api"

	"github.com/vodstack/vodstack/internal/local/events"
)

const (
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
	// ControlPlane, where set, answers for the buckets that the store does not
	// have.
	ControlPlane *ControlPlane
	// Guard, where set, wraps all that the gateway serves. What it wraps sees
	// no body and writes no answer: a guard answers by itself, or calls the
	// next handler before it returns, and may set headers before.
	Guard func(http.Handler) http.Handler

	cancel    context.CancelFunc
	listening chan struct{}
	done      chan struct{}
	err       error
}

// Initialize starts the gateway and returns when it listens.
func (g *Gateway) Initialize() error {
	backend, err := g.open()
	if err != nil {
		return fmt.Errorf("object store in %s: %w", g.Dir, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g.cancel = cancel
	g.listening, g.done = make(chan struct{}), make(chan struct{})
	others := newForwarder(g.ControlPlane, backend)
	go g.run(ctx, newFront(g.Guard, others), &announcing{
		Backend: backend, region: g.Region, emit: g.Emit, log: g.Log,
		others: others.client(g.Region, g.AccessKey, g.SecretKey),
	})
	select {
	case <-g.listening:
		return nil
	case <-g.done:
		return g.err
	case <-time.After(startTimeout):
		g.Close()
		return fmt.Errorf("object store on %s: it does not listen after %s", g.Address, startTimeout)
	}
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

func (g *Gateway) run(ctx context.Context, front *front, backend *announcing) {
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
		VirtualDomain:     hostedDomain,
		S3Options: []s3api.Option{
			s3api.WithMiddleware("/", front.serve),
			s3api.WithOnListen(func() { close(g.listening) }),
		},
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

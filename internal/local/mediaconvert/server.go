// Package mediaconvert is AWS Elemental MediaConvert on one machine: the
// service's own wire format (REST, version 2017-08-29) in front of ffmpeg,
// so that every AWS SDK and the AWS CLI work against it unchanged.
//
// What is valid on AWS but not carried out here is refused with its JSON
// path; nothing is ignored.
package mediaconvert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/transcode"
)

// Transcoder does what a job says; *transcode.Transcoder is the real one.
type Transcoder interface {
	Probe(ctx context.Context, path string) (*transcode.ProbeResult, error)
	Run(ctx context.Context, job transcode.Job) (*transcode.Result, error)
}

// Server is the service. Set the fields, then call Initialize.
type Server struct {
	Address    string // host:port, loopback only
	Dir        string // absolute; jobs, queues, templates and scratch space
	Region     string
	Account    string
	S3         S3
	Workers    int // jobs at once; the number of cores when zero
	Transcoder Transcoder
	// Emit hands an event over. An event whose Emit fails is kept on disk
	// and tried again, also after a restart.
	Emit func(events.Event) error
	Log  *slog.Logger
	// SourceCheck is how often a source is looked at while it is encoded;
	// two seconds when zero.
	SourceCheck time.Duration
	// Guard stands in front of all routes; nil for none.
	Guard func(http.Handler) http.Handler
	// TokenLifetime is how long a ClientRequestToken is remembered; the
	// service's one minute when zero.
	TokenLifetime time.Duration

	// RetryPause is how long a job rests before its second try, after a
	// failure that is the machine's; two seconds when zero.
	RetryPause time.Duration

	check func(settings json.RawMessage) (*transcode.Settings, error)
	// validate holds a request against the service's API model.
	validate func(operation string, body json.RawMessage) error
	objects  objects
	interval func(name string) time.Duration // of a StatusUpdateInterval
	state    *state
	outbox   *outbox
	sources  *sources
	http     *http.Server
	listen   net.Listener

	ctx     context.Context
	cancel  context.CancelCauseFunc
	started time.Time
	earlier int64         // the last job's sequence number of earlier runs
	wake    chan struct{} // something the scheduler should look at
	group   sync.WaitGroup
	slots   slots
}

// errClosing is why work stops when the server does; the job stays as it is.
var errClosing = errors.New("the server is closing")

// Initialize opens the state, listens, and goes on with the jobs that an
// earlier server left.
func (s *Server) Initialize() error {
	s.setDefaults()
	if !filepath.IsAbs(s.Dir) {
		return fmt.Errorf("mediaconvert: the folder %q is not absolute", s.Dir)
	}
	if err := s.bind(); err != nil {
		return err
	}
	if err := s.open(); err != nil {
		s.listen.Close()
		return fmt.Errorf("mediaconvert: %w", err)
	}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.started, s.earlier = time.Now(), s.state.sequence
	s.http = &http.Server{
		Handler: s.Guard(s.routes()), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
	}
	s.run()
	return nil
}

func (s *Server) run() {
	s.group.Go(func() {
		if err := s.http.Serve(s.listen); !errors.Is(err, http.ErrServerClosed) {
			s.Log.Error("mediaconvert: serve", "error", err)
		}
	})
	s.group.Go(func() { s.outbox.run(s.ctx) })
	s.group.Go(func() { s.schedule(s.ctx) })
	s.outbox.nudge()
	s.nudge()
}

// Close stops taking requests and stops every encode. Jobs that were running
// keep their status on disk, and start again with the next server.
func (s *Server) Close() {
	if s.cancel == nil {
		return
	}
	s.cancel(errClosing)
	ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	if err := s.http.Shutdown(ctx); err != nil {
		s.http.Close()
	}
	s.group.Wait()
	s.objects.close()
}

// URL is where clients find the server.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() }

func (s *Server) scratch() string { return filepath.Join(s.Dir, "scratch") }

// arn names a resource such as jobs/<id> or queues/<name>.
func (s *Server) arn(resource string) string {
	return "arn:aws:mediaconvert:" + s.Region + ":" + s.Account + ":" + resource
}

package mediaconvert

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/transcode"
)

func (s *Server) setDefaults() {
	if s.Workers <= 0 {
		s.Workers = runtime.NumCPU()
	}
	if s.TokenLifetime <= 0 {
		s.TokenLifetime = tokenLifetime
	}
	if s.SourceCheck <= 0 {
		s.SourceCheck = 2 * time.Second
	}
	if s.Guard == nil {
		s.Guard = func(routes http.Handler) http.Handler { return routes }
	}
	if s.RetryPause <= 0 {
		s.RetryPause = 2 * time.Second
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Emit == nil {
		s.Emit = func(events.Event) error { return nil }
	}
	if s.check == nil {
		s.check = transcode.Check
	}
	if s.interval == nil {
		s.interval = interval
	}
	if s.validate == nil {
		s.validate = validate
	}
	if s.objects == nil {
		s.objects = newS3Objects(s.S3, s.Region)
	}
	s.sources = &sources{dir: filepath.Join(s.scratch(), "sources"), objects: s.objects}
	s.wake = make(chan struct{}, 1)
	s.slots.running = map[string]*running{}
}

// bind listens on loopback: signatures are not checked, so nobody else may
// reach the server.
func (s *Server) bind() error {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return fmt.Errorf("mediaconvert: address %q: %w", s.Address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("mediaconvert: address %q is not on loopback", s.Address)
	}
	s.listen, err = net.Listen("tcp", s.Address)
	if err != nil {
		return fmt.Errorf("mediaconvert: %w", err)
	}
	return nil
}

// open loads the state and throws away the scratch space of jobs that were
// cut off: they start again from the beginning.
func (s *Server) open() error {
	if err := os.RemoveAll(s.scratch()); err != nil {
		return fmt.Errorf("clear scratch space: %w", err)
	}
	state, err := openState(s.Dir, s.arn)
	if err != nil {
		return err
	}
	s.state = state
	s.outbox = &outbox{state: state, emit: s.Emit, log: s.Log, wake: make(chan struct{}, 1)}
	state.changed = s.outbox.nudge
	return nil
}

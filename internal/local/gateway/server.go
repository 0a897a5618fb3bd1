// Package gateway is where applications and browsers find a stack's own HTTP
// parts on one machine: the REST API of every deployed stack, in front of the
// control plane's, and the page to try it with.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/vodstack/vodstack/internal/local/guard"
)

// headerTime is how long a client may take over its request's header.
const headerTime = 10 * time.Second

// Server answers on Address with Handler.
type Server struct {
	Name    string // for messages
	Address string // 127.0.0.1:port
	Handler http.Handler
	// MaxHeader is how long a request's line and header may be, in bytes; 0
	// for Go's own limit.
	MaxHeader int

	server *http.Server
	done   chan struct{}
	err    error
}

// Initialize starts listening.
func (s *Server) Initialize() error {
	listener, err := net.Listen("tcp", s.Address)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	s.server = &http.Server{Handler: s.Handler, ReadHeaderTimeout: headerTime, MaxHeaderBytes: s.MaxHeader, ConnContext: guard.ConnContext}
	s.done = make(chan struct{})
	go s.run(listener)
	return nil
}

// Close stops listening and gives requests in flight a moment to finish.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		s.server.Close()
	}
	<-s.done
}

// Done is closed when the server has ended, by Close or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says why the server ended by itself; it is valid after Done.
func (s *Server) Err() error { return s.err }

func (s *Server) run(listener net.Listener) {
	defer close(s.done)
	if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		s.err = fmt.Errorf("%s on %s ended: %w", s.Name, s.Address, err)
	}
}

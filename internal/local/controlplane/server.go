// Package controlplane runs ministack, which answers for CloudFormation,
// Lambda, Step Functions, DynamoDB, SNS, SQS, EventBridge and the rest of
// the stack's services on one machine, as a child process.
package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	healthPath   = "/_ministack/health"
	startTimeout = 60 * time.Second
	// stopTimeout covers saving the state; ministack waits 3 s for
	// connections that are still open.
	stopTimeout  = 20 * time.Second
	maxLastWords = 300      // bytes
	maxLog       = 64 << 20 // bytes; a longer log is put aside at the next start

	// warmSeconds is how long an idle function process beyond the first
	// is kept.
	warmSeconds = "20"
)

// Server is the control plane. It keeps its state in Dir: all of it over a
// clean stop, all but the last seconds' over a kill (state.go).
// It listens on a socket in Dir; functions and URLs find it by Address, where
// somebody has to pass on what comes to it (Proxy).
type Server struct {
	Address string // 127.0.0.1:port
	Python  string // of the environment that ministack is installed in
	Dir     string // absolute
	Region  string
	// SecretKey is what functions sign with; their access key is the
	// account's number.
	SecretKey string
	// Environment is added to the functions', as NAME=value.
	Environment []string
	// LogFile takes what ministack and the functions print.
	LogFile string
	Log     *slog.Logger

	cmd     *exec.Cmd
	started chan error
	done    chan struct{}
	err     error
	closing bool
}

// Initialize starts the process and returns when it answers.
func (s *Server) Initialize() error {
	logFile, err := s.prepare()
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	s.cmd = exec.Command(s.Python, s.wrapper(), socketName, s.launcher(), s.snapshotDir())
	s.cmd.Dir, s.cmd.Env = s.Dir, s.environment()
	s.cmd.Stdout, s.cmd.Stderr = logFile, logFile
	// A group of its own, so that no function outlives it; and it goes
	// with this process, however that ends, saving its state.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	s.started, s.done = make(chan error, 1), make(chan struct{})
	go s.run(logFile)
	if err := <-s.started; err != nil {
		return fmt.Errorf("start the control plane (%s): %w", s.Python, err)
	}
	if err := s.waitHealthy(); err != nil {
		s.Close()
		return fmt.Errorf("control plane: %w", err)
	}
	return nil
}

// Close stops the process so that its state is kept, and every function
// process with it.
func (s *Server) Close() {
	s.closing = true
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(stopTimeout):
		s.Log.Warn("the control plane did not stop when asked; what it held since its last stop is lost")
		s.killGroup()
		<-s.done
	}
	s.noteSaved()
}

// PID is the process's number.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Done is closed when the process has ended, by Close or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says why the process ended by itself; it is valid after Done.
func (s *Server) Err() error { return s.err }

// run holds on to its thread, since the kernel tells the child of its
// parent's death when the thread that started it ends.
func (s *Server) run(logFile *os.File) {
	runtime.LockOSThread()
	defer close(s.done)
	defer logFile.Close()
	err := s.cmd.Start()
	s.started <- err
	if err != nil {
		return
	}
	_ = s.cmd.Wait() // its state says it better
	s.killGroup()
	if !s.closing {
		s.err = s.obituary()
	}
}

func (s *Server) obituary() error {
	status, _ := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return fmt.Errorf("the control plane (ministack) was ended by the signal %q", status.Signal())
	}
	return fmt.Errorf("the control plane (ministack) ended by itself, %s; its last words: %s", s.cmd.ProcessState, s.lastWords())
}

// killGroup ends what is left of the process and of its functions.
func (s *Server) killGroup() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
}

func (s *Server) prepare() (*os.File, error) {
	for _, dir := range []string{s.stateDir(), s.snapshotDir(), s.assetDir(), s.tempDir(), filepath.Dir(s.LogFile)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(s.writeWrapper(), s.prepareState()); err != nil {
		return nil, err
	}
	if info, err := os.Stat(s.LogFile); err == nil && info.Size() > maxLog {
		if err := os.Rename(s.LogFile, s.LogFile+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(s.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

func (s *Server) stateDir() string { return filepath.Join(s.Dir, "state") }
func (s *Server) assetDir() string { return filepath.Join(s.Dir, "assets") }
func (s *Server) tempDir() string  { return filepath.Join(s.Dir, "tmp") }

// environment is complete: nothing of the caller's own AWS settings may
// reach the functions.
func (s *Server) environment() []string {
	_, port, _ := net.SplitHostPort(s.Address)
	env := []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + s.Dir, "TMPDIR=" + s.tempDir(),
		"PYTHONUNBUFFERED=1",
		"GATEWAY_PORT=" + port, "BIND_HOST=127.0.0.1", "MINISTACK_HOST=127.0.0.1",
		"MINISTACK_REGION=" + s.Region, "AWS_REGION=" + s.Region, "AWS_DEFAULT_REGION=" + s.Region,
		"PERSIST_STATE=1", "STATE_DIR=" + s.stateDir(),
		"S3_PERSIST=1", "S3_DATA_DIR=" + s.assetDir(),
		// Listeners of their own, on every interface, that nobody here needs.
		"IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
		"LAMBDA_WARM_TTL_SECONDS=" + warmSeconds,
		"AWS_ENDPOINT_URL=http://" + s.Address,
		"AWS_SECRET_ACCESS_KEY=" + s.SecretKey,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}
	return append(env, s.Environment...)
}

func (s *Server) waitHealthy() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		if s.healthy(ctx) {
			return nil
		}
		select {
		case <-s.done:
			return s.err
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s; its last words: %s", startTimeout, s.lastWords())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Address+healthPath, nil)
	if err != nil {
		return false
	}
	client := s.Client()
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// lastWords is the last line that was printed.
func (s *Server) lastWords() string {
	data, err := tail(s.LogFile, 4096)
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if err != nil || last == "" {
		return "none"
	}
	return last[:min(len(last), maxLastWords)]
}

func tail(path string, size int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data := make([]byte, min(size, info.Size()))
	_, err = f.ReadAt(data, info.Size()-int64(len(data)))
	return bytes.TrimSpace(data), err
}

// CheckInstalled says in one sentence what is missing to run ministack.
func CheckInstalled(python string) error {
	if _, err := os.Stat(python); err != nil {
		return fmt.Errorf("there is no Python environment at %s: type \"make setup\"", python)
	}
	out, err := exec.Command(python, "-c", "import ministack, cryptography").CombinedOutput()
	if err != nil {
		reason := strings.TrimSpace(string(out))
		if i := strings.LastIndexByte(reason, '\n'); i >= 0 {
			reason = reason[i+1:]
		}
		return fmt.Errorf("the Python environment at %s is incomplete (%s): type \"make setup\"", python, reason)
	}
	return nil
}

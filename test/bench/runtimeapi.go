package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A runtimeAPI is what Lambda puts before a function's process: it hands out
// events and takes answers.
type runtimeAPI struct {
	server   *http.Server
	address  string
	asked    chan time.Time // the function asks for its next event
	events   chan []byte
	answered chan reply
}

// A reply is the function's answer to an event.
type reply struct {
	at   time.Time
	body []byte
	err  error
}

func newRuntimeAPI() (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the Runtime API: %w", err)
	}
	r := &runtimeAPI{
		address: listener.Addr().String(), asked: make(chan time.Time, 1), events: make(chan []byte), answered: make(chan reply, 1),
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /2018-06-01/runtime/invocation/next", r.next)
	routes.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", r.answer)
	routes.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", r.failed)
	routes.HandleFunc("POST /2018-06-01/runtime/init/error", r.failed)
	r.server = &http.Server{Handler: routes, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *runtimeAPI) next(w http.ResponseWriter, request *http.Request) {
	r.asked <- time.Now()
	select {
	case <-request.Context().Done():
	case event := <-r.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(29*time.Second).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:000000000000:function:api")
		_, _ = w.Write(event)
	}
}

func (r *runtimeAPI) answer(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	r.answered <- reply{time.Now(), body, err}
	w.WriteHeader(http.StatusAccepted)
}

func (r *runtimeAPI) failed(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.answered <- reply{time.Now(), nil, fmt.Errorf("the function failed: %s", body)}
	w.WriteHeader(http.StatusAccepted)
}

func (r *runtimeAPI) close() { _ = r.server.Close() }

// A function is a process under its Runtime API.
type function struct {
	api     *runtimeAPI
	process *exec.Cmd
	output  bytes.Buffer
	began   time.Time // the moment before its program was loaded
	ready   time.Time // it asked for its first event
}

// startFunction starts a binary with this environment, in a share of a core
// where limited, and waits until it asks for an event.
func startFunction(ctx context.Context, path string, env []string, limited *share) (*function, error) {
	r, err := newRuntimeAPI()
	if err != nil {
		return nil, err
	}
	f := &function{api: r}
	// The shell joins the share, says so, and becomes the function: no
	// instruction of the function runs outside of the share.
	f.process = exec.CommandContext(ctx, "/bin/sh", "-c", limited.join()+`echo; exec "$0"`, path)
	f.process.Env = append([]string{"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128"}, env...)
	f.process.Env = append(f.process.Env, "AWS_LAMBDA_RUNTIME_API="+r.address, "AWS_LAMBDA_FUNCTION_NAME=api",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "PATH=/usr/bin:/bin")
	joined, err := f.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	f.process.Stderr = &f.output
	if err := f.process.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	if _, err := joined.Read(make([]byte, 1)); err != nil {
		return nil, f.stop(fmt.Errorf("join the share: %w", err))
	}
	f.began = time.Now()
	go func() { _, _ = io.Copy(io.Discard, joined) }()
	select {
	case f.ready = <-r.asked:
		return f, nil
	case ended := <-r.answered:
		return nil, f.stop(errors.Join(ended.err, errors.New("the function did not start")))
	case <-time.After(30 * time.Second):
		return nil, f.stop(errors.New("the function did not ask for an event"))
	}
}

// call hands the function an event and waits for its answer and for it to ask
// again.
func (f *function) call(event []byte) (reply, error) {
	select {
	case f.api.events <- event:
	case <-time.After(30 * time.Second):
		return reply{}, errors.New("the function does not take the event")
	}
	select {
	case r := <-f.api.answered:
		if r.err == nil {
			<-f.api.asked
		}
		return r, r.err
	case <-time.After(30 * time.Second):
		return reply{}, fmt.Errorf("the function does not answer: %s", f.output.String())
	}
}

// limit moves the process into a share; nothing where there is none.
func (f *function) limit(to *share) error {
	if to == nil {
		return nil
	}
	return os.WriteFile(filepath.Join(to.dir, "cgroup.procs"), []byte(strconv.Itoa(f.process.Process.Pid)), 0)
}

// stop ends the process; an error gets what the function said.
func (f *function) stop(err error) error {
	_ = f.process.Process.Kill()
	_ = f.process.Wait()
	f.api.close()
	if err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(f.output.String()))
	}
	return nil
}

// peak is the most memory that the process has had so far, in MiB.
func (f *function) peak() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the kernel does not tell the process's peak memory")
}

// cpu is the processor time that the process has taken so far.
func (f *function) cpu() (time.Duration, error) {
	// A process's clock is named by its inverted id; 2 is the precise one.
	clock := int32(^f.process.Process.Pid)<<3 | 2
	var taken unix.Timespec
	if err := unix.ClockGettime(clock, &taken); err != nil {
		return 0, fmt.Errorf("read the function's processor time: %w", err)
	}
	return time.Duration(taken.Nano()), nil
}

package rig

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vodstack/vodstack/internal/local/guard"
)

// An Engine is a local engine of the caller's own: its ports and its folder
// are shared with nobody, so it runs beside any other.
type Engine struct {
	Root  string // the repository
	Home  string // VOD_HOME
	Stack string // the stack's name
	Port  int    // of the control plane; S3, MediaConvert, delivery, API and page follow
	// Proxied lets requests in that were signed for a proxy on this machine,
	// on whatever port; set it before Up.
	Proxied bool
}

// NewEngine chooses six free ports in a row for an engine that keeps its
// state in home and has this stack. Nothing is started.
func NewEngine(home, stack string) (*Engine, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "bin", "vod")); err != nil {
		return nil, fmt.Errorf("there is no bin/vod yet, \"make build\" makes it: %w", err)
	}
	port, err := freePorts(6)
	if err != nil {
		return nil, err
	}
	return &Engine{Root: root, Home: home, Stack: stack, Port: port}, nil
}

// Up starts the engine and deploys the stack, with these arguments of `vod
// up`.
func (e *Engine) Up(ctx context.Context, args ...string) (string, error) {
	return e.vod(ctx, append([]string{"up"}, args...)...)
}

// Down stops everything.
func (e *Engine) Down(ctx context.Context) (string, error) {
	return e.vod(ctx, "down")
}

// Env is what `vod env` would export.
func (e *Engine) Env(ctx context.Context) (map[string]string, error) {
	out, err := e.vod(ctx, "env")
	if err != nil {
		return nil, err
	}
	vars := map[string]string{}
	for line := range strings.Lines(out) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if ok {
			vars[name] = strings.Trim(value, `'"`)
		}
	}
	return vars, nil
}

// Variables are the engine's settings as the command-line tool reads them.
func (e *Engine) Variables() []string {
	hosts := ""
	if e.Proxied {
		hosts = "127.0.0.1"
	}
	return []string{
		guard.HostsVariable + "=" + hosts,
		"VOD_HOME=" + e.Home,
		"VOD_STACK=" + e.Stack,
		"VOD_PORT=" + strconv.Itoa(e.Port),
		"VOD_S3_PORT=" + strconv.Itoa(e.Port+1),
		"VOD_MEDIACONVERT_PORT=" + strconv.Itoa(e.Port+2),
		"VOD_DELIVERY_PORT=" + strconv.Itoa(e.Port+3),
		"VOD_API_PORT=" + strconv.Itoa(e.Port+4),
		"VOD_PAGE_PORT=" + strconv.Itoa(e.Port+5),
	}
}

// PageURL is where the engine serves the page to try a stack with.
func (e *Engine) PageURL() string { return "http://127.0.0.1:" + strconv.Itoa(e.Port+5) }

// vod runs the command-line tool and returns its standard output.
func (e *Engine) vod(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(e.Root, "bin", "vod"), args...)
	cmd.Dir = e.Root
	cmd.Env = append(os.Environ(), e.Variables()...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("vod %s: %w\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}

// freePorts returns the first of n free loopback ports in a row.
func freePorts(n int) (int, error) {
	for range 100 {
		first, err := free(0)
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if allFree(first, n) {
			return first, nil
		}
	}
	return 0, fmt.Errorf("no %d free ports in a row", n)
}

func allFree(first, n int) bool {
	for port := first; port < first+n; port++ {
		if _, err := free(port); err != nil {
			return false
		}
	}
	return true
}

// free listens for a moment; port 0 lets the system choose.
func free(port int) (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

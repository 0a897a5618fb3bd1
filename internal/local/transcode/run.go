package transcode

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// killAfter is how long ffmpeg may take to stop when it is asked to.
const killAfter = 3 * time.Second

// maxStderr bounds what is kept of ffmpeg's complaints: a broken source can
// make it write one a frame.
const maxStderr = 16 << 10

// noRoom is what a job says that the disk has no room for.
const noRoom = "There is no room on this machine's disk: the encoder ran out of disk space."

// Run carries out a job in its folder. It fails with an *Error, or with the
// context's error when it is cancelled; then the folder is empty again.
func (t *Transcoder) Run(ctx context.Context, job Job) (*Result, error) {
	result, err := t.run(ctx, job)
	if err = reason(ctx, err, job.Dir); err != nil {
		return nil, errors.Join(err, empty(job.Dir))
	}
	return result, nil
}

// reason is the job error behind an error. A full disk comes first, whatever
// the encoder said: some of its muxers lose data in silence then.
func reason(ctx context.Context, err error, dir string) error {
	_, isJobError := errors.AsType[*Error](err)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("encode: %w", ctx.Err())
	case diskFull(dir):
		return failOfMachine(CodeDiskFull, noRoom)
	case err == nil || isJobError:
		return err
	}
	return fail(CodeInternal, "The outputs cannot be read: %v", err)
}

// leastFree is the free space, in bytes, below which a disk counts as full:
// more than ffmpeg writes at once.
const leastFree = 1 << 20

func diskFull(dir string) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(dir, &disk) == nil && disk.Bfree*uint64(disk.Bsize) < leastFree
}

func (t *Transcoder) run(ctx context.Context, job Job) (*Result, error) {
	report := job.reporter()
	report(Progress{Phase: PhaseProbing})
	if len(job.Inputs) != 1 {
		return nil, fail(CodeSettings, "The job has %d inputs; one is done.", len(job.Inputs))
	}
	input := job.Inputs[0]
	file, err := t.ffprobe(ctx, input.Path)
	if err != nil {
		return nil, err
	}
	src := newSource(file)
	if err := src.refuse(); err != nil {
		return nil, err
	}
	plan, err := newPlan(job.Settings, src, orDefault(input.URI, job.Settings.Inputs[0].FileInput))
	if err != nil {
		return nil, err
	}
	report(Progress{Phase: PhaseProbing, Percent: 100})
	complaints, err := t.encode(ctx, plan, input.Path, job.Dir, report)
	if err != nil {
		return nil, err
	}
	return plan.finish(job.Dir, complaints)
}

func (j Job) reporter() func(Progress) {
	if j.Progress == nil {
		return func(Progress) {}
	}
	return j.Progress
}

// encode runs ffmpeg and returns what it complained of.
func (t *Transcoder) encode(ctx context.Context, p *plan, input, dir string, report func(Progress)) (string, error) {
	absolute, err := filepath.Abs(input)
	if err != nil {
		return "", fmt.Errorf("find input: %w", err)
	}
	cmd := exec.CommandContext(ctx, orDefault(t.FFmpeg, "ffmpeg"), p.args(absolute)...)
	cmd.Dir, cmd.WaitDelay = dir, killAfter
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	// An engine that is killed leaves no encode behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stderr := &tail{max: maxStderr}
	cmd.Stderr = stderr
	progress, writer := io.Pipe()
	cmd.Stdout = writer
	done := make(chan struct{})
	go func() { defer close(done); p.follow(progress, report) }()
	err = cmd.Run()
	writer.Close()
	<-done
	if err != nil {
		return "", encodeError(ctx, err, stderr.String())
	}
	return stderr.String(), nil
}

// follow reads ffmpeg's progress. Its time runs past the end when slow
// outputs such as frame captures finish, so it is held below 100 until it
// says that it has ended.
func (p *plan) follow(r io.Reader, report func(Progress)) {
	lines := bufio.NewScanner(r)
	now := Progress{Phase: PhaseTranscoding}
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		switch key {
		case "frame":
			now.FramesDecoded = max(now.FramesDecoded, int64(atoi(strings.TrimSpace(value))))
		case "out_time_us":
			us, _ := strconv.ParseFloat(value, 64)
			if p.source.duration > 0 {
				now.Percent = min(99, max(now.Percent, int(us/1e4/p.source.duration)))
			}
		case "progress":
			if value == "end" {
				now.Percent = 100
			}
			report(now)
		}
	}
	// A line that is too long ends the scan; ffmpeg must not wait for a reader.
	_, _ = io.Copy(io.Discard, r)
}

// stoppedBySignal is ffmpeg's exit code when it was asked to stop.
const stoppedBySignal = 255

// encodeError tells why ffmpeg failed.
func encodeError(ctx context.Context, err error, stderr string) error {
	exit, isExit := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("encode: %w", ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return fail(CodeInternal, "ffmpeg is not installed.")
	case strings.Contains(stderr, "No space left on device"):
		return failOfMachine(CodeDiskFull, noRoom)
	case !isExit:
		return fail(CodeInternal, "The encoder could not be run: %v", err)
	case !exit.Exited() || exit.ExitCode() == stoppedBySignal:
		return failOfMachine(CodeInternal, "The encoder was killed (%s).", exit.String())
	case strings.Contains(stderr, "Decoder (codec") || strings.Contains(stderr, "Could not find codec parameters"):
		return fail(CodeUnsupported, "The input file's codec is not supported: %s", lastLine(stderr))
	}
	return fail(CodeInternal, "The encoder failed: %s", lastLine(stderr))
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	last := lines[len(lines)-1]
	if len(last) > 300 {
		last = last[:300]
	}
	return orDefault(last, "it said nothing.")
}

// empty removes what a folder holds.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("empty scratch folder: %w", err)
	}
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

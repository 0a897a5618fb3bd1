package mediaconvert

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
)

// encoders are the ffmpeg processes that work for this server.
func encoders(t *testing.T, s *Server) []int {
	t.Helper()
	var pids []int
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(line), s.scratch()) || !strings.HasPrefix(filepath.Base(string(line[:max(0, strings.IndexByte(string(line), 0))])), "ffmpeg") {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// longJob runs for many seconds.
func longJob(b *bench) string {
	b.Helper()
	out, err := b.client.CreateJob(b.Context(), b.wholeJob(b.put("long.mp4", clip(b.T, 300))))
	if err != nil {
		b.Fatal(err)
	}
	waitEncoders(b, 1)
	return *out.Job.Id
}

// waitEncoders waits until there are as many ffmpeg processes as wanted.
func waitEncoders(b *bench, want int) []int {
	b.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		pids := encoders(b.T, b.server)
		if len(pids) == want {
			return pids
		}
		if time.Now().After(deadline) {
			b.Fatalf("ffmpeg processes are %v, not %d", pids, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// kill ends the encoders that there are, as the system does when memory is
// short.
func kill(b *bench) {
	b.Helper()
	for _, pid := range waitEncoders(b, 1) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
	}
	waitEncoders(b, 0)
}

// soon makes pauses between tries short.
func soon(s *Server) {
	realEncoder(s)
	s.RetryPause = 500 * time.Millisecond
}

func TestAJobWhoseFFmpegIsKilledIsDoneAgain(t *testing.T) {
	b := newBench(t, soon)
	out, err := b.client.CreateJob(t.Context(), b.wholeJob(b.put("car.mp4", clip(t, 20))))
	if err != nil {
		t.Fatal(err)
	}
	kill(b)
	b.waitFor(*out.Job.Id, "COMPLETE")
	if job := b.get(*out.Job.Id); *job.RetryCount != 1 {
		t.Errorf("the job counts %d retries", *job.RetryCount)
	}
}

func TestAJobWhoseFFmpegIsAlwaysKilledEndsInErrorAfterSevenTries(t *testing.T) {
	b := newBench(t, func(s *Server) { soon(s); s.RetryPause = time.Millisecond })
	id := longJob(b)
	for range tries {
		kill(b)
	}
	event := b.waitFor(id, "ERROR")
	if event["errorCode"].(float64) < 1000 || !strings.Contains(event["errorMessage"].(string), "killed") {
		t.Errorf("error is %v %q", event["errorCode"], event["errorMessage"])
	}
	if left := b.objectsOf("guid/"); len(left) != 0 {
		t.Errorf("a job that failed wrote %v", left)
	}
}

func TestAJobThatWaitsForItsNextTryCanBeCancelled(t *testing.T) {
	b := newBench(t, func(s *Server) { soon(s); s.RetryPause = time.Hour })
	id := longJob(b)
	kill(b)
	if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: &id}); err != nil {
		t.Fatal(err)
	}
	b.waitFor(id, "CANCELED")
}

// onSmallDisk gives the server a scratch folder with so many bytes, and
// returns the folder.
func onSmallDisk(t *testing.T, b *bench, size int) string {
	t.Helper()
	dir := b.server.scratch()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("this user may not mount a file system of a few megabytes, which is what fills up here: %v", err)
	}
	t.Cleanup(func() {
		b.server.Close()
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestAFullDiskThatGetsRoomLosesNoJob(t *testing.T) {
	b := newBench(t, soon)
	dir := onSmallDisk(t, b, 64<<20)
	fill := filepath.Join(dir, "fill")
	if err := os.WriteFile(fill, make([]byte, 62<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := b.client.CreateJob(t.Context(), b.wholeJob(b.put("car.mp4", clip(t, 20))))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); *b.get(*out.Job.Id).RetryCount == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the disk was not full for the job")
		}
	}
	if err := os.Remove(fill); err != nil {
		t.Fatal(err)
	}
	b.waitFor(*out.Job.Id, "COMPLETE")
}

func TestAJobThatFindsNoRoomSaysSo(t *testing.T) {
	b := newBench(t, func(s *Server) { soon(s); s.RetryPause = time.Millisecond })
	dir := onSmallDisk(t, b, 16<<20)
	if err := os.WriteFile(filepath.Join(dir, "fill"), make([]byte, 15<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := b.client.CreateJob(t.Context(), b.wholeJob(b.put("car.mp4", clip(t, 20))))
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.waitFor(*out.Job.Id, "ERROR"), codeDiskFull, "no room")
}

func TestACancelledEncodeLeavesNoProcessAndNoObject(t *testing.T) {
	b := newBench(t, realEncoder)
	id := longJob(b)
	if _, err := b.client.CancelJob(t.Context(), &sdk.CancelJobInput{Id: &id}); err != nil {
		t.Fatal(err)
	}
	b.waitFor(id, "CANCELED")
	waitEncoders(b, 0)
	if left := scratchOf(t, b.server); len(left) != 0 {
		t.Errorf("scratch space still has %v", left)
	}
	if left := b.objectsOf("guid/"); len(left) != 0 {
		t.Errorf("a cancelled job wrote %v", left)
	}
}

func TestCloseStopsTheEncodeAndTheNextServerDoesIt(t *testing.T) {
	b := newBench(t, realEncoder)
	out, err := b.client.CreateJob(t.Context(), b.wholeJob(b.put("car.mp4", clip(t, 20))))
	if err != nil {
		t.Fatal(err)
	}
	waitEncoders(b, 1)
	b.server.Close()
	if pids := encoders(t, b.server); len(pids) != 0 {
		t.Errorf("after Close, ffmpeg still runs: %v", pids)
	}
	b.restart(realEncoder)
	b.waitFor(*out.Job.Id, "COMPLETE")
}

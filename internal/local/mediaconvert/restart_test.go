package mediaconvert

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

func scratchOf(t *testing.T, s *Server) []string {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		entries, err := filepath.Glob(filepath.Join(s.scratch(), "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 || time.Now().After(deadline) {
			return entries
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func waitStatus(b *bench, id string, status types.JobStatus) *types.Job {
	b.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		job := b.get(id)
		if job.Status == status {
			return job
		}
		if time.Now().After(deadline) {
			b.Fatalf("job %s is %s, not %s", id, job.Status, status)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAJobThatRanStartsAgainFromTheBeginningAfterARestart(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	ran, waited := b.submit("ran", nil), b.submit("waited", nil)
	g.waitBegan(t)
	b.waitFor(*ran.Id, "INPUT_INFORMATION")
	var leftovers []string
	b.restart(func(s *Server) {
		s.Transcoder = &fakeTranscoder{run: func(ctx context.Context, job transcode.Job) (*transcode.Result, error) {
			found, err := filepath.Glob(filepath.Join(job.Dir, "*"))
			leftovers = append(leftovers, found...)
			if err != nil {
				return nil, err
			}
			return oneFile(job)
		}}
	})
	b.waitFor(*ran.Id, "COMPLETE")
	b.waitFor(*waited.Id, "COMPLETE")
	if job := b.get(*ran.Id); *job.RetryCount != 1 {
		t.Errorf("the job that ran counts %d retries", *job.RetryCount)
	}
	if len(leftovers) > 0 {
		t.Errorf("the second run found %v", leftovers)
	}
	want := []string{"PROGRESSING", "INPUT_INFORMATION", "INPUT_INFORMATION", "COMPLETE"}
	if got := b.bus.statuses(*ran.Id); !slices.Equal(got, want) {
		t.Errorf("the job that ran sent %v, not %v", got, want)
	}
}

// A kill writes nothing; what the folder holds at any moment must do.
func TestAFolderLeftByAKillIsGoneOnWith(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	ran, waited := b.submit("ran", nil), b.submit("waited", nil)
	g.waitBegan(t)
	b.waitFor(*ran.Id, "PROGRESSING")
	killed := snapshot(t, b.server.Dir)
	half := filepath.Join(killed, "jobs", "1-abc.json.part")
	if err := os.WriteFile(half, []byte(`{"half":`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.server.Close()
	b.start(killed, nil)
	b.waitFor(*ran.Id, "COMPLETE")
	b.waitFor(*waited.Id, "COMPLETE")
	if _, err := os.Stat(half); err == nil {
		t.Error("the write that was cut off is still there")
	}
}

// snapshot is a folder as a kill would leave it. A file that is written and
// renamed while it is copied makes the copy begin anew.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var err error
	for range 100 {
		killed := filepath.Join(t.TempDir(), "killed")
		if err = os.CopyFS(killed, os.DirFS(dir)); err == nil {
			return killed
		}
	}
	t.Fatal("the folder could not be copied:", err)
	return ""
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run}; s.Workers = 2 })
	b.submit("a", nil)
	b.submit("b", nil)
	b.submit("c", nil)
	g.waitBegan(t)
	b.server.Close()
	stacks := make([]byte, 1<<20)
	deadline := time.Now().Add(5 * time.Second)
	for {
		text := string(stacks[:runtime.Stack(stacks, true)])
		ours := 0
		for one := range strings.SplitSeq(text, "\n\n") {
			if strings.Contains(one, "mediaconvert.(*") && !strings.Contains(one, "testing.tRunner") {
				ours++
			}
		}
		if ours == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, still ours: %s", before, text)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAnAddressThatIsNotLoopbackIsRefused(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "nonsense"} {
		s := &Server{Address: address, Dir: t.TempDir()}
		if err := s.Initialize(); err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("%s: error is %v", address, err)
			s.Close()
		}
	}
}

func TestAPortInUseIsAClearError(t *testing.T) {
	b := newBench(t, nil)
	address := b.server.listen.Addr().String()
	err := (&Server{Address: address, Dir: t.TempDir()}).Initialize()
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error is %v", err)
	}
}

func TestADiskThatIsGoneForAWhileLosesNoEncode(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run}; s.Log = slog.New(slog.DiscardHandler) })
	id := *b.submit("out", nil).Id
	g.waitBegan(t)
	b.waitFor(id, "INPUT_INFORMATION")
	jobs := filepath.Join(b.server.Dir, "jobs")
	if err := os.Rename(jobs, jobs+"-gone"); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	time.Sleep(200 * time.Millisecond)
	if job := b.get(id); job.Status != types.JobStatusProgressing {
		t.Errorf("a job whose end isn't on disk is %s", job.Status)
	}
	if err := os.Rename(jobs+"-gone", jobs); err != nil {
		t.Fatal(err)
	}
	b.waitFor(id, "COMPLETE")
}

// A crash of the control plane makes the pipeline forget that it submitted.
func TestATokenHoldsForAWhileAfterARestartHoweverOldItsJobIs(t *testing.T) {
	g := newGate()
	blocked := func(s *Server) {
		s.Transcoder, s.TokenLifetime = &fakeTranscoder{run: g.run}, time.Nanosecond
	}
	b := newBench(t, blocked)
	first := b.submit("first", func(in *sdk.CreateJobInput) { in.ClientRequestToken = aws.String("token") })
	b.restart(blocked)
	again := b.submit("first", func(in *sdk.CreateJobInput) { in.ClientRequestToken = aws.String("token") })
	if *again.Id != *first.Id {
		t.Error("the job has been made twice")
	}
}

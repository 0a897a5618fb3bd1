package e2e

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// siteOf is the stack that a message came from.
func siteOf(m rig.Message) *site {
	if m.Text("srcBucket") == world.meta.Outputs["Source"] {
		return world.meta
	}
	return world.videos
}

func faults(t *testing.T) {
	t.Parallel()
	s := world.videos
	t.Run("a source that is deleted while it encodes", func(t *testing.T) {
		t.Parallel()
		key, _ := encoding(t, s)
		_, err := s.S3.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(s.Outputs["Source"]), Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		within(t, time.Minute, time.Now(), checkError(t, s, key, "SourceGone"))
	})
	t.Run("a source that is replaced while it encodes", func(t *testing.T) {
		t.Parallel()
		// It has picture and sound, too, so that the encoder takes either.
		file, err := world.clips.Make(clips.Surround)
		if err != nil {
			t.Fatal(err)
		}
		key, _ := encoding(t, s)
		replaced(t, s, key, file)
	})
	t.Run("a job that is cancelled by hand", func(t *testing.T) {
		t.Parallel()
		key, job := encoding(t, s)
		if _, err := s.MediaConvert.CancelJob(t.Context(), &mediaconvert.CancelJobInput{Id: &job}); err != nil {
			t.Fatal(err)
		}
		within(t, time.Minute, time.Now(), checkError(t, s, key, "JobCanceled"))
	})
	t.Run("an ffmpeg that is killed", func(t *testing.T) {
		t.Parallel()
		key, job := encoding(t, s)
		signal(t, s, job, syscall.SIGKILL)
		// MediaConvert does a job again that it has failed itself.
		if end := s.ended(t, key, 2*time.Minute); end.Text("workflowStatus") != "Complete" {
			t.Errorf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
		}
	})
}

// encoding uploads a clip and waits until its job is there.
func encoding(t *testing.T, s *site) (key, job string) {
	t.Helper()
	key = s.upload(t, clips.Car)
	return key, jobOf(t, s, key)
}

func jobOf(t *testing.T, s *site, key string) string {
	t.Helper()
	guid := s.ingested(t, key)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		record, _ := s.item(t, guid)
		if job := text(record, "encodeJobId"); job != "" {
			return job
		}
		if text(record, "workflowStatus") != "Ingest" {
			t.Fatalf("ended before it was encoded: %v", record["errorMessage"])
		}
	}
	t.Fatal("no MediaConvert job within a minute")
	return ""
}

// replaced puts the Surround clip at the key while the first is encoded: the
// first must end in Error, the second must be published under its own guid.
func replaced(t *testing.T, s *site, key, file string) {
	t.Helper()
	first := s.ingested(t, key)
	if _, err := s.Upload(t.Context(), key, file); err != nil {
		t.Fatal(err)
	}
	failed := waitFor(t, s, "the first version's end", func(m rig.Message) bool {
		return about(key, "Complete", "Error")(m) && m.Text("guid") == first
	})
	if failed.Text("errorCode") != "SourceReplaced" {
		t.Errorf("the first version ended %s %s, want SourceReplaced", failed.Text("workflowStatus"), failed.Text("errorCode"))
	}
	second := waitFor(t, s, "the second version's end", func(m rig.Message) bool {
		return about(key, "Complete", "Error")(m) && m.Text("guid") != first
	})
	if second.Text("workflowStatus") != "Complete" || second.Body["srcHeight"] != float64(clips.Surround.Height) {
		t.Errorf("the second version ended %s with %v lines", second.Text("workflowStatus"), second.Body["srcHeight"])
	}
}

func waitFor(t *testing.T, s *site, what string, ok func(rig.Message) bool) rig.Message {
	t.Helper()
	m, err := s.raw.Wait(t.Context(), 3*time.Minute, ok)
	if err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
	return m
}

// signal sends a signal to the ffmpeg that encodes a job.
func signal(t *testing.T, s *site, job string, what syscall.Signal) rig.Process {
	t.Helper()
	p, err := encoder(t.Context(), s.Engine, job)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.ID, what); err != nil {
		t.Fatalf("send %v to %v: %v", what, p, err)
	}
	return p
}

// encoder waits for the ffmpeg of a job: the job's folder is in its command
// line or is where it works.
func encoder(ctx context.Context, engine *rig.Engine, job string) (rig.Process, error) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		processes, err := engine.Processes()
		if err != nil {
			return rig.Process{}, err
		}
		for _, p := range processes {
			if p.Is("ffmpeg") && strings.Contains(p.Command+p.Dir, job) {
				return p, nil
			}
		}
		if ctx.Err() != nil {
			return rig.Process{}, ctx.Err()
		}
	}
	return rig.Process{}, errors.New("no ffmpeg for job " + job + " within a minute")
}

// silentJob stops the encoder without ending it, so that nothing is ever
// reported: the stack vodmeta gives up a minute after the first sign of work.
func silentJob(t *testing.T) {
	t.Parallel()
	s := world.meta
	video := s.upload(t, clips.Car)
	key := newKey("car.json")
	if _, err := s.UploadText(t.Context(), key, `{"srcVideo":"`+video+`"}`); err != nil {
		t.Fatal(err)
	}
	stopped := signal(t, s, jobOf(t, s, video), syscall.SIGSTOP)
	since := time.Now()
	within(t, 2*time.Minute, since, checkError(t, s, video, "JobTimedOut"))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if err := syscall.Kill(stopped.ID, 0); errors.Is(err, syscall.ESRCH) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the cancelled job's encoder is still there: %v", stopped)
		}
	}
}

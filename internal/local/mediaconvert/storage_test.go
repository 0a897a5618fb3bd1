package mediaconvert

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// fails submits a job for one input, and returns its ERROR event.
func (b *bench) fails(input, output string) map[string]any {
	b.Helper()
	out, err := b.client.CreateJob(b.Context(), b.job(input, output))
	if err != nil {
		b.Fatal(err)
	}
	event := b.waitFor(*out.Job.Id, "ERROR")
	job := b.get(*out.Job.Id)
	if job.Status != types.JobStatusError || float64(*job.ErrorCode) != event["errorCode"] || *job.ErrorMessage != event["errorMessage"] {
		b.Errorf("job says %s %d %q, its event %v", job.Status, *job.ErrorCode, *job.ErrorMessage, event)
	}
	return event
}

func wantCode(t *testing.T, event map[string]any, code int, words string) {
	t.Helper()
	if event["errorCode"] != float64(code) || !strings.Contains(event["errorMessage"].(string), words) {
		t.Errorf("error is %v %q, not %d with %q", event["errorCode"], event["errorMessage"], code, words)
	}
}

func TestASourceThatIsMissingEndsTheJobWith1404(t *testing.T) {
	b := newBench(t, nil)
	wantCode(t, b.fails("s3://"+b.bucket+"/nothing.mp4", "out"), 1404, "nothing.mp4")
	wantCode(t, b.fails("s3://no-such-bucket/in.mp4", "out"), 1404, "no-such-bucket")
}

func TestADestinationBucketThatIsMissingEndsTheJobWith1404(t *testing.T) {
	b := newBench(t, nil)
	in := b.put("in.mp4", []byte("a video"))
	b.bucket = "no-such-bucket"
	wantCode(t, b.fails(in, "out"), 1404, "s3://no-such-bucket/out_mp4.mp4")
}

func TestASourceThatIsDeniedEndsTheJobWith1401(t *testing.T) {
	b := newBench(t, func(s *Server) { s.S3.SecretKey = "wrong" })
	wantCode(t, b.fails(b.put("in.mp4", []byte("a video")), "out"), 1401, "in.mp4")
}

func TestASourceDeletedWhileItEncodesEndsTheJob(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run} })
	job := b.submit("out", nil)
	g.waitBegan(t)
	key := "in.mp4"
	if _, err := store.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.waitFor(*job.Id, "ERROR"), 1404, "in.mp4")
}

func TestOddKeysAreReadAndWrittenAsTheyAre(t *testing.T) {
	for name, key := range map[string]string{
		"leading slash": "/video/x.mp4", "spaces": "a b/my film.mp4", "unicode": "фильм/映画 é.mp4",
		"percent": "100%/50%25.mp4", "plus": "a+b=c&d/e+f.mp4", "question": "what?#frag.mp4", "quotes": `it's "so".mp4`,
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(chan string, 1)
			b := newBench(t, func(s *Server) {
				s.Transcoder = &fakeTranscoder{run: func(_ context.Context, job transcode.Job) (*transcode.Result, error) {
					data, err := os.ReadFile(job.Inputs[0].Path)
					if err != nil {
						return nil, err
					}
					seen <- string(data) + " " + job.Inputs[0].URI
					return oneFile(job)
				}}
			})
			uri := b.put(key, []byte("bytes of "+key))
			out, err := b.client.CreateJob(t.Context(), b.job(uri, "out/"+strings.TrimPrefix(key, "/")))
			if err != nil {
				t.Fatal(err)
			}
			b.waitFor(*out.Job.Id, "COMPLETE")
			if got, want := <-seen, "bytes of "+key+" "+uri; got != want {
				t.Errorf("read %q, not %q", got, want)
			}
			data, kind := b.object("out/" + strings.TrimPrefix(key, "/") + "_mp4.mp4")
			if data != "encoded" || kind != "video/mp4" {
				t.Errorf("wrote %q as %s", data, kind)
			}
		})
	}
}

// fakeObjects is a storage whose uploads can be watched.
type fakeObjects struct {
	objects
	onUpload func(to location, contentType string) error
}

func (f *fakeObjects) upload(_ context.Context, _ string, to location, contentType string) error {
	return f.onUpload(to, contentType)
}

// manyFiles is a job with segments and playlists, playlists last.
func manyFiles(_ context.Context, job transcode.Job) (*transcode.Result, error) {
	result := &transcode.Result{}
	for _, name := range []string{
		"v_000000001.cmfv", "v_000000002.cmfv", "vinit.cmfv", "a_000000001.cmfa", "ainit.cmfa", "t.0000000.jpg",
		"v.m3u8", "a.m3u8", "main.mpd", "main.m3u8",
	} {
		path := filepath.Join(job.Dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return nil, err
		}
		result.Files = append(result.Files, transcode.File{Path: path, URI: "s3://bucket/" + name, ContentType: "x/" + name})
	}
	return result, nil
}

func TestPlaylistsAreUploadedAfterWhatTheyName(t *testing.T) {
	var mu sync.Mutex
	var order []string
	b := newBench(t, func(s *Server) {
		s.Transcoder = &fakeTranscoder{run: manyFiles}
		s.objects = &fakeObjects{newS3Objects(storeAt, region), func(to location, contentType string) error {
			if strings.HasSuffix(to.Key, "1.cmfv") {
				time.Sleep(50 * time.Millisecond) // the first is the slowest
			}
			mu.Lock()
			defer mu.Unlock()
			if contentType != "x/"+to.Key {
				t.Errorf("%s went up as %s", to.Key, contentType)
			}
			order = append(order, to.Key)
			return nil
		}}
	})
	b.waitFor(*b.submit("out", nil).Id, "COMPLETE")
	if want := []string{"v.m3u8", "a.m3u8", "main.mpd", "main.m3u8"}; !slices.Equal(order[6:], want) {
		t.Errorf("uploaded %v", order)
	}
}

func TestNoPlaylistIsUploadedWhenASegmentIsNot(t *testing.T) {
	var mu sync.Mutex
	var order []string
	b := newBench(t, func(s *Server) {
		s.Transcoder = &fakeTranscoder{run: manyFiles}
		s.objects = &fakeObjects{newS3Objects(storeAt, region), func(to location, _ string) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, to.Key)
			if strings.HasSuffix(to.Key, "2.cmfv") {
				return errors.New("the disk is on fire")
			}
			return nil
		}}
	})
	wantCode(t, b.waitFor(*b.submit("out", nil).Id, "ERROR"), 1999, "on fire")
	mu.Lock()
	defer mu.Unlock()
	for _, key := range order {
		if strings.HasSuffix(key, ".m3u8") || strings.HasSuffix(key, ".mpd") {
			t.Errorf("uploaded %s", key)
		}
	}
}

func TestAnErrorOfTheTranscoderIsTheJobs(t *testing.T) {
	b := newBench(t, func(s *Server) {
		s.Transcoder = &fakeTranscoder{run: func(context.Context, transcode.Job) (*transcode.Result, error) {
			return nil, &transcode.Error{Code: 1030, Message: "The codec is not supported."}
		}}
	})
	wantCode(t, b.waitFor(*b.submit("out", nil).Id, "ERROR"), 1030, "The codec is not supported.")
}

func TestAProbedSourceIsFetchedOnceForItsJob(t *testing.T) {
	counting := &countingObjects{objects: newS3Objects(storeAt, region)}
	b := newBench(t, func(s *Server) { s.objects = counting })
	uri := b.put("in.mp4", []byte("first"))
	probe := func() {
		t.Helper()
		_, err := b.client.Probe(t.Context(), &sdk.ProbeInput{InputFiles: []types.ProbeInputFile{{FileUrl: &uri}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	probe()
	probe()
	out, err := b.client.CreateJob(t.Context(), b.job(uri, "out"))
	if err != nil {
		t.Fatal(err)
	}
	b.waitFor(*out.Job.Id, "COMPLETE")
	if n := counting.downloads.Load(); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	b.put("in.mp4", []byte("second"))
	probe()
	if n := counting.downloads.Load(); n != 2 {
		t.Errorf("after the object changed, fetched %d times", n)
	}
}

// countingObjects counts downloads, and breaks the first ones.
type countingObjects struct {
	objects
	downloads atomic.Int64
	breaks    int64
}

func (c *countingObjects) download(ctx context.Context, from location, path string) error {
	if c.downloads.Add(1) <= c.breaks {
		return errors.Join(os.WriteFile(path, []byte("half"), 0o600), errors.New("connection reset"))
	}
	return c.objects.download(ctx, from, path)
}

func TestATransferThatBreaksOffIsBegunAgain(t *testing.T) {
	b := newBench(t, func(s *Server) {
		s.objects = &countingObjects{objects: newS3Objects(storeAt, region), breaks: 2}
	})
	b.waitFor(*b.submit("out", nil).Id, "COMPLETE")
}

func TestAPanicEndsItsJobOnly(t *testing.T) {
	b := newBench(t, func(s *Server) {
		s.Log = slog.New(slog.DiscardHandler)
		s.Transcoder = &fakeTranscoder{run: func(_ context.Context, job transcode.Job) (*transcode.Result, error) {
			if strings.Contains(job.Inputs[0].URI, "hostile") {
				panic("out of range")
			}
			return oneFile(job)
		}}
	})
	wantCode(t, b.fails(b.put("hostile.mp4", nil), "out"), 1999, "out of range")
	b.waitFor(*b.submit("out", nil).Id, "COMPLETE")
}

func TestASourceDeletedRightBeforeTheEndIsNoticed(t *testing.T) {
	g := newGate()
	b := newBench(t, func(s *Server) { s.Transcoder = &fakeTranscoder{run: g.run}; s.SourceCheck = time.Hour })
	job := b.submit("out", nil)
	g.waitBegan(t)
	key := "in.mp4"
	if _, err := store.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	wantCode(t, b.waitFor(*job.Id, "ERROR"), 1404, "in.mp4")
}

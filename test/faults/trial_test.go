package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

const (
	// callPatience is how long a client waits for one answer.
	callPatience = 30 * time.Second
	// clientPatience is how long a client goes on trying.
	clientPatience = 3 * time.Minute
)

// A trial is one run of a scenario: its videos, and what it notes for its row
// of the table.
type trial struct {
	ctx    context.Context
	house  *house
	random *rand.Rand // of the scenario's own goroutine
	did    []string
	// healed is when the fault was over, zero where it never hid anything.
	healed  time.Time
	slowest time.Duration
	// patience is how long after the harm every video must have ended; zero
	// for settlePatience.
	patience time.Duration

	mutex  sync.Mutex
	videos []*video
}

// A video is one that the API has created. It is written by one goroutine at a
// time.
type video struct {
	id, key string
	content []byte
	upload  rest.Upload
	arrived time.Time // the upload was acknowledged then; zero before
	deleted bool      // the deletion was acknowledged
	// ends are the codes of errors that it may end with; one that is Complete
	// has none. Empty for Complete only.
	ends []string
	// more is how many uploads of it were acknowledged beside the first.
	more int
}

func (v *video) path() string   { return "/videos/" + v.id }
func (v *video) prefix() string { return "video/" + v.id + "/" }

// mayEnd tells whether the state is one that it may end in.
func (v *video) mayEnd(status, code string) bool {
	if status == "Complete" {
		return len(v.ends) == 0 || slices.Contains(v.ends, "")
	}
	return slices.Contains(v.ends, code)
}

// note writes a line of what was done.
func (tr *trial) note(format string, args ...any) {
	tr.did = append(tr.did, fmt.Sprintf(format, args...))
}

// moment is a random time up to a limit.
func (tr *trial) moment(limit time.Duration) time.Duration {
	return time.Duration(tr.random.Int64N(int64(limit)))
}

// persist tries until it is done, as a patient client does.
func (tr *trial) persist(what string, try func(context.Context) error) error {
	var err error
	for deadline := time.Now().Add(clientPatience); time.Now().Before(deadline) && tr.ctx.Err() == nil; tr.pause(200 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(tr.ctx, callPatience)
		err = try(ctx)
		cancel()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: given up: %w", what, errors.Join(err, tr.ctx.Err()))
}

// pause waits, unless the trial is over.
func (tr *trial) pause(d time.Duration) {
	select {
	case <-tr.ctx.Done():
	case <-time.After(d):
	}
}

// until waits for a state, with a deadline that a slow machine meets.
func (tr *trial) until(what string, patience time.Duration, ok func() (bool, error)) error {
	for deadline := time.Now().Add(patience); ; tr.pause(50 * time.Millisecond) {
		done, err := ok()
		if done {
			return nil
		}
		if time.Now().After(deadline) || tr.ctx.Err() != nil {
			return errors.Join(fmt.Errorf("%s: not within %v", what, patience), err)
		}
	}
}

// content is the bytes of a clip.
func (tr *trial) content(clip clips.Clip) ([]byte, error) {
	file, err := tr.house.clips.Make(clip)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// create makes a video in the API, however often it takes.
func (tr *trial) create(clip clips.Clip) (*video, error) {
	content, err := tr.content(clip)
	if err != nil {
		return nil, err
	}
	return tr.createOf(clip.File, content)
}

func (tr *trial) createOf(file string, content []byte) (*video, error) {
	v := &video{content: content}
	key := fmt.Sprintf("faults-%d-%p", time.Now().UnixNano(), v)
	body := map[string]any{"fileName": filepath.Base(file), "contentType": "video/mp4", "size": len(content)}
	err := tr.persist("create a video", func(ctx context.Context) error {
		answer, err := tr.house.api.Do(ctx, http.MethodPost, "/videos", body, "Idempotency-Key", key)
		if err != nil {
			return err
		}
		if answer.Status/100 != 2 {
			return fmt.Errorf("POST /videos: %s", answer)
		}
		v.id = answer.ID()
		v.key, _ = answer.Video()["s3key"].(string)
		v.upload, err = answer.Upload()
		return err
	})
	if err != nil {
		return nil, err
	}
	tr.mutex.Lock()
	defer tr.mutex.Unlock()
	tr.videos = append(tr.videos, v)
	return v, nil
}

// put sends the whole video until it is acknowledged. 412 says that it is
// there already: an earlier try was carried out, and the client asks the API
// whether all is well.
func (tr *trial) put(v *video) error {
	return tr.persist("upload "+v.id, func(ctx context.Context) error {
		answer, err := v.upload.Put(ctx, v.content)
		if err != nil {
			return err
		}
		switch answer.Status {
		case http.StatusOK:
			v.arrived = time.Now()
			return nil
		case http.StatusPreconditionFailed:
			return tr.complete(ctx, v)
		}
		return fmt.Errorf("PUT: %s", answer)
	})
}

// complete tells the API that the upload is there.
func (tr *trial) complete(ctx context.Context, v *video) error {
	answer, err := tr.house.api.Do(ctx, http.MethodPost, v.path()+"/upload/complete", nil)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return fmt.Errorf("complete: %s", answer)
	}
	v.arrived = time.Now()
	return nil
}

// send creates and uploads one video.
func (tr *trial) send(clip clips.Clip) (*video, error) {
	v, err := tr.create(clip)
	if err != nil {
		return nil, err
	}
	return v, tr.put(v)
}

// sending is uploads that go on while the scenario does its harm.
type sending struct {
	all    sync.WaitGroup
	mutex  sync.Mutex
	failed []error
}

// sendMany uploads n videos, so many at a time.
func (tr *trial) sendMany(clip clips.Clip, n, atOnce int) *sending {
	s := &sending{}
	turns := make(chan struct{}, n)
	for range n {
		turns <- struct{}{}
	}
	close(turns)
	for range atOnce {
		s.all.Go(func() {
			for range turns {
				if _, err := tr.send(clip); err != nil {
					s.mutex.Lock()
					s.failed = append(s.failed, err)
					s.mutex.Unlock()
				}
			}
		})
	}
	return s
}

// wait returns when all uploads were acknowledged or given up.
func (s *sending) wait() error {
	s.all.Wait()
	return errors.Join(s.failed...)
}

// created is how many videos the trial has so far.
func (tr *trial) created() int {
	tr.mutex.Lock()
	defer tr.mutex.Unlock()
	return len(tr.videos)
}

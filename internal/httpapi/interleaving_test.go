package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
	"github.com/vodstack/vodstack/internal/testkit"
)

// contention is one video and several clients, whose calls of the services
// meet in an order that a seed decides: before and after each call a client
// sleeps for a random time of a synctest bubble's clock.
type contention struct {
	seed    uint64
	random  *rand.Rand
	handler http.Handler
	rows    *testkit.Videos
	loses   bool // answers of Save, which the SDK then repeats

	mu      sync.Mutex
	row     string         // the upload of the row
	begun   int            // uploads so far
	uploads map[string]int // parts that have arrived, of uploads that live
	object  bool           // the file is there
	living  []string       // the row's upload where it lives, else "", after each change
}

func (c *contention) sleep(longest time.Duration) {
	c.mu.Lock()
	d := time.Duration(c.random.Int64N(int64(longest)))
	c.mu.Unlock()
	time.Sleep(d)
}

// call is one call of a service.
func (c *contention) call(do func()) {
	c.sleep(time.Millisecond)
	c.mu.Lock()
	do()
	c.note()
	c.mu.Unlock()
	c.sleep(time.Millisecond)
}

func (c *contention) note() {
	now := ""
	if _, lives := c.uploads[c.row]; lives {
		now = c.row
	}
	c.living = append(c.living, now)
}

func (c *contention) Get(ctx context.Context, id string) (contract.VideoRow, error) {
	c.sleep(time.Millisecond)
	defer c.sleep(time.Millisecond)
	return c.rows.Get(ctx, id)
}

func (c *contention) Create(ctx context.Context, row contract.VideoRow) (*contract.VideoRow, error) {
	c.sleep(time.Millisecond)
	defer c.sleep(time.Millisecond)
	return c.rows.Create(ctx, row)
}

func (c *contention) Claim(ctx context.Context, claim contract.Claim) (contract.Claim, error) {
	c.sleep(time.Millisecond)
	defer c.sleep(time.Millisecond)
	return c.rows.Claim(ctx, claim)
}

func (c *contention) Count(ctx context.Context, owner string, status contract.Status, most int) (int, error) {
	c.sleep(time.Millisecond)
	defer c.sleep(time.Millisecond)
	return c.rows.Count(ctx, owner, status, most)
}

func (c *contention) List(context.Context, contract.RowQuery) (contract.RowPage, error) {
	panic("nobody lists")
}

// Save may lose its answer. Then the SDK sends the same request again, which
// finds its own row, or one that somebody has written since.
func (c *contention) Save(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	c.sleep(time.Millisecond)
	defer c.sleep(time.Millisecond)
	saved, err := c.rows.Save(ctx, row)
	c.mu.Lock()
	lost := c.loses && c.random.IntN(2) == 0
	c.mu.Unlock()
	if lost {
		c.sleep(20 * time.Millisecond)
		return c.rows.Save(ctx, row)
	}
	return saved, err
}

func (c *contention) Begin(context.Context, string, string) (id string, err error) {
	c.call(func() {
		c.begun++
		id = fmt.Sprintf("upload-%d", c.begun)
		c.uploads[id] = 0
	})
	return id, nil
}

func (c *contention) Parts(_ context.Context, _, id string, after, _ int) (parts []contract.UploadedPart, err error) {
	c.call(func() {
		arrived, lives := c.uploads[id]
		if !lives {
			err = contract.ErrNotFound
		}
		for number := after + 1; number <= arrived; number++ {
			parts = append(parts, contract.UploadedPart{Number: number, ETag: "e", Size: []int64{16 * mib, mib}[number-1]})
		}
	})
	return parts, err
}

func (c *contention) Complete(_ context.Context, _, id string, _ []contract.UploadedPart) (err error) {
	lives := false
	c.call(func() {
		_, lives = c.uploads[id]
		switch {
		case c.object:
			lives, err = false, contract.ErrUploaded
		case !lives:
			err = contract.ErrNotFound
		default: // parts and upload are gone before the object is there
			c.uploads[id] = 0
		}
	})
	if lives {
		c.call(func() { delete(c.uploads, id) })
		c.sleep(5 * time.Second) // S3 takes its time to put many parts together
	}
	if lives {
		c.call(func() { c.object = true })
	}
	return err
}

func (c *contention) Abort(_ context.Context, _, id string) error {
	c.call(func() { delete(c.uploads, id) })
	return nil
}

func (c *contention) Source(context.Context, string) (source contract.Source, err error) {
	c.call(func() {
		source.Size = 17 * mib
		if !c.object {
			err = contract.ErrNotFound
		}
	})
	return source, err
}

func (c *contention) SignPut(context.Context, string, string, int64, time.Duration) (string, error) {
	panic("the upload has parts")
}

func (c *contention) SignPart(_ context.Context, _, uploadID string, _ int, _ int64, _ time.Duration) (string, error) {
	return "https://s3/?uploadId=" + uploadID, nil
}

// newContention has a handler, which is the same for all seeds: the schemas of
// its routes take longer than a seed.
func newContention() *contention {
	c := &contention{}
	api := &httpapi.API{
		Settings: httpapi.Settings{SourceBucket: "source", MaxBytes: 100 * mib, SingleBytes: mib, URLLife: time.Hour, Types: []string{"video/*"}, OpenUploads: 100, Encodes: 100},
		Rows:     c, Claims: c, Lists: c, Signer: c, Multipart: c, Sources: c, Work: &testkit.Queue{}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	c.handler = api.Handler()
	return c
}

// reset begins anew, with nothing there.
func (c *contention) reset(seed uint64) {
	c.seed, c.random, c.loses = seed, rand.New(rand.NewPCG(seed, 0)), seed%2 == 1
	c.row, c.begun, c.uploads, c.object, c.living = "", 0, map[string]int{}, false, nil
	c.rows = &testkit.Videos{Now: func() time.Time { return time.Unix(0, 0) }}
	c.rows.Changed = func(row contract.VideoRow) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.row = row.UploadID
		c.note()
	}
}

// ask sends a request and returns the upload whose URLs are in the answer.
// It must have been the row's, and alive, at some moment of the request.
func (c *contention) ask(t *testing.T, method, path, body string) (status int, id, upload string) {
	c.mu.Lock()
	since := max(0, len(c.living)-1)
	c.mu.Unlock()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if path == "/videos" { // finds the video that is there
		r.Header.Set("Idempotency-Key", "k")
	}
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, r.WithContext(httpapi.WithCaller(r.Context(), httpapi.Caller{Owner: alice})))
	if recorder.Code >= 500 && !strings.Contains(recorder.Body.String(), string(contract.CodeContended)) {
		t.Errorf("seed %d: %s %s: %d %s", c.seed, method, path, recorder.Code, recorder.Body)
	}
	var answer videoBody
	if recorder.Code < 300 && recorder.Body.Len() > 0 {
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
	}
	if answer.Upload == nil {
		return recorder.Code, answer.Video.ID, ""
	}
	for _, part := range answer.Upload.Parts {
		_, upload, _ = strings.Cut(part.URL, "uploadId=")
		c.mu.Lock()
		if !slices.Contains(c.living[since:], upload) {
			t.Errorf("seed %d: %s %s has URLs of %q; the row's living uploads were %q", c.seed, method, path, upload, c.living[since:])
		}
		c.mu.Unlock()
	}
	return recorder.Code, answer.Video.ID, upload
}

const contendedVideo = `{"fileName":"a.mp4","contentType":"video/mp4","size":17825792}`

// client does a few things that clients do, in a random order.
func (c *contention) client(t *testing.T, id string, deletes bool) {
	upload := ""
	for range 4 {
		c.mu.Lock()
		choice, title := c.random.IntN(14), c.random.Int()
		c.mu.Unlock()
		switch {
		case choice < 4:
			_, _, upload = c.ask(t, "GET", "/videos/"+id+"/upload", "")
		case choice < 5:
			_, _, upload = c.ask(t, "POST", "/videos", contendedVideo)
		case choice < 7:
			c.ask(t, "DELETE", "/videos/"+id+"/upload", "")
		case choice < 9:
			c.call(func() {
				if _, lives := c.uploads[upload]; lives {
					c.uploads[upload] = 2
				}
			})
		case choice < 11:
			status, _, _ := c.ask(t, "POST", "/videos/"+id+"/upload/complete", "")
			c.mu.Lock()
			if status == 200 && !c.object {
				t.Errorf("seed %d: an upload was completed and there is no file", c.seed)
			}
			c.mu.Unlock()
		case choice < 13:
			c.ask(t, "PATCH", "/videos/"+id, fmt.Sprintf(`{"title":"%d"}`, title))
		case deletes:
			c.ask(t, "DELETE", "/videos/"+id, "")
		default:
			c.sleep(time.Hour) // URLs grow old
		}
	}
}

// Whatever several clients do at once to one upload, each gets URLs that it
// can upload to, no upload is left behind, and a file that is there can be
// completed.
func TestWhoeverContendsForAnUploadGetsURLsOfTheOneThatLives(t *testing.T) {
	c := newContention()
	for seed := range uint64(1000) {
		synctest.Test(t, func(t *testing.T) {
			c.reset(seed)
			_, id, upload := c.ask(t, "POST", "/videos", contendedVideo)
			if seed%4 < 2 {
				c.uploads[upload] = 2
			}
			var wg sync.WaitGroup
			for range 2 + seed%3/2 {
				wg.Go(func() { c.client(t, id, seed%5 == 0) })
			}
			wg.Wait()
			for upload := range c.uploads {
				if upload != c.row {
					t.Errorf("seed %d: %s is left behind, the row has %q", seed, upload, c.row)
				}
			}
			if status, _, _ := c.ask(t, "POST", "/videos/"+id+"/upload/complete", ""); c.object && status != 200 && status != 404 {
				t.Errorf("seed %d: the file is there, and its completion is %d", seed, status)
			}
		})
		if t.Failed() {
			return
		}
	}
}

package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A standIn is a stack as the page sees it: API and storage of other origins
// than the page's, strict about CORS, and with faults that a real one seldom
// has.
type standIn struct {
	*httptest.Server
	origin string // of the page; nobody else may read
	result map[string]any
	// partSize is 0 for uploads in one PUT.
	partSize int64
	// flaky refuses every part's first upload: one in three as expired, one
	// by breaking the connection, one as a server's fault.
	flaky bool
	// slow keeps every upload of a part but the first three waiting, until
	// the video was created for a second time.
	slow   bool
	refuse string // an answer of the API to a new video

	mutex    sync.Mutex
	created  []map[string]any
	keys     []string // Idempotency-Key of each
	stored   map[int][]byte
	tries    map[int]int
	asked    []string // GETs of the upload
	complete string
	polls    int
}

func newStandIn(t *testing.T, origin string, result map[string]any) *standIn {
	t.Helper()
	s := &standIn{origin: origin, result: result, stored: map[int][]byte{}, tries: map[int]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") != s.origin {
		http.Error(w, "another origin", http.StatusForbidden)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", s.origin)
	storage := strings.HasPrefix(r.URL.Path, "/bucket/")
	if r.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
		w.Header().Set("Access-Control-Allow-Headers", "authorization, content-type, idempotency-key")
		if storage {
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
			w.Header().Set("Access-Control-Allow-Headers", "content-type, if-none-match")
		}
		return
	}
	if storage {
		w.Header().Set("Access-Control-Expose-Headers", "ETag")
		s.store(w, r)
		return
	}
	s.api(w, r)
}

// store takes an object or a part.
func (s *standIn) store(w http.ResponseWriter, r *http.Request) {
	var number int
	fmt.Sscanf(r.URL.Path, "/bucket/%d", &number)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the page was closed
	}
	s.mutex.Lock()
	s.tries[number]++
	first := s.tries[number] == 1
	s.mutex.Unlock()
	if s.slow && number > 3 && !s.again(r) {
		return
	}
	if s.flaky && first {
		switch number % 3 {
		case 0:
			w.WriteHeader(http.StatusForbidden)
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.partSize == 0 && (r.Header.Get("If-None-Match") != "*" || s.stored[number] != nil) {
		w.WriteHeader(http.StatusPreconditionFailed)
		return
	}
	s.stored[number] = body
	w.Header().Set("ETag", fmt.Sprintf(`"etag-%d"`, number))
}

// again waits until the video was created for a second time.
func (s *standIn) again(r *http.Request) bool {
	for range 600 {
		s.mutex.Lock()
		second := len(s.created) > 1
		s.mutex.Unlock()
		if second {
			return true
		}
		select {
		case <-r.Context().Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

func (s *standIn) api(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.Method + " " + r.URL.Path {
	case "POST /videos":
		s.create(w, r, body)
	case "GET /videos/v1/upload":
		s.asked = append(s.asked, r.URL.RawQuery)
		first, limit := 1, 2
		fmt.Sscan(r.URL.Query().Get("part"), &first)
		fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		reply(w, map[string]any{"upload": s.way(first, limit)})
	case "POST /videos/v1/upload/complete":
		s.complete = string(body)
		reply(w, map[string]any{"video": s.video()})
	case "GET /videos/v1":
		s.polls++
		reply(w, map[string]any{"video": s.video()})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *standIn) create(w http.ResponseWriter, r *http.Request, body []byte) {
	var wanted map[string]any
	_ = json.Unmarshal(body, &wanted)
	s.created = append(s.created, wanted)
	s.keys = append(s.keys, r.Header.Get("Idempotency-Key"))
	if s.refuse != "" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, s.refuse)
		return
	}
	w.WriteHeader(http.StatusCreated)
	reply(w, map[string]any{"video": s.video(), "upload": s.way(1, 2)})
}

func reply(w io.Writer, answer any) { _ = json.NewEncoder(w).Encode(answer) }

// video is the row: two polls of progress, then the result.
func (s *standIn) video() map[string]any {
	switch s.polls {
	case 0:
		return map[string]any{"id": "v1", "encodingStatus": "new"}
	case 1, 2:
		return map[string]any{"id": "v1", "encodingStatus": "Ingest", "progress": 35 * s.polls}
	default:
		return s.result
	}
}

// way is how to upload, or a page of parts.
func (s *standIn) way(first, limit int) map[string]any {
	if s.partSize == 0 {
		return map[string]any{
			"type": "single", "method": "PUT", "url": s.URL + "/bucket/0",
			"headers": map[string]string{"If-None-Match": "*", "Content-Type": fmt.Sprint(s.created[0]["contentType"])},
		}
	}
	size, _ := s.created[0]["size"].(float64)
	count := int((int64(size) + s.partSize - 1) / s.partSize)
	last := min(first+limit-1, count)
	parts := []any{}
	for n := first; n <= last; n++ {
		part := map[string]any{"partNumber": n, "url": fmt.Sprintf("%s/bucket/%d?try=%d", s.URL, n, s.tries[n])}
		if s.stored[n] != nil {
			part["etag"] = fmt.Sprintf("etag-%d", n)
		}
		parts = append(parts, part)
	}
	way := map[string]any{"type": "multipart", "partSize": s.partSize, "partCount": count, "parts": parts}
	if last < count {
		way["nextPart"] = last + 1
	}
	return way
}

// whole is everything that was stored, in order.
func (s *standIn) whole() []byte {
	var all [][]byte
	for n := 0; n <= 10000; n++ {
		if part, ok := s.stored[n]; ok {
			all = append(all, part)
		}
	}
	return bytes.Join(all, nil)
}

package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/objectstore"
	"github.com/vodstack/vodstack/internal/testkit"
)

// store is the machine's object store; one serves all tests, since there can
// be one in a process.
var store *objectstore.Gateway

// folder is this package's.
var folder string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "httpapi")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	address := l.Addr().String()
	l.Close()
	store = &objectstore.Gateway{
		Address: address, Dir: dir, Region: "eu-central-1", AccessKey: "000000000000", SecretKey: "test",
		Emit: func(events.Event) error { return nil }, Log: slog.New(slog.DiscardHandler),
	}
	if folder, err = os.Getwd(); err != nil {
		panic(err)
	}
	// From here on the working folder is the store's: versitygw keeps its
	// objects where it is.
	if err := store.Initialize(); err != nil {
		panic(err)
	}
	defer store.Close()
	client := objectstore.Client("http://"+store.Address, store.Region, store.AccessKey, store.SecretKey)
	if err := objectstore.PrepareBucket(context.Background(), client, objectstore.Bucket{Name: "source", Versioned: true}); err != nil {
		panic(err)
	}
	return m.Run()
}

// uploads are the real ones, on the machine's object store, with a hook
// before each call.
type uploads struct {
	*s3.Uploads
	before func(op, key string) error

	mu    sync.Mutex
	calls []string
}

func (u *uploads) call(op, key string) error {
	u.mu.Lock()
	u.calls = append(u.calls, op)
	u.mu.Unlock()
	if u.before != nil {
		return u.before(op, key)
	}
	return nil
}

func (u *uploads) count(op string) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, call := range u.calls {
		if call == op {
			n++
		}
	}
	return n
}

func (u *uploads) Begin(ctx context.Context, key, contentType string) (string, error) {
	if err := u.call("begin", key); err != nil {
		return "", err
	}
	return u.Uploads.Begin(ctx, key, contentType)
}

func (u *uploads) Parts(ctx context.Context, key, id string, after, limit int) ([]contract.UploadedPart, error) {
	if err := u.call("parts", key); err != nil {
		return nil, err
	}
	return u.Uploads.Parts(ctx, key, id, after, limit)
}

func (u *uploads) Complete(ctx context.Context, key, id string, parts []contract.UploadedPart) error {
	if err := u.call("complete", key); err != nil {
		return err
	}
	return u.Uploads.Complete(ctx, key, id, parts)
}

func (u *uploads) Abort(ctx context.Context, key, id string) error {
	if err := u.call("abort", key); err != nil {
		return err
	}
	return u.Uploads.Abort(ctx, key, id)
}

func (u *uploads) Source(ctx context.Context, key string) (contract.Source, error) {
	if err := u.call("source", key); err != nil {
		return contract.Source{}, err
	}
	return u.Uploads.Source(ctx, key)
}

// executions remembers what was started.
type executions struct {
	mu      sync.Mutex
	started map[string]string
	err     error
}

func (e *executions) Start(_ context.Context, name, input string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return e.err
	}
	e.started[name] = input
	return nil
}

const (
	mib       = 1 << 20
	alice     = "alice"
	bob       = "bob"
	unknownID = "0f8d2b0c-6c53-4c8e-9a53-2f1b7a3d9e10"
)

// world is an API among doubles, and with a real object store.
type world struct {
	t       *testing.T
	api     *httpapi.API
	handler http.Handler
	rows    *testkit.Videos
	history *testkit.History
	running *testkit.RunningJobs
	uploads *uploads
	started *executions
	work    *testkit.Queue
	clock   *testkit.Clock
	log     *testkit.Log
}

// newWorld is an API whose single uploads end at 1 MiB. Its clock is the real
// one, since the object store knows no other.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, rows: &testkit.Videos{}, history: &testkit.History{}, running: &testkit.RunningJobs{},
		uploads: &uploads{Uploads: &s3.Uploads{
			Client: awss3.New(objectstore.Client("http://"+store.Address, store.Region, store.AccessKey, store.SecretKey).Options(), s3.SignWhatIsTold), Name: "source",
		}},
		started: &executions{started: map[string]string{}}, work: &testkit.Queue{}, clock: testkit.NewClock(), log: &testkit.Log{},
	}
	w.api = &httpapi.API{
		Settings: httpapi.Settings{
			SourceBucket: "source", MaxBytes: 100 * mib, SingleBytes: mib, URLLife: time.Hour,
			Types: httpapi.DefaultSettings().Types, Options: httpapi.DefaultSettings().Options, OpenUploads: 100, Encodes: 100,
		},
		Rows: w.rows, Claims: w.rows, Lists: w.rows, History: w.history, Running: w.running,
		Signer: w.uploads, Multipart: w.uploads, Sources: w.uploads,
		Executions: w.started, Work: w.work, Now: w.clock.Now, Log: w.log.Logger(),
	}
	w.rows.Now = w.clock.Now
	w.handler = w.api.Handler()
	return w
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

// as asks in somebody's name; headers come in pairs.
func (w *world) as(owner, method, path, body string, headers ...string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	caller := httpapi.Caller{Owner: owner, BaseURL: "https://api.example", RequestID: "request-1"}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r.WithContext(httpapi.WithCaller(r.Context(), caller)))
	return answer{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// into reads an answer of the status that is wanted.
func (a answer) into(t *testing.T, status int, v any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%d, want %d: %s", a.status, status, a.text)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("an answer of the type %q", kind)
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" {
		t.Errorf("Cache-Control is %q", cache)
	}
	dec := json.NewDecoder(strings.NewReader(a.text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%v: %s", err, a.text)
	}
}

// problem wants a problem of a code, and returns it.
func (a answer) problem(t *testing.T, code contract.Code, field string) contract.Problem {
	t.Helper()
	info := contract.ExplainAPI(code)
	var p contract.Problem
	if err := json.Unmarshal([]byte(a.text), &p); err != nil {
		t.Fatalf("%d is no problem: %v: %s", a.status, err, a.text)
	}
	if a.status != info.Status || p.Code != code || p.Field != field {
		t.Errorf("answer is %d %s; want %d %s, field %q", a.status, a.text, info.Status, code, field)
	}
	if p.Status != a.status || p.Type != contract.ProblemType(p.Code) || p.Title == "" || p.Detail == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("not a whole problem: %s (%s)", a.text, a.header.Get("Content-Type"))
	}
	if retry := a.header.Get("Retry-After") != ""; retry != (a.status == 503 || a.status == 429) {
		t.Errorf("Retry-After is there: %v, with %d", retry, a.status)
	}
	return p
}

// video and its answers, as clients read them.
type (
	videoBody struct {
		Video  httpapi.Video   `json:"video"`
		Upload *httpapi.Upload `json:"upload"`
	}
	listBody struct {
		Videos []httpapi.Video `json:"videos"`
		Cursor string          `json:"cursor"`
	}
)

// create makes a video of a size.
func (w *world) create(owner string, size int) videoBody {
	w.t.Helper()
	var made videoBody
	body := map[string]any{"fileName": "holiday.mp4", "contentType": "video/mp4", "size": size, "title": "Holiday"}
	w.as(owner, "POST", "/videos", text(body)).into(w.t, 201, &made)
	return made
}

// put uploads bytes to a URL and returns the status and the ETag.
func put(t *testing.T, url string, data []byte, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.Trim(resp.Header.Get("ETag"), `"`)
}

// upload sends a whole small file to where a new video says.
func (w *world) upload(made videoBody) {
	w.t.Helper()
	if status, _ := put(w.t, made.Upload.URL, make([]byte, made.Video.Size), made.Upload.Headers); status != 200 {
		w.t.Fatalf("upload: %d", status)
	}
}

// change puts a row as some other function would leave it.
func (w *world) change(id string, change func(*contract.VideoRow)) {
	row := w.rows.Row(id)
	change(&row)
	w.rows.Put(row.Saved(w.clock.Now()))
}

// encoded makes a row Complete.
func (w *world) encoded(id string) {
	w.change(id, func(row *contract.VideoRow) {
		row.VodGUID, row.VodStartedAt, row.EncodingStatus = "11111111-2222-5333-8444-555555555555", contract.Time(w.clock.Now()), contract.StatusComplete
		row.HLSURL, row.PendingWork, row.DueAt = "https://cdn/h.m3u8", "", ""
		row.GUIDs = []string{row.VodGUID}
	})
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

var errOdd = errors.New("odd")

// Package httpapi is the integration's REST API: what each route does, and
// the document that describes it. It talks to the world through the small
// interfaces below and never sees a cloud service's client.
package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/vodstack/vodstack/internal/contract"
)

// Settings are the deployment's limits.
type Settings struct {
	SourceBucket string
	MaxBytes     int64         // of a file
	SingleBytes  int64         // of a file that is uploaded with one PUT
	URLLife      time.Duration // of a presigned URL
	Types        []string      // content types that are taken, as in video/*
	// ArchiveSource is the storage class of the stack's archives, which the
	// option archiveSource means by true; DISABLED where it has none.
	ArchiveSource string
	Options       []string // that a caller may set
	OpenUploads   int      // videos of one owner that wait for their file, at most
	Encodes       int      // videos of one owner that are being encoded, at most
}

// Rows is the video table. A row that is not there is contract.ErrUnknownRow,
// one that was changed meanwhile contract.ErrRowChanged.
type Rows interface {
	Get(ctx context.Context, id string) (contract.VideoRow, error)
	Create(ctx context.Context, row contract.VideoRow) (existing *contract.VideoRow, err error)
	Save(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error)
}

// Claims are the Idempotency-Keys of new videos.
type Claims interface {
	// Claim stores a claim, or returns the one that was stored before.
	Claim(ctx context.Context, claim contract.Claim) (kept contract.Claim, err error)
}

// Lists are the video table's lists.
type Lists interface {
	List(ctx context.Context, q contract.RowQuery) (contract.RowPage, error)
	// Count counts an owner's videos of one status, as far as most.
	Count(ctx context.Context, owner string, status contract.Status, most int) (int, error)
}

// History has the messages that were received about a video, oldest first.
type History interface {
	List(ctx context.Context, id string, limit int) ([]contract.RowEvent, error)
}

// RunningJobs knows how far an encode is; nothing is known of one that does
// not run.
type RunningJobs interface {
	Get(ctx context.Context, guid string) (contract.RunningJob, error)
}

// Signer makes URLs for one upload each. It asks nobody.
type Signer interface {
	SignPut(ctx context.Context, key, contentType string, size int64, life time.Duration) (url string, err error)
	SignPart(ctx context.Context, key, uploadID string, number int, size int64, life time.Duration) (url string, err error)
}

// Multipart keeps multipart uploads. One that is not there, any more or ever,
// is contract.ErrNotFound; to abort it is done then.
type Multipart interface {
	Begin(ctx context.Context, key, contentType string) (uploadID string, err error)
	// Parts are those that have arrived, in order, from the one after the
	// number given; until limit of them are found, all where it is 0.
	Parts(ctx context.Context, key, uploadID string, after, limit int) ([]contract.UploadedPart, error)
	// Complete puts parts together. Where there is an object already it is
	// left as it is, with contract.ErrUploaded.
	Complete(ctx context.Context, key, uploadID string, parts []contract.UploadedPart) error
	Abort(ctx context.Context, key, uploadID string) error
}

// Sources looks uploaded files up; one that is not there is
// contract.ErrNotFound.
type Sources interface {
	Source(ctx context.Context, key string) (contract.Source, error)
}

// Executions starts the state machine. An execution of that name that exists
// already counts as started.
type Executions interface {
	Start(ctx context.Context, name, input string) error
}

// Queue is where what is left to do is announced.
type Queue interface {
	Send(ctx context.Context, body string) error
}

// API is the REST API.
type API struct {
	Settings
	Rows       Rows
	Claims     Claims
	Lists      Lists
	History    History
	Running    RunningJobs
	Signer     Signer
	Multipart  Multipart
	Sources    Sources
	Executions Executions
	Work       Queue
	Now        func() time.Time
	Log        *slog.Logger

	types *regexp.Regexp // of the content types that are taken
}

// Handler serves the API. The caller is in each request's context.
func (a *API) Handler() http.Handler {
	a.types = regexp.MustCompile(typesPattern(a.Types))
	front := &front{mux: http.NewServeMux(), operations: map[string]operation{}, log: a.Log}
	for _, route := range a.routes() {
		pattern := route.method + " " + route.path
		front.mux.HandleFunc(pattern, route.lazy())
		front.operations[pattern] = route.operation
	}
	return front
}

// speak makes the framework speak as the contract does: its settings of errors
// and letter case are the package's own.
var speak = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.NewError = newProblem
	huma.NewErrorWithContext = func(_ huma.Context, status int, text string, errs ...error) huma.StatusError {
		return newProblem(status, text, errs...)
	}
})

// newHuma is the framework on a mux.
func newHuma(mux *http.ServeMux) huma.API {
	speak()
	jsonFormat := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readJSON}
	return humago.New(mux, huma.Config{
		OpenAPI:                      &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: documentTitle, Version: documentVersion}},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of strings and numbers
	}
	return string(text)
}

package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// The log has one line for each request that may change something, whether it
// did or was refused: who, what, which video, how it ended and the request's
// id, under which API Gateway's access log has the rest.

// auditMessage is what the lines are found by.
const auditMessage = "write"

// Outcomes of a write; of a refused one it is the problem's code.
const (
	outcomeDone    = "done"
	outcomeUnknown = "unknown" // an error without a code
)

// CallerHash is an owner in the log: the first half of SHA-256, in hexadecimal.
//
// It has no key. A key would have to be kept for as long as the log, and
// whoever has lost it can no longer answer who it was; while the log's readers
// are operators, who may know. It is no secret then: whoever has the log can
// try names. 128 bits are long enough that nobody can choose a session's name
// so that it looks like another's.
func CallerHash(owner string) string {
	if owner == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(owner))
	return hex.EncodeToString(sum[:16])
}

// writes tells whether a request may change something. GET /videos/{id}/upload
// does: it may begin an upload, and its URLs write.
func writes(method string, op operation) bool {
	return method != http.MethodGet && method != http.MethodHead || op.id == getUpload.id
}

// operationOf is the operation that a request asks for, without an id where
// there is none.
func (f *front) operationOf(r *http.Request) operation {
	_, pattern := f.mux.Handler(r)
	return f.operations[pattern]
}

// audit logs a write that was answered.
func (f *front) audit(r *http.Request, op operation, answer *answered) {
	caller := callerOf(r.Context())
	if caller.Warming || !writes(r.Method, op) {
		return
	}
	outcome, field := answer.outcome()
	fields := []slog.Attr{
		slog.String("caller", CallerHash(caller.Owner)), slog.String("action", op.id), slog.String("id", videoIn(r.URL.Path, answer.Header())),
		slog.String("outcome", outcome), slog.Int("status", answer.status), slog.String("requestId", caller.RequestID),
	}
	if field != "" {
		fields = append(fields, slog.String("field", field))
	}
	f.log.LogAttrs(r.Context(), slog.LevelInfo, auditMessage, fields...)
}

// videoIn is the id of the video that a request was about or has made. What is
// no id is no video, whatever somebody has put into the path.
func videoIn(requested string, header http.Header) string {
	id := path.Base(header.Get("Location"))
	if parts := strings.Split(requested, "/"); len(parts) > 2 && parts[1] == "videos" {
		id = parts[2]
	}
	if len(id) != 36 || uuid.Validate(id) != nil {
		return ""
	}
	return id
}

// longestProblem is how much of a refusal is read for its code.
const longestProblem = 64 << 10

// answered is a ResponseWriter that remembers how a request was answered.
type answered struct {
	http.ResponseWriter
	status  int
	problem bytes.Buffer // the body of a refusal
}

// WriteHeader keeps the status.
func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write keeps a refusal.
func (a *answered) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.status >= http.StatusBadRequest && a.problem.Len() < longestProblem {
		a.problem.Write(p)
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// outcome is how it ended, and the field that was to blame.
func (a *answered) outcome() (outcome, field string) {
	if a.status < http.StatusBadRequest {
		return outcomeDone, ""
	}
	var problem contract.Problem
	if json.Unmarshal(a.problem.Bytes(), &problem) != nil || problem.Code == "" {
		return outcomeUnknown, ""
	}
	return string(problem.Code), problem.Field
}

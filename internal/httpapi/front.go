package httpapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// front stands before the routes: what is the same for all of them, and what
// is none of them.
type front struct {
	mux        *http.ServeMux
	operations map[string]operation // by the mux's patterns
	log        *slog.Logger
}

// ServeHTTP answers a request. Nothing is done before the caller is known and
// the answer can be understood.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent) // the gateway adds its CORS headers
		return
	}
	answer := &answered{ResponseWriter: w}
	f.answer(answer, r)
	f.audit(r, f.operationOf(r), answer)
}

func (f *front) answer(w http.ResponseWriter, r *http.Request) {
	defer f.recover(w, r)
	if problem := f.refuse(w, r); problem != nil {
		writeProblem(w, problem)
		return
	}
	f.mux.ServeHTTP(w, prepared(r))
}

func (f *front) recover(w http.ResponseWriter, r *http.Request) {
	if reason := recover(); reason != nil {
		id := callerOf(r.Context()).RequestID
		f.log.ErrorContext(r.Context(), "panic", "requestId", id, "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
		writeProblem(w, contract.Problemf(contract.CodeInternal, "%s the request id %s", internalText, id))
	}
}

// refuse is why a request does not reach its route, or nil.
func (f *front) refuse(w http.ResponseWriter, r *http.Request) *contract.Problem {
	public := r.URL.Path == getHealth.path && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	if !public && callerOf(r.Context()).Owner == "" {
		w.Header().Set("WWW-Authenticate", "Bearer") // as the gateway's own
		return contract.Problemf(contract.CodeUnauthenticated, "%s",
			cmp.Or(callerOf(r.Context()).Refused, "the request came without a caller; sign it (SigV4) or send a valid token"))
	}
	if problem := f.unrouted(w, r); problem != nil {
		return problem
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return contract.Problemf(contract.CodeRequestUnreadable, "the query string cannot be decoded: %v; encode it as forms do", err)
	}
	if name, ok := emptyIn(query); ok {
		return contract.Problemf(contract.CodeRequestInvalid, "%s is empty; give it a value, or leave it out", name).In(name)
	}
	if values := r.Header.Values(keyHeader); len(values) > 0 && strings.Join(values, "") == "" {
		return contract.Problemf(contract.CodeRequestInvalid, "%s is empty; send 1 to 255 visible ASCII characters, or leave it out", keyHeader).In(keyHeader)
	}
	if !acceptsJSON(r.Header.Get("Accept")) {
		return contract.Problemf(contract.CodeNotAcceptable, "the Accept header leaves no room for JSON; accept application/json and application/problem+json")
	}
	return nil
}

// emptyIn is a parameter without a value. The framework takes it for one that
// was not sent, but a list of no status is not a list of all. No cursor is a
// cursor: it asks for the first page.
func emptyIn(query url.Values) (name string, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "cursor" && slices.Contains(query[name], "") {
			return name, true
		}
	}
	return "", false
}

// unrouted answers for paths and methods that are no route. A path that is not
// clean would be redirected by the mux; it is none either.
func (f *front) unrouted(w http.ResponseWriter, r *http.Request) *contract.Problem {
	if path.Clean(r.URL.Path) == r.URL.Path {
		handler, pattern := f.mux.Handler(r)
		if pattern != "" {
			return nil
		}
		seen := &headers{header: http.Header{}}
		handler.ServeHTTP(seen, r)
		if seen.status == http.StatusMethodNotAllowed {
			allow := seen.header.Get("Allow")
			w.Header().Set("Allow", allow)
			return contract.Problemf(contract.CodeMethodNotAllowed, "%s is not to be had here; %s is", r.Method, allow)
		}
	}
	return contract.Problemf(contract.CodeRouteUnknown, "there is no such path; GET /openapi.json describes those that are")
}

// headers is a ResponseWriter that keeps everything but the body.
type headers struct {
	header http.Header
	status int
}

func (h *headers) Header() http.Header         { return h.header }
func (h *headers) WriteHeader(status int)      { h.status = status }
func (h *headers) Write(p []byte) (int, error) { return len(p), nil }

// prepared is a request as the routes like it: how an answer is written is
// settled, and a signature in the query is none of their parameters.
func prepared(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Del("Accept")
	if kind := r.Header.Get("Content-Type"); kind != "" {
		r.Header.Set("Content-Type", bodyKind(kind))
	}
	if query := r.URL.Query(); strings.Contains(r.URL.RawQuery, "X-Amz-") {
		for name := range query {
			if strings.HasPrefix(name, "X-Amz-") {
				query.Del(name)
			}
		}
		r.URL.RawQuery = query.Encode()
	}
	return r
}

// bodyKind is application/json for all that is written as JSON, and one that
// no route takes for all else.
func bodyKind(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json")) {
		return "application/json"
	}
	return "application/octet-stream"
}

func writeProblem(w http.ResponseWriter, problem *contract.Problem) {
	w.Header().Set("Content-Type", problem.ContentType(""))
	w.WriteHeader(problem.Status)
	// What cannot be written has no reader any more.
	_ = json.NewEncoder(w).Encode(problem)
}

package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

// FuzzNoRequestIsAFault sends anything at all: the answer is what was asked
// for, or a whole problem that is the client's.
func FuzzNoRequestIsAFault(f *testing.F) {
	for _, call := range append(calls(unknownID), calls("x")...) {
		f.Add(call[0], call[1], "", call[2], "")
	}
	f.Add("GET", "/videos", "status=new&limit=3&cursor=e30", "", "")
	f.Add("POST", "/videos", "", `{"fileName":"a.mp4","contentType":"video/mp4","size":5,"title":"é","metadata":{"a":[1e999]},"options":{"archiveSource":true}}`, "key")
	f.Add("POST", "/videos", "", `{"fileName":"a.mp4","contentType":"video/mp4","size":17000000}`, "")
	f.Add("PATCH", "/videos/"+unknownID, "a=%zz;", `{"title":null,"metadata":{}}`, `"v1"`)
	f.Add("GET", "/videos//..//\x00%", "&&==", "\xff", "\x7f")
	f.Fuzz(func(t *testing.T, method, path, query, body, header string) {
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: query}
		r.Header = http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {header}, "If-Match": {header}, "Accept": {"*/*"}}
		recorder := httptest.NewRecorder()
		w := newWorld(t)
		w.handler.ServeHTTP(recorder, r.WithContext(httpapi.WithCaller(r.Context(), httpapi.Caller{Owner: alice})))
		status, text := recorder.Code, recorder.Body.String()
		if status >= 500 || status < 200 || status >= 300 && status < 400 {
			t.Errorf("%d: %s\n%s", status, text, w.log)
		}
		var problem contract.Problem
		if status >= 400 && (json.Unmarshal([]byte(text), &problem) != nil || problem.Status != status || contract.ExplainAPI(problem.Code).Code != problem.Code) {
			t.Errorf("%d is no problem: %s", status, text)
		}
	})
}

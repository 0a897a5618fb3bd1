package httpapi_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
)

func TestWithoutACallerNothingIsToldOrDone(t *testing.T) {
	w := newWorld(t)
	id := w.create(alice, 5).Video.ID
	reads := 0
	w.rows.Before = func(string, string) error { reads++; return nil }
	for _, call := range append(calls(id), [3]string{"GET", "/videos", ""}, [3]string{"POST", "/videos", with("title", "x")},
		[3]string{"GET", "/openapi.json", ""}, [3]string{"GET", "/nothing", ""}, [3]string{"PUT", "/videos", ""}, [3]string{"POST", "/healthz", ""}, [3]string{"GET", "/healthz/x", ""}) {
		w.as("", call[0], call[1], call[2]).problem(t, contract.CodeUnauthenticated, "")
	}
	if reads != 0 {
		t.Errorf("%d reads", reads)
	}
}

func TestTheHealthCheckIsAConstantForEveryone(t *testing.T) {
	w := newWorld(t)
	w.rows.Before = func(string, string) error { return errOdd }
	for _, owner := range []string{"", alice} {
		var health struct{ Status string }
		w.as(owner, "GET", "/healthz", "").into(t, 200, &health)
		if health.Status != "ok" {
			t.Errorf("health is %+v", health)
		}
	}
}

func TestPathsAndMethodsThatAreNoneAreProblemsToo(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/nothing", "/videos/", "/videos/" + unknownID + "/", "//videos", "/videos/../healthz", "/videos/./x", "/VIDEOS", "/videos/a/b/c", "/healthz/", "/openapi.yaml", "/docs", "/schemas/Video", "/videos%2f"} {
		w.as(alice, "GET", path, "").problem(t, contract.CodeRouteUnknown, "")
	}
	for call, allow := range map[string]string{
		"PUT /videos": "GET, HEAD, POST", "DELETE /videos": "GET, HEAD, POST", "POST /videos/" + unknownID: "DELETE, GET, HEAD, PATCH",
		"GET /videos/" + unknownID + "/encode": "POST", "PUT /videos/" + unknownID + "/upload": "DELETE, GET, HEAD", "POST /healthz": "GET, HEAD", "TRACE /videos": "GET, HEAD, POST",
	} {
		method, path, _ := strings.Cut(call, " ")
		got := w.as(alice, method, path, "")
		got.problem(t, contract.CodeMethodNotAllowed, "")
		if got.header.Get("Allow") != allow {
			t.Errorf("%s: Allow is %q, want %q", call, got.header.Get("Allow"), allow)
		}
	}
}

func TestAParameterWithoutAValueIsNotTakenForNone(t *testing.T) {
	w := newWorld(t)
	for query, field := range map[string]string{"status=": "status", "limit=": "limit", "limit=5&status": "status", "status=Complete&status=": "status"} {
		w.as(alice, "GET", "/videos?"+query, "").problem(t, contract.CodeRequestInvalid, field)
	}
	if got := w.as(alice, "GET", "/videos?cursor=", ""); got.status != 200 {
		t.Errorf("an empty cursor: %d %s", got.status, got.text)
	}
}

func TestAPreflightIsAnsweredWithNothing(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/videos", "/nothing", "//", "/videos/x/upload"} {
		if got := w.as("", "OPTIONS", path, "", "Origin", "https://example.com", "Access-Control-Request-Method", "POST"); got.status != 204 || got.text != "" {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestAnAnswerInAFormThatNobodyAsksForIsRefusedBeforeAnythingIsDone(t *testing.T) {
	w := newWorld(t)
	for accept, ok := range map[string]bool{
		"": true, "*/*": true, "application/json": true, "APPLICATION/JSON; charset=utf-8": true, "application/*": true, "text/html, */*;q=0.1": true, "application/problem+json": true,
		"text/html": false, "application/xml, text/*": false, "application/json;q=0": false, "*/*, application/json;q=0": false, "image/*": false, "text/html, application/json ; q=0.5": true,
		"application/json;q=x": true, ",": false, ";": false,
	} {
		got := w.as(alice, "POST", "/videos", with("title", "x"), "Accept", accept)
		if ok {
			var made videoBody
			got.into(t, 201, &made)
			continue
		}
		got.problem(t, contract.CodeNotAcceptable, "")
	}
}

func TestABodyOfAnotherKindIsRefused(t *testing.T) {
	w := newWorld(t)
	for kind, ok := range map[string]bool{
		"application/json": true, "application/json; charset=UTF-8": true, "APPLICATION/JSON": true, "application/vnd.x+json": true, "": true,
		"text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false, "application/xml": false, "json/": false, "application/json+": false, ";": false,
	} {
		got := w.as(alice, "POST", "/videos", with("title", "x"), "Content-Type", kind)
		if ok {
			var made videoBody
			got.into(t, 201, &made)
			continue
		}
		got.problem(t, contract.CodeBodyTypeUnsupported, "")
	}
}

func TestAFaultInAHandlerIsAProblemAndIsLogged(t *testing.T) {
	w := newWorld(t)
	w.api.Lists = nil // a nil interface: calling it panics
	problem := w.as(alice, "GET", "/videos", "").problem(t, contract.CodeInternal, "")
	if !strings.Contains(problem.Detail, "request-1") || !strings.Contains(w.log.String(), "request-1") || !strings.Contains(w.log.String(), "stack=") {
		t.Errorf("detail %q, log %s", problem.Detail, w.log)
	}
}

func TestTheDocumentIsServedWithTheDeploymentsLimits(t *testing.T) {
	w := newWorld(t)
	size := func() float64 {
		var doc struct {
			OpenAPI    string
			Components struct {
				Schemas map[string]struct {
					Properties map[string]struct{ Maximum float64 }
				}
			}
		}
		got := w.as(alice, "GET", "/openapi.json", "")
		if err := json.Unmarshal([]byte(got.text), &doc); err != nil || got.status != 200 || doc.OpenAPI != "3.1.0" || got.header.Get("Content-Type") != "application/json" {
			t.Fatalf("%d, %v, %v", got.status, got.header, err)
		}
		return doc.Components.Schemas["NewVideo"].Properties["size"].Maximum
	}
	if got := size(); got != 100*mib {
		t.Errorf("size ends at %f", got)
	}
	w.api.MaxBytes = 50 << 30
	if got := w.as(alice, "GET", "/openapi.json", ""); got.text != string(apidoc.Document) {
		t.Error("with the limits of every deployment it is not the embedded document")
	}
}

// routes is the document, as far as the tests look at it.
type document struct {
	Paths map[string]map[string]struct {
		OperationID string
		Parameters  []struct{ Name, In string }
		RequestBody json.RawMessage
		Responses   map[string]struct {
			Ref string `json:"$ref"`
		}
	}
	Components struct {
		Responses map[string]struct {
			Content map[string]struct {
				Examples map[string]struct{ Value contract.Problem }
			}
		}
		Schemas map[string]json.RawMessage
	}
}

func readDocument(t *testing.T) (doc document) {
	t.Helper()
	if err := json.Unmarshal(apidoc.Document, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestEveryRouteOfTheDocumentIsAnswered(t *testing.T) {
	w := newWorld(t)
	routes := apidoc.Routes()
	if len(routes) != 12 {
		t.Errorf("%d routes", len(routes))
	}
	for _, route := range routes {
		got := w.as(alice, route.Method, strings.ReplaceAll(route.Path, "{id}", unknownID), "")
		if strings.Contains(got.text, string(contract.CodeRouteUnknown)) || got.status == 405 || got.status >= 500 {
			t.Errorf("%s %s: %d %s", route.Method, route.Path, got.status, got.text)
		}
		public := w.as("", route.Method, strings.ReplaceAll(route.Path, "{id}", unknownID), "").status != 401
		if public != route.Public || route.Public != (route.Path == "/healthz") {
			t.Errorf("%s %s is public: %v, documented: %v", route.Method, route.Path, public, route.Public)
		}
	}
}

func TestEveryProblemOfTheAPIIsInTheDocumentUnderItsStatus(t *testing.T) {
	doc := readDocument(t)
	seen := map[contract.Code]bool{}
	for name, response := range doc.Components.Responses {
		for code, example := range response.Content["application/problem+json"].Examples {
			if p := example.Value; string(p.Code) != code || !strings.HasPrefix(name, "Error"+string(rune('0'+p.Status/100))) || p.Detail == "" {
				t.Errorf("%s has %s: %+v", name, code, p)
			}
			seen[contract.Code(code)] = true
		}
	}
	notInDocument := []contract.Code{contract.CodeRouteUnknown, contract.CodeMethodNotAllowed} // of no route
	for _, info := range contract.APICodes {
		if seen[info.Code] == slices.Contains(notInDocument, info.Code) {
			t.Errorf("%s is in the document: %v", info.Code, seen[info.Code])
		}
	}
}

func TestTheDocumentNamesEveryParameterAndHeaderOfEveryRoute(t *testing.T) {
	for path, methods := range readDocument(t).Paths {
		for method, op := range methods {
			var names []string
			for _, parameter := range op.Parameters {
				names = append(names, parameter.Name)
			}
			if strings.Contains(path, "{id}") != slices.Contains(names, "id") || op.OperationID == "" {
				t.Errorf("%s %s has the parameters %v", method, path, names)
			}
			if method == "get" != (op.RequestBody == nil) && method != "delete" {
				t.Errorf("%s %s has a body: %s", method, path, op.RequestBody)
			}
			for _, status := range []string{"401", "403", "429", "500", "503"} {
				if path != "/healthz" && op.Responses[status].Ref == "" {
					t.Errorf("%s %s has no %s", method, path, status)
				}
			}
		}
	}
}

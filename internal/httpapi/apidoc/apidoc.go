// Package apidoc has the OpenAPI document of the REST API and the routes in
// it. The document is made of the handlers' types, and a test holds the two
// together; the gateway's routes are made of the document.
package apidoc

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
)

// Document is the OpenAPI 3.1 document.
//
//go:embed openapi.json
var Document []byte

// Route is one route of the document.
type Route struct {
	Method string
	Path   string // as in /videos/{id}
	Public bool   // open to everyone, without authorization
}

// Routes are all routes of the document, by path and method.
func Routes() []Route {
	var doc struct {
		Paths map[string]map[string]struct {
			Security *[]map[string][]string
		}
	}
	if err := json.Unmarshal(Document, &doc); err != nil {
		panic("openapi.json: " + err.Error()) // the tests read the same file
	}
	var routes []Route
	for path, methods := range doc.Paths {
		for method, op := range methods {
			public := op.Security != nil && len(*op.Security) == 0
			routes = append(routes, Route{Method: strings.ToUpper(method), Path: path, Public: public})
		}
	}
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return routes
}

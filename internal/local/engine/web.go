package engine

import (
	"encoding/json"
	"net/http"
	"path/filepath"

	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/gateway"
)

func (e *Engine) newAPI(plane *controlplane.Server) (*gateway.Server, error) {
	handler, err := gateway.API{ControlPlane: e.Ports.ControlPlaneURL(), Dial: plane.Dial, ID: e.apiID, Log: e.log("api")}.Handler()
	return &gateway.Server{
		Name: "API", Address: address(e.Ports.API), Handler: e.guardAPI(e.identified(handler)), MaxHeader: gateway.MaxHeader,
	}, err
}

func (e *Engine) newPage() *gateway.Server {
	page := gateway.Page{
		HTML:   filepath.Join(e.Root, "web", "index.html"),
		Player: filepath.Join(e.Root, "node_modules", "hls.js", "dist", "hls.min.js"),
		API:    e.firstAPI,
	}
	return &gateway.Server{Name: "page", Address: address(e.Ports.Page), Handler: e.guardPage(e.identified(page.Handler()))}
}

// identified answers for the engine itself where somebody asks whose port
// it is.
func (e *Engine) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != identityPath {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(e.control("")); err != nil {
			e.Log.Warn("nobody heard who listens here", "error", err)
		}
	})
}

// apiID is the id that the control plane knows a stack's API by.
func (e *Engine) apiID(stack string) (string, bool) {
	for _, s := range e.stacks() {
		if s.Name == stack && s.API != "" {
			return s.API, true
		}
	}
	return "", false
}

// firstAPI is where the page goes by itself: the first stack with an API.
func (e *Engine) firstAPI() (string, bool) {
	for _, s := range e.stacks() {
		if s.API != "" {
			return e.Ports.APIURL(s.Name), true
		}
	}
	return "", false
}

// stacks are those that are deployed, by name.
func (e *Engine) stacks() []deploy.Stack {
	stacks, err := deploy.LoadAll(e.Home)
	if err != nil {
		e.Log.Warn("what is deployed cannot be read", "error", err)
	}
	return stacks
}

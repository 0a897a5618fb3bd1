package engine

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/local/deploy"
	"github.com/vodstack/vodstack/internal/local/guard"
)

// issuedKeysFile holds the keys that STS and IAM have handed out.
const issuedKeysFile = "issued-keys.json"

// newKeyring has the home's key and those that were handed out for it.
func (e *Engine) newKeyring() *guard.Keyring {
	return &guard.Keyring{
		Root: aws.Credentials{AccessKeyID: AccessKey, SecretAccessKey: e.secretKey},
		File: filepath.Join(e.Home, issuedKeysFile), Log: e.log("keys"),
	}
}

// services guards the ports of AWS's services: not for pages, and every
// request is signed.
func (e *Engine) services(name string, port int) guard.Guard {
	return guard.Guard{Name: name, Port: port, Hosts: e.Hosts}
}

func (e *Engine) guardControlPlane(plane *controlplane.Server) http.Handler {
	proxy := plane.Proxy()
	signed := guard.Verifier{Key: e.keys.Find}.Require(e.keys.Watch(proxy))
	return e.services("the control plane", e.Ports.ControlPlane).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if controlplane.Unsigned(r) {
			proxy.ServeHTTP(w, r)
			return
		}
		signed.ServeHTTP(w, r)
	}))
}

func (e *Engine) guardMediaConvert(routes http.Handler) http.Handler {
	return e.services("MediaConvert", e.Ports.MediaConvert).Wrap(guard.Verifier{Key: e.keys.Find}.Require(routes))
}

// guardStore leaves signatures to the store, which verifies them by itself.
func (e *Engine) guardStore(next http.Handler) http.Handler {
	return guard.Guard{
		Name: "S3", Port: e.Ports.Store, Subdomains: true, Hosts: e.Hosts, Origin: e.anyStackAllows, Embed: guard.Presigned,
	}.Wrap(next)
}

func (e *Engine) guardDelivery(next http.Handler) http.Handler {
	g := guard.Guard{Name: "delivery", Port: e.Ports.Delivery, Hosts: e.Hosts, Origin: e.anyStackAllows, Embed: guard.Media}
	return g.Wrap(g.Owner(next))
}

// guardAPI verifies what is signed; whether it must be is the stack's setting,
// which the control plane knows.
func (e *Engine) guardAPI(next http.Handler) http.Handler {
	allowed := func(r *http.Request, origin string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		for _, s := range e.stacks() {
			if s.Name == name {
				return e.allows(s, origin)
			}
		}
		return e.isPage(origin)
	}
	g := guard.Guard{Name: "the API", Port: e.Ports.API, Hosts: e.Hosts, Origin: allowed}
	return g.Wrap(g.Owner(guard.Verifier{Key: e.keys.Find}.Check(next)))
}

func (e *Engine) guardPage(next http.Handler) http.Handler {
	nobody := func(*http.Request, string) bool { return false }
	g := guard.Guard{Name: "the page", Port: e.Ports.Page, Hosts: e.Hosts, Origin: nobody, Embed: guard.Links}
	return g.Wrap(g.Owner(next))
}

func (e *Engine) anyStackAllows(_ *http.Request, origin string) bool {
	return e.isPage(origin) || slices.ContainsFunc(e.stacks(), func(s deploy.Stack) bool { return e.allows(s, origin) })
}

// isPage tells whether an origin is the engine's own page, or that of a proxy
// in front of it.
func (e *Engine) isPage(origin string) bool {
	port, ok := guard.LoopbackOrigin(origin)
	return ok && port == e.Ports.Page || guard.HostOrigin(e.Hosts, origin)
}

// allows tells whether a stack lets pages of an origin ask. The default of
// corsOrigins is "*", which is safe on AWS, where an open API is a decision.
// Here the API is open by default: unless somebody has written the asterisk,
// it stands for the pages of this machine.
func (e *Engine) allows(s deploy.Stack, origin string) bool {
	if e.isPage(origin) || slices.Contains(s.Origin.CORS.Origins, origin) || s.Setting("corsOrigins") == "*" {
		return true
	}
	// What storage and delivery serve is other people's files, no application.
	port, ok := guard.LoopbackOrigin(origin)
	return ok && !slices.Contains(e.Ports.all(), port) && slices.Contains(s.Origin.CORS.Origins, "*")
}

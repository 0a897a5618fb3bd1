package browser

import (
	"context"

	"github.com/vodstack/vodstack/test/rig"
)

// An Attack is a page of http://evil.test, and the addresses that it tries by
// everything a page can do.
type Attack struct {
	// Rebound runs the attack on the door's own host and port, which is then
	// one below .test; every such host is this machine.
	Rebound bool   `json:"rebound,omitempty"`
	Doors   []Door `json:"doors"`
}

// A Door is an address that a page tries.
type Door struct {
	Name    string            `json:"name"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"` // where the browser asks before
	Body    string            `json:"body,omitempty"`
}

// Attacked is what the browser saw of an attack.
type Attacked struct {
	Answers []Answer            `json:"answers"`
	Read    map[string][]string `json:"read"` // what the page could read, by door
}

// An Answer is one that the browser got, whether or not the page could read it.
type Answer struct {
	Door        string `json:"door"`
	Method      string `json:"method"`
	Kind        string `json:"kind"` // such as fetch, document, image
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Host        string `json:"host"`
}

// RunAttacks carries out the attacks in one browser, in order.
func RunAttacks(ctx context.Context, attacks []Attack) ([]Attacked, error) {
	root, err := rig.Root()
	if err != nil {
		return nil, err
	}
	return script[Attacked](ctx, root, "attack.mjs", attacks)
}

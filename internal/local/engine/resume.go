package engine

import "github.com/vodstack/vodstack/internal/local/controlplane"

// resumption lets the executions of the last run go on, once every part that
// they need answers. It is the last part to start.
type resumption struct{ control *controlplane.Server }

func (r resumption) Initialize() error { return r.control.Resume() }

func (resumption) Close() {}

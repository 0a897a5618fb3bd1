package examples

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/rig"
)

// world is the one engine that all examples share, as applications do, and a
// clone of the repository to type their commands in.
var world struct {
	stack *rig.Stack
	clone string
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "vod-examples-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		return 1
	}
	engine, err := rig.NewEngine(filepath.Join(dir, "home"), "vod")
	if err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		return 1
	}
	if err := start(engine, dir); err != nil {
		fmt.Fprintln(os.Stderr, "examples: start the engine:", errors.Join(err, stop(engine)))
		return 1
	}
	code = m.Run()
	if err := stop(engine); err != nil {
		fmt.Fprintln(os.Stderr, "examples: stop the engine:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintln(os.Stderr, "examples: the engine's logs and state are kept in", dir)
		return code
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		return 1
	}
	return 0
}

func start(engine *rig.Engine, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var err error
	world.clone = filepath.Join(dir, "clone")
	if err := makeClone(engine.Root, world.clone); err != nil {
		return err
	}
	if _, err := engine.Up(ctx); err != nil {
		return err
	}
	world.stack, err = rig.Join(ctx, engine)
	return err
}

// stop ends the engine and asks that nothing of it is left.
func stop(engine *rig.Engine) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	_, failed := engine.Down(ctx)
	return errors.Join(failed, engine.NothingLeft())
}

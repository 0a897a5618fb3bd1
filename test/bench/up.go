package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vodstack/vodstack/test/rig"
)

// upTimes times `make up` as a new user meets it: in a fresh clone of the last
// commit with the package managers' downloads at hand but nothing built, in a
// second fresh clone with everything built before, and there once more after
// `make down`.
func upTimes(ctx context.Context, b *bench) error {
	if err := b.pause(); err != nil {
		return err
	}
	root, err := rig.Root()
	if err != nil {
		return err
	}
	cache := filepath.Join(b.dir, "build-cache")
	first, err := clone(ctx, root, filepath.Join(b.dir, "first"))
	if err != nil {
		return err
	}
	defer first.down()
	cold, err := first.up(ctx, cache)
	if err != nil {
		return err
	}
	if err := first.down(); err != nil {
		return err
	}
	second, err := clone(ctx, root, filepath.Join(b.dir, "second"))
	if err != nil {
		return err
	}
	defer second.down()
	warm, err := second.up(ctx, cache)
	if err != nil {
		return err
	}
	if err := second.down(); err != nil {
		return err
	}
	again, err := second.up(ctx, cache)
	if err != nil {
		return err
	}
	add := func(name string, took, limit time.Duration, target string) {
		b.report.promise("make up: "+name, fmt.Sprintf("%.1f s", took.Seconds()), target, took <= limit)
	}
	add("fresh clone, warm downloads, cold build cache", cold, 6*time.Minute, "≤ 6 min")
	add("fresh clone, both warm", warm, 90*time.Second, "≤ 90 s")
	add("again after make down", again, 15*time.Second, "≤ 15 s")
	return second.down()
}

// a checkout is a fresh clone with an engine's ports of its own.
type checkout struct {
	dir    string
	engine *rig.Engine
	env    []string
}

func clone(ctx context.Context, root, dir string) (*checkout, error) {
	out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", root, dir).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("clone: %w: %s", err, out)
	}
	engine, err := rig.NewEngine(filepath.Join(dir, ".vod"), "vod")
	if err != nil {
		return nil, err
	}
	return &checkout{dir: dir, engine: engine}, nil
}

// up times `make up` with this folder as Go's build cache.
func (c *checkout) up(ctx context.Context, cache string) (time.Duration, error) {
	say("make up in %s", filepath.Base(c.dir))
	c.env = append(c.engine.Variables(), "GOCACHE="+cache)
	began := time.Now()
	err := c.make(ctx, "up")
	return time.Since(began), err
}

func (c *checkout) make(ctx context.Context, target string) error {
	cmd := exec.CommandContext(ctx, "make", target)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make %s: %w: %s", target, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (c *checkout) down() error { return c.make(context.Background(), "down") }

// Command bench measures what the project promises in numbers, and prints
// each figure beside its target.
//
//	go run ./test/bench                      all of it
//	go run ./test/bench -only cost,latency   some of its parts
//
// Everything is measured in one run, against a baseline that runs in between,
// so that a busy machine slows both.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// a part measures some figures and adds them to the report.
type part struct {
	name    string
	measure func(context.Context, *bench) error
}

var parts = []part{
	{"functions", functions}, {"cost", cost}, {"latency", latency}, {"encode", encodeRatio}, {"events", events},
	{"api-cold", apiCold}, {"api", apiWarm}, {"list", listReads}, {"throughput", throughput}, {"up", upTimes},
}

// bench is what the parts share.
type bench struct {
	dir       string
	engine    *rig.Engine
	stack     *rig.Stack
	topic     *rig.Listener
	clips     *clips.Maker
	report    report
	functions string // folder with a folder for each function's binary
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	only := flags.String("only", "", "comma-separated parts: "+strings.Join(names, ", ")+"; empty for all")
	binaries := flags.String("functions", filepath.Join("dist", "lambdas", runtime.GOARCH), "folder whose functions the part of that name measures, such as those of an older build")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted := names
	if *only != "" {
		wanted = strings.Split(*only, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no part %q; these are: %s", name, strings.Join(names, ", "))
		}
	}
	dir, err := os.MkdirTemp("", "vod-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, clips: &clips.Maker{Dir: dir}, functions: *binaries}
	defer b.close()
	var failed []error // a part that fails keeps none of the others' figures back
	for _, p := range parts {
		if !slices.Contains(wanted, p.name) {
			continue
		}
		if err := p.measure(ctx, b); err != nil {
			failed = append(failed, fmt.Errorf("measure %s: %w", p.name, err))
		}
	}
	return errors.Join(b.report.print(os.Stdout), errors.Join(failed...))
}

// open starts the engine for the first part that needs it.
func (b *bench) open(ctx context.Context) error {
	if b.stack != nil {
		return nil
	}
	engine, err := rig.NewEngine(filepath.Join(b.dir, "home"), "vod")
	if err != nil {
		return err
	}
	engine.Proxied = true // by counters of calls
	b.engine = engine
	say("starting an engine")
	if _, err := engine.Up(ctx); err != nil {
		return err
	}
	if b.stack, err = rig.Join(ctx, engine); err != nil {
		return errors.Join(err, b.pause())
	}
	b.topic, err = b.stack.Subscribe(ctx, "bench", rig.Subscription{Raw: true})
	return err
}

// pause stops the engine while something else is measured.
func (b *bench) pause() error {
	if b.engine == nil {
		return nil
	}
	if b.topic != nil {
		b.topic.Close()
	}
	_, err := b.engine.Down(context.Background())
	b.engine, b.stack, b.topic = nil, nil, nil
	return err
}

func (b *bench) close() {
	if err := b.pause(); err != nil {
		fmt.Fprintln(os.Stderr, "bench: stop the engine:", err)
	}
}

// say tells the person who waits what is going on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }

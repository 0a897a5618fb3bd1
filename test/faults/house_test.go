package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
	"github.com/vodstack/vodstack/test/rig"
)

const (
	stackName = "vod"
	// diskBytes is the size of the home's own disk.
	diskBytes = 1200 << 20
	// singleBytes is the largest video that goes by one PUT, so that small ones
	// can go in parts.
	singleBytes = 5 << 20
	// vodPatience is how long one command of the tool may take.
	vodPatience = 6 * time.Minute
)

// A house is where the engine of the scenarios lives. A scenario that damages
// it for good leaves the next one a new engine.
type house struct {
	dir   string
	homes int
	clips *clips.Maker
	// noDisk is why the home has no small disk of its own.
	noDisk error

	engine *rig.Engine
	stack  *rig.Stack
	api    *rest.Client
	topic  *rig.Listener
}

func newHouse() (*house, error) {
	dir, err := os.MkdirTemp("", "vod-faults-")
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir, clips: &clips.Maker{Dir: filepath.Join(dir, "clips")}}
	return h, os.MkdirAll(h.clips.Dir, 0o755)
}

// enter starts an engine with an empty home, unless one is there.
func (h *house) enter(ctx context.Context) error {
	if h.engine != nil {
		return nil
	}
	h.homes++
	home := filepath.Join(h.dir, "home-"+strconv.Itoa(h.homes))
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	if h.noDisk = syscall.Mount("vod-faults", home, "tmpfs", 0, "mode=0700,size="+strconv.Itoa(diskBytes)); h.noDisk != nil {
		h.noDisk = fmt.Errorf("a small disk cannot be mounted: %w", h.noDisk)
	}
	var err error
	if h.engine, err = rig.NewEngine(filepath.Join(home, "vod"), stackName); err != nil {
		return err
	}
	h.engine.Proxied = true // by the line that loses answers
	if err := h.up(ctx); err != nil {
		return err
	}
	h.topic, err = h.stack.Subscribe(ctx, "faults", rig.Subscription{Raw: true})
	return err
}

// up is "vod up", and everything that a client knows anew.
func (h *house) up(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, vodPatience)
	defer cancel()
	// One owner uploads all of it.
	if _, err := h.engine.Up(ctx, "-c", "uploadSinglePutMaxBytes="+strconv.Itoa(singleBytes), "-c", "maxOpenUploads=1000", "-c", "maxEncodes=1000"); err != nil {
		return err
	}
	stack, err := rig.Join(ctx, h.engine)
	if err != nil {
		return err
	}
	h.stack = stack
	if h.api == nil { // uploads go on meanwhile, and the URL stays
		h.api = &rest.Client{URL: stack.Outputs["ApiUrl"]}
	}
	return nil
}

// leave stops the engine; its home goes unless it is kept for a look.
func (h *house) leave(keep bool) error {
	if h.engine == nil {
		return nil
	}
	if h.topic != nil {
		h.topic.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), vodPatience)
	defer cancel()
	_, err := h.engine.Down(ctx)
	err = errors.Join(err, h.engine.NothingLeft(), h.sweepOut())
	home := filepath.Dir(h.engine.Home)
	if keep {
		// What is on the small disk goes with it.
		err = errors.Join(err, os.CopyFS(home+"-logs", os.DirFS(filepath.Join(h.engine.Home, "logs"))))
	}
	if h.noDisk == nil {
		err = errors.Join(err, syscall.Unmount(home, syscall.MNT_DETACH))
	}
	h.engine, h.stack, h.api, h.topic = nil, nil, nil, nil
	return errors.Join(err, os.RemoveAll(home))
}

// sweepOut ends what a damaged engine has left running.
func (h *house) sweepOut() error {
	left, err := h.engine.Processes()
	return errors.Join(err, killAll(left))
}

func (h *house) close(passed bool) error {
	if err := h.leave(!passed); err != nil {
		return err
	}
	if !passed {
		fmt.Fprintln(os.Stderr, "faults: the engines' logs are kept in", h.dir)
		return nil
	}
	return os.RemoveAll(h.dir)
}

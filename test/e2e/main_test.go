package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
	"github.com/vodstack/vodstack/test/rig"
)

// The tests share two engines, since a deploy takes longer than most of them:
// videos has the stack vod as it is by default; meta has vodmeta, which is
// triggered by metadata files, makes every kind of output and gives up on an
// encode after a minute. The API of vod is open; that of vodmeta wants JWTs of
// the issuer, hands out URLs that live shortly, and has low limits. That the
// two run beside each other is part of what is tested.
var world struct {
	root   string
	videos *site
	meta   *site
	clips  *clips.Maker
	issuer *rest.Issuer
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Subtests mostly wait for the engine; the default would run as many at
	// once as there are cores.
	if err := flag.Set("test.parallel", "64"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "vod-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	if err := start(dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: start the engines:", errors.Join(err, stop()))
		return 1
	}
	code = m.Run()
	for _, s := range []*site{world.videos, world.meta} {
		s.close()
	}
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: stop the engines:", err)
		code = 1
	}
	if err := errors.Join(world.videos.endRecord(), world.meta.endRecord()); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the record of the run is not complete:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintln(os.Stderr, "e2e: the engines' logs and state are kept in", dir)
		return code
	}
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return 0
}

// start brings up both engines and listens to their stacks.
func start(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	world.clips = &clips.Maker{Dir: filepath.Join(dir, "clips")}
	if err := os.MkdirAll(world.clips.Dir, 0o755); err != nil {
		return err
	}
	var err error
	if world.root, err = rig.Root(); err != nil {
		return err
	}
	if world.videos, err = open(ctx, dir, "vod"); err != nil {
		return err
	}
	if world.issuer, err = rest.NewIssuer(); err != nil {
		return err
	}
	world.meta, err = open(ctx, dir, "vodmeta", "-c", "trigger=MetadataFile", "-c", "encodeCheckSeconds=25", "-c", "encodeDeadlineMinutes=1", "-c", "queueDeadlineMinutes=60",
		"-c", "outputs=CMAF,HLS,DASH,MP4",
		"-c", "jwtIssuer="+world.issuer.URL, "-c", "jwtAudience="+rest.Audience, "-c", "jwtScopes="+rest.Scope,
		"-c", "uploadUrlSeconds=20", "-c", "uploadSinglePutMaxBytes=5242880", "-c", "uploadMaxBytes=67108864")
	return err
}

// stop ends the engines and asks that nothing of them is left.
func stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var failed []error
	for _, e := range engines {
		if _, err := e.Down(ctx); err != nil {
			failed = append(failed, err)
		}
		failed = append(failed, e.NothingLeft())
	}
	return errors.Join(failed...)
}

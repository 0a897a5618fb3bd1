package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// What is asked before the first event would be asked in vain, and for each
// cold start; what is not ready by then is made in a small share of a core.
func TestEveryFunctionIsConnectedBeforeItsFirstEventAndHasAskedNothing(t *testing.T) {
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-buildvcs=false", "-tags", "lambda.norpc", "-o", dir, "./lambdas/...")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	deployed, err := deployments()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCloud(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	calls, err := plainCalls(t.Context(), &clips.Maker{Dir: dir}, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range calls {
		t.Run(one.name, func(t *testing.T) {
			c.tell(one.about)
			opened, asked := c.opened.Load(), c.asked.Load()
			env := slices.Concat(deployed[one.name].env, c.env, overrides)
			f, err := startFunction(t.Context(), filepath.Join(dir, one.name), env, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.stop(nil) }()
			if c.asked.Load() != asked || c.opened.Load() == opened {
				t.Errorf("%d requests and %d connections before the first event", c.asked.Load()-asked, c.opened.Load()-opened)
			}
			if answer, err := f.call(one.event); err != nil {
				t.Errorf("%s: %v", answer.body, err)
			}
			if c.asked.Load() == asked {
				t.Error("the call asked nothing")
			}
		})
	}
}

func TestTheAPIStartsWithTheEnvironmentThatItIsMeasuredWith(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "api")
	build := exec.Command("go", "build", "-buildvcs=false", "-tags", "lambda.norpc", "-o", binary, "github.com/vodstack/vodstack/lambdas/api")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	env, err := apiEnvironment("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	f, err := startFunction(t.Context(), binary, env, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.stop(nil) }()
	answer, err := f.call(httpEvent(http.MethodGet, "/healthz", "", "", "someone"))
	if err != nil || !strings.Contains(string(answer.body), `"statusCode":200`) {
		t.Errorf("%s: %v", answer.body, err)
	}
}

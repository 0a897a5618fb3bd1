package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/vodstack/vodstack/internal/local/transcode"
	"github.com/vodstack/vodstack/test/rig"
)

// busyLoops are what TestThePipelinesStreamPlaysToItsEndInEveryPlayer runs
// beside many plays.
const busyLoops = 6

// Each player plays the stream once, or VOD_TEST_PLAYS times on a busy machine:
//
//	VOD_TEST_PLAYS=100 go test ./test/browser -run PlaysToItsEndInEveryPlayer -timeout 1h
//
// A player that goes by the manifest's length, as dash.js does, then finds
// that the media are not over yet; VOD_TEST_PLAYER=dash plays in one player
// alone.
func TestThePipelinesStreamPlaysToItsEndInEveryPlayer(t *testing.T) {
	count := 1
	if many := os.Getenv("VOD_TEST_PLAYS"); many != "" {
		var err error
		if count, err = strconv.Atoi(many); err != nil || count < 1 {
			t.Fatalf("VOD_TEST_PLAYS is %q, not a number of plays", many)
		}
	}
	url := carStream(t)
	var plays []Play
	for _, p := range []Play{{Player: DASH, URL: url + ".mpd"}, {Player: HLS, URL: url + ".m3u8"}, {Player: Shaka, URL: url + ".mpd"}} {
		if only := os.Getenv("VOD_TEST_PLAYER"); only != "" && only != p.Player {
			continue
		}
		p.Expect = Expect{Levels: new(3), Size: "768x432", Seconds: 30.16}
		for n := range count {
			p.Name = fmt.Sprintf("%s, play %d", p.Player, n+1)
			plays = append(plays, p)
		}
	}
	if count > 1 {
		busy(t)
	}
	results, err := Run(t.Context(), plays)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if !result.OK {
			t.Errorf("%s: %s", result.Name, strings.Join(result.Problems, "; "))
		}
	}
}

// busy runs loops beside the test that want a processor each.
func busy(t *testing.T) {
	t.Helper()
	for range busyLoops {
		loop := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
		// A test that is killed leaves no loop behind.
		loop.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := loop.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = loop.Wait() }) // the context is done by now
	}
}

// carStream encodes the car clip as the pipeline has it done, and serves it.
// It returns the address of the manifests without their extension.
func carStream(t *testing.T) string {
	t.Helper()
	result, err := (&transcode.Transcoder{}).Run(t.Context(), transcode.Job{
		Settings: carSettings(t), Dir: t.TempDir(),
		Inputs: []transcode.Input{{Path: filepath.Join(media(t), "car-768x432-aac.mp4")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	served, manifest := t.TempDir(), ""
	for _, file := range result.Files {
		_, key, _ := strings.Cut(strings.TrimPrefix(file.URI, "s3://"), "/")
		path := filepath.Join(served, key)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file.Path, path); err != nil {
			t.Fatal(err)
		}
		if before, isMPD := strings.CutSuffix(key, ".mpd"); isMPD {
			manifest = before
		}
	}
	return serve(t, served) + "/" + manifest
}

// carSettings are the pipeline's own for the clip.
func carSettings(t *testing.T) *transcode.Settings {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, "internal/encoding/testdata/golden/car-432-lines.json"))
	if err != nil {
		t.Fatal(err)
	}
	var request struct {
		Settings json.RawMessage `json:"settings"`
	}
	if err := json.Unmarshal(data, &request); err != nil {
		t.Fatal(err)
	}
	settings, err := transcode.Check(request.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

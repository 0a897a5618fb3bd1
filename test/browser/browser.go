// Package browser plays streams in a real browser, with the players that
// applications use, and says whether each reached its end.
package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/vodstack/vodstack/test/rig"
)

// The players, as Play.Player names them.
const (
	HLS    = "hls"    // hls.js
	Shaka  = "shaka"  // Shaka Player, HLS and DASH
	DASH   = "dash"   // dash.js
	Native = "native" // the browser's own <video>
)

// A Play is one stream in one player.
type Play struct {
	Name   string `json:"name,omitempty"`
	Player string `json:"player"`
	URL    string `json:"url"`
	// VisitAll shows every rung in turn instead of the tallest only.
	VisitAll bool `json:"visitAll,omitempty"`
	// StallMilliseconds is how long the picture may stand still, 0 for
	// the harness's own 8 s.
	StallMilliseconds int    `json:"stallMilliseconds,omitempty"`
	Expect            Expect `json:"expect"`
}

// Expect is what a stream must show; what is left out is not asked.
type Expect struct {
	Levels *int     `json:"levels,omitempty"` // rungs
	Sounds *int     `json:"sounds,omitempty"` // sound tracks to choose from
	Size   string   `json:"size,omitempty"`   // of the picture at the end, such as 768x432
	Sizes  []string `json:"sizes,omitempty"`  // all shown on the way
	// Seconds is the stream's length.
	Seconds float64 `json:"seconds,omitempty"`
	// FrameRate asks that nine in ten of the stream's frames were decoded;
	// a browser jumps over a hole in an MP4 without a word.
	FrameRate float64 `json:"frameRate,omitempty"`
	// Sound asks that sound was decoded.
	Sound bool `json:"sound,omitempty"`
	// SoundOnly is a stream without a picture.
	SoundOnly bool `json:"soundOnly,omitempty"`
	// Still is a picture that may be black or never change.
	Still bool `json:"still,omitempty"`
}

// A Result is what the browser saw.
type Result struct {
	Name        string   `json:"name"`
	Player      string   `json:"player"`
	URL         string   `json:"url"`
	OK          bool     `json:"ok"`
	Problems    []string `json:"problems"`
	Ended       bool     `json:"ended"`
	Levels      []Level  `json:"levels"`
	Sounds      []string `json:"sounds"`
	Sizes       []string `json:"sizes"`
	Duration    float64  `json:"duration"` // seconds
	CurrentTime float64  `json:"currentTime"`
}

// Level is one rung as the player lists it, smallest first.
type Level struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Codecs string `json:"codecs"`
}

// Run plays all in one browser and returns a result for each, in order. A
// stream with problems is a result, not an error.
func Run(ctx context.Context, plays []Play) ([]Result, error) {
	root, err := rig.Root()
	if err != nil {
		return nil, err
	}
	return script[Result](ctx, root, "play.mjs", plays)
}

// script gives a list to a harness and returns what it saw of each.
func script[Out, In any](ctx context.Context, root, name string, list []In) ([]Out, error) {
	input, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("describe what to do in the browser: %w", err)
	}
	cmd := exec.CommandContext(ctx, "node", filepath.Join(root, "test", "browser", name))
	cmd.Stdin = bytes.NewReader(input)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Exit code 1 says that some stream has problems, which the results tell.
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return nil, fmt.Errorf("%s in the browser: %w: %s", name, err, stderr.String())
	}
	return decode[Out](&stdout, len(list))
}

func decode[Out any](stdout *bytes.Buffer, want int) ([]Out, error) {
	results := make([]Out, 0, want)
	for decoder := json.NewDecoder(stdout); decoder.More(); {
		var result Out
		if err := decoder.Decode(&result); err != nil {
			return nil, fmt.Errorf("read the browser's results: %w", err)
		}
		results = append(results, result)
	}
	if len(results) != want {
		return nil, fmt.Errorf("the browser reported on %d of %d", len(results), want)
	}
	return results, nil
}

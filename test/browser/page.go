package browser

import (
	"context"

	"github.com/vodstack/vodstack/test/rig"
)

// A Visit is one file given to the page to try a stack with.
type Visit struct {
	Page  string `json:"page"` // URL
	File  string `json:"file"`
	Title string `json:"title,omitempty"`
	// Drop drops the file instead of choosing it.
	Drop bool `json:"drop,omitempty"`
	// ReloadAtPercent reloads the page when the upload is so far, and chooses
	// the file again.
	ReloadAtPercent int `json:"reloadAtPercent,omitempty"`
	// UploadBytesPerSecond is the line's speed, 0 for this machine's own.
	UploadBytesPerSecond int `json:"uploadBytesPerSecond,omitempty"`
	// Screenshot is a file for a picture of the page at the end.
	Screenshot string `json:"screenshot,omitempty"`
	// PatienceMilliseconds is how long all may take, 0 for two minutes.
	PatienceMilliseconds int `json:"patienceMilliseconds,omitempty"`
}

// Visited is what the page showed.
type Visited struct {
	State  string   `json:"state"` // done or failed
	Steps  []Step   `json:"steps"`
	Name   string   `json:"name"`
	Error  string   `json:"error"`
	Links  []string `json:"links"`
	Played *Played  `json:"played"` // nil when nothing was
	// Ran is what should not have: dialogs, and scripts that failed.
	Ran            []string `json:"ran"`
	FailedRequests []string `json:"failedRequests"`
}

// Step is a moment of the page.
type Step struct {
	State   string  `json:"state"`
	Percent float64 `json:"percent"`
}

// Played is what the page's player showed.
type Played struct {
	Ended       bool    `json:"ended"`
	CurrentTime float64 `json:"currentTime"` // seconds
	Duration    float64 `json:"duration"`    // seconds
	Width       int     `json:"width"`
	Height      int     `json:"height"`
	Poster      string  `json:"poster"`
}

// Between counts the different percentages above 0 and below 100 that a state
// has shown.
func (v Visited) Between(state string) int {
	seen := map[float64]bool{}
	for _, step := range v.Steps {
		if step.State == state && step.Percent > 0 && step.Percent < 100 {
			seen[step.Percent] = true
		}
	}
	return len(seen)
}

// RunPage makes the visits in one browser, all at once, and tells of each in
// order.
func RunPage(ctx context.Context, visits []Visit) ([]Visited, error) {
	root, err := rig.Root()
	if err != nil {
		return nil, err
	}
	return script[Visited](ctx, root, "page.mjs", visits)
}

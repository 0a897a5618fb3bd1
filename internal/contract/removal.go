package contract

import (
	"encoding/json"
	"time"
)

// OutputRemoval is a message of the work queue: a video has failed, and what
// its job has written is to be removed.
type OutputRemoval struct {
	GUID     string `json:"guid"`
	Redrives int    `json:"redrives,omitempty"` // of the run that failed
	Job      string `json:"job"`                // that has written the outputs
	Last     bool   `json:"last,omitempty"`     // the look after everything was removed
}

// Body is the message.
func (r OutputRemoval) Body() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	return string(text)
}

const (
	// RemovalDelay is how long a job that was just cancelled is left alone: it
	// may write for some seconds more.
	RemovalDelay = time.Minute
	// RemovalStep is the most that passes between the look that a video is still
	// in Error and the deletion of outputs that follows. A redrive waits longer
	// before it lets a new job write to the same place.
	RemovalStep = 20 * time.Second
	// RedriveDelay is how long it waits.
	RedriveDelay = 30 * time.Second
)

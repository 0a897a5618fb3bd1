package encoding

import "github.com/vodstack/vodstack/internal/video"

// Source is where a video lies, where its streams go, and who encodes it.
type Source struct {
	GUID              string
	Bucket            string
	Key               string
	DestinationBucket string
	Workflow          string // the stack's name, by which job events find home
	RoleARN           string
	QueueARN          string // empty for the account's default queue
}

// Planned is the decision for one video.
type Planned struct {
	Job     Job
	Picture video.Picture // as displayed, after rotation; zero for sound only
	Profile int           // short side of the top rung; 0 for sound only
	Rungs   []Rung        // tallest first; none for sound only
	// Warnings are what the source asks for and the service does not do, in
	// sentences.
	Warnings []string
}

// Unencodable is a source that no job can be made for.
type Unencodable struct {
	Reason string // a sentence for the uploader
}

// Error is the reason.
func (e *Unencodable) Error() string { return e.Reason }

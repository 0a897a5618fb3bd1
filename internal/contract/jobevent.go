package contract

import "encoding/json"

// JobEvent is MediaConvert's "MediaConvert Job State Change" as it comes over
// EventBridge, as far as the pipeline reads it.
type JobEvent struct {
	Source     string    `json:"source,omitempty"`
	DetailType string    `json:"detail-type,omitempty"`
	Time       string    `json:"time,omitempty"`
	Detail     JobDetail `json:"detail"`
}

// JobDetail is the event's detail.
type JobDetail struct {
	Timestamp          int64             `json:"timestamp,omitempty"` // milliseconds since 1970
	JobID              string            `json:"jobId,omitempty"`
	Status             string            `json:"status"`
	UserMetadata       map[string]string `json:"userMetadata,omitempty"`
	JobProgress        *JobProgress      `json:"jobProgress,omitempty"`
	ErrorCode          int               `json:"errorCode,omitempty"`
	ErrorMessage       string            `json:"errorMessage,omitempty"`
	Warnings           []JobWarning      `json:"warnings,omitempty"`
	OutputGroupDetails []OutputGroup     `json:"outputGroupDetails,omitempty"`
	SubmittedAt        string            `json:"-"` // from GetJob, not in events
	StartedAt          string            `json:"-"`
	Verdict            *Verdict          `json:"verdict,omitempty"` // ours, not the service's
}

// JobProgress comes with STATUS_UPDATE.
type JobProgress struct {
	CurrentPhase       string `json:"currentPhase,omitempty"`
	JobPercentComplete *int   `json:"jobPercentComplete,omitempty"`
}

// JobWarning is a code of the service and how often it happened.
type JobWarning struct {
	Code  int `json:"code"`
	Count int `json:"count"`
}

// OutputGroup is what one output group of a job has written.
type OutputGroup struct {
	Type              string         `json:"type"`
	PlaylistFilePaths []string       `json:"playlistFilePaths,omitempty"`
	OutputDetails     []OutputDetail `json:"outputDetails,omitempty"`
}

// OutputDetail is one output of a group.
type OutputDetail struct {
	OutputFilePaths []string        `json:"outputFilePaths,omitempty"`
	DurationInMs    int64           `json:"durationInMs,omitempty"`
	VideoDetails    json.RawMessage `json:"videoDetails,omitempty"`
}

// The statuses of a job that the pipeline acts on.
const (
	JobProgressing      = "PROGRESSING"
	JobInputInformation = "INPUT_INFORMATION"
	JobStatusUpdate     = "STATUS_UPDATE"
	JobComplete         = "COMPLETE"
	JobError            = "ERROR"
	JobCanceled         = "CANCELED"
	JobSubmitted        = "SUBMITTED"
)

// Ended tells whether the event is a job's last.
func (d JobDetail) Ended() bool {
	return d.Status == JobComplete || d.Status == JobError || d.Status == JobCanceled
}

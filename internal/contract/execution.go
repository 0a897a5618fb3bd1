package contract

import "time"

// Trigger is what started a video: the video file itself or a metadata file.
type Trigger string

// The triggers, as the record and the configuration write them.
const (
	TriggerVideo    Trigger = "Video"
	TriggerMetadata Trigger = "Metadata"
)

// Execution is the input of one execution of the state machine. Its name is
// the guid.
type Execution struct {
	GUID            string  `json:"guid"`
	Trigger         Trigger `json:"trigger"`
	SrcBucket       string  `json:"srcBucket"`
	SrcVideo        string  `json:"srcVideo,omitempty"`        // with TriggerVideo
	SrcMetadataFile string  `json:"srcMetadataFile,omitempty"` // with TriggerMetadata
	VersionID       string  `json:"versionId,omitempty"`
	Size            int64   `json:"size"` // bytes
	ETag            string  `json:"eTag,omitempty"`
	EventTime       string  `json:"eventTime,omitempty"` // of the upload, or of the request to encode again
	Sequencer       string  `json:"sequencer,omitempty"` // S3's, which orders the events of one key

	// What a state failed with, put there by its Catch.
	PlanError    *StateError `json:"planError,omitempty"`
	EncodeError  *StateError `json:"encodeError,omitempty"`
	PublishError *StateError `json:"publishError,omitempty"`

	// Failure is what Fail announced, put there for the state Failed.
	Failure *Failed `json:"failure,omitempty"`
}

// Failed is what the Fail state answers.
type Failed struct {
	ErrorCode    Code   `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	// Input is that of a video which a redrive begins anew.
	Input *Execution `json:"input,omitempty"`
}

// Key is the key of the object whose arrival started the execution.
func (e Execution) Key() string {
	if e.Trigger == TriggerMetadata {
		return e.SrcMetadataFile
	}
	return e.SrcVideo
}

// SourceTime is the event's time as the contract writes it, so that times
// compare as text; empty where the event has none. S3's events have seconds.
func (e Execution) SourceTime() string {
	at, err := time.Parse(time.RFC3339, e.EventTime)
	if err != nil {
		return ""
	}
	return Time(at)
}

// StateError is an error as the state machine hands it to Fail.
type StateError struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// Failing is the input of the Fail state.
type Failing struct {
	Execution ExecutionContext `json:"execution"`
	Input     Execution        `json:"input"`
}

// ExecutionContext is the context object's Execution, as far as the pipeline
// reads it.
type ExecutionContext struct {
	ARN          string `json:"Id"`
	RedriveCount int    `json:"RedriveCount"` // absent where the execution was never redriven
}

// Time writes a moment as the contract does: ISO 8601, UTC, milliseconds, Z.
func Time(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

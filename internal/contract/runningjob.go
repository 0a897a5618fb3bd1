package contract

// RunningJob is what the pipeline remembers of a video's job while it runs:
// small, in a table without an index, since it is written again and again.
// The record, which is large and indexed, is written when something ends.
type RunningJob struct {
	GUID string `json:"guid"`
	// TaskToken completes the state machine's waiting task.
	TaskToken string `json:"taskToken,omitempty"`
	// SubmittingSince is when CreateJob was first called without a clear
	// answer: from then on there may be a job that the record does not know.
	SubmittingSince string `json:"submittingSince,omitempty"`
	// Progress is how far the job is, 0 to 100.
	Progress int `json:"progress,omitempty"`
	// RecordedProgress is what the record was last told of it, and RecordedAt
	// when.
	RecordedProgress int    `json:"recordedProgress,omitempty"`
	RecordedAt       string `json:"recordedAt,omitempty"`
}

package mediaconvert

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/transcode"
)

// detail is what every event of the service tells. Field sets are from the
// user guide's "List of MediaConvert EventBridge events".
type detail struct {
	Timestamp    int64             `json:"timestamp"` // epoch milliseconds
	AccountID    string            `json:"accountId"`
	Queue        string            `json:"queue"`
	JobID        string            `json:"jobId"`
	Status       string            `json:"status"`
	UserMetadata map[string]string `json:"userMetadata"`
}

type errorDetail struct {
	detail
	ErrorCode    int    `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
}

type statusDetail struct {
	detail
	FramesDecoded int64       `json:"framesDecoded"`
	JobProgress   jobProgress `json:"jobProgress"`
}

type jobProgress struct {
	PhaseProgress      map[string]phaseProgress `json:"phaseProgress"`
	JobPercentComplete int                      `json:"jobPercentComplete"`
	CurrentPhase       string                   `json:"currentPhase"`
	RetryCount         int                      `json:"retryCount"`
}

type phaseProgress struct {
	Status          string `json:"status"`
	PercentComplete int    `json:"percentComplete"`
}

type completeDetail struct {
	detail
	Warnings           []transcode.Warning           `json:"warnings,omitempty"`
	OutputGroupDetails []transcode.OutputGroupDetail `json:"outputGroupDetails"`
	PaddingInserted    int                           `json:"paddingInserted"`    // milliseconds
	BlackVideoDetected int                           `json:"blackVideoDetected"` // milliseconds
}

type inputDetail struct {
	detail
	InputDetails []inputInformation `json:"inputDetails"`
}

// basics are the fields that every event of this job has.
func (r *record) basics(status string, now time.Time) detail {
	d := detail{
		Timestamp: now.UnixMilli(), AccountID: accountOf(r.ARN), Queue: r.Queue,
		JobID: r.ID, Status: status, UserMetadata: r.UserMetadata,
	}
	if d.UserMetadata == nil {
		d.UserMetadata = map[string]string{}
	}
	return d
}

// post puts an event into the job's outbox; it is kept with the change that
// it tells of.
func (r *record) post(now time.Time, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("event of job %s: %w", r.ID, err)
	}
	r.Outbox = append(r.Outbox, events.Event{
		ID: uuid.NewString(), Source: "aws.mediaconvert", DetailType: "MediaConvert Job State Change",
		Resources: []string{r.ARN}, Detail: data, Time: now,
	})
	return nil
}

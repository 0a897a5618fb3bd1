package mediaconvert

import (
	"encoding/json"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// The service's job statuses.
const (
	submitted   = "SUBMITTED"
	progressing = "PROGRESSING"
	complete    = "COMPLETE"
	canceled    = "CANCELED"
	failed      = "ERROR"
)

// defaultInterval is the service's own StatusUpdateInterval.
const defaultInterval = "SECONDS_60"

// Job is the service's Job in its wire form. Times are epoch seconds.
type Job struct {
	AccelerationSettings *Acceleration       `json:"accelerationSettings,omitempty"`
	AccelerationStatus   string              `json:"accelerationStatus,omitempty"`
	ARN                  string              `json:"arn"`
	BillingTagsSource    string              `json:"billingTagsSource,omitempty"`
	ClientRequestToken   string              `json:"clientRequestToken,omitempty"`
	CreatedAt            int64               `json:"createdAt"`
	CurrentPhase         string              `json:"currentPhase,omitempty"`
	ErrorCode            int                 `json:"errorCode,omitempty"`
	ErrorMessage         string              `json:"errorMessage,omitempty"`
	ID                   string              `json:"id"`
	JobPercentComplete   int                 `json:"jobPercentComplete,omitempty"`
	JobTemplate          string              `json:"jobTemplate,omitempty"`
	Messages             *Messages           `json:"messages,omitempty"`
	OutputGroupDetails   []groupDetail       `json:"outputGroupDetails,omitempty"`
	Priority             int                 `json:"priority"`
	Queue                string              `json:"queue"`
	RetryCount           int                 `json:"retryCount"`
	Role                 string              `json:"role"`
	Settings             json.RawMessage     `json:"settings"`
	Status               string              `json:"status"`
	StatusUpdateInterval string              `json:"statusUpdateInterval"`
	Timing               Timing              `json:"timing"`
	UserMetadata         map[string]string   `json:"userMetadata,omitempty"`
	Warnings             []transcode.Warning `json:"warnings,omitempty"`
}

// Acceleration says whether a job asks for accelerated transcoding.
type Acceleration struct {
	Mode string `json:"mode"`
}

// Messages are what the service tells about a job in words.
type Messages struct {
	Info    []string `json:"info"`
	Warning []string `json:"warning"`
}

// Timing is when a job was submitted, began and ended, in epoch seconds.
type Timing struct {
	SubmitTime int64 `json:"submitTime,omitempty"`
	StartTime  int64 `json:"startTime,omitempty"`
	FinishTime int64 `json:"finishTime,omitempty"`
}

// groupDetail is an output group in GetJob's answer, which tells less than
// the COMPLETE event.
type groupDetail struct {
	OutputDetails []outputDetail `json:"outputDetails"`
}

type outputDetail struct {
	DurationInMs int64         `json:"durationInMs"`
	VideoDetails *videoDetails `json:"videoDetails,omitempty"`
}

type videoDetails struct {
	HeightInPx int `json:"heightInPx"`
	WidthInPx  int `json:"widthInPx"`
}

// shortDetails is what GetJob tells of the groups in the COMPLETE event.
func shortDetails(groups []transcode.OutputGroupDetail) []groupDetail {
	short := make([]groupDetail, len(groups))
	for i, g := range groups {
		short[i].OutputDetails = make([]outputDetail, len(g.OutputDetails))
		for k, o := range g.OutputDetails {
			short[i].OutputDetails[k].DurationInMs = o.DurationInMs
			if v := o.VideoDetails; v != nil {
				short[i].OutputDetails[k].VideoDetails = &videoDetails{v.HeightInPx, v.WidthInPx}
			}
		}
	}
	return short
}

// over says whether nothing can happen to the job any more.
func (j Job) over() bool {
	return j.Status == complete || j.Status == canceled || j.Status == failed
}

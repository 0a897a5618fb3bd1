package mediaconvert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"time"
)

// jobRequest is the body of CreateJob.
type jobRequest struct {
	AccelerationSettings  *Acceleration     `json:"accelerationSettings"`
	BillingTagsSource     string            `json:"billingTagsSource"`
	ClientRequestToken    string            `json:"clientRequestToken"`
	HopDestinations       []any             `json:"hopDestinations"`
	JobEngineVersion      string            `json:"jobEngineVersion"`
	JobTemplate           string            `json:"jobTemplate"`
	Priority              *int              `json:"priority"`
	Queue                 string            `json:"queue"`
	Role                  string            `json:"role"`
	Settings              json.RawMessage   `json:"settings"`
	SimulateReservedQueue string            `json:"simulateReservedQueue"`
	StatusUpdateInterval  string            `json:"statusUpdateInterval"`
	Tags                  map[string]string `json:"tags"`
	UserMetadata          map[string]string `json:"userMetadata"`
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`)

// What AWS documents of a ClientRequestToken: its longest text, and how long
// after a successful request it makes no second job.
// https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html
const (
	maxToken      = 64
	tokenLifetime = time.Minute
)

// check refuses what is wrong in a request, or not carried out here, beside
// its settings.
func (q jobRequest) check() error {
	switch {
	case len(q.Settings) == 0 || bytes.Equal(q.Settings, []byte("null")):
		return badRequest("settings is a required property")
	case !roleARN.MatchString(q.Role):
		return badRequest("/role: must be the ARN of an IAM role, not %q", q.Role)
	case len(q.ClientRequestToken) > maxToken:
		return badRequest("/clientRequestToken: must not be longer than %d characters", maxToken)
	case len(q.HopDestinations) > 0:
		return notCarriedOut("/hopDestinations", "queue hopping")
	case q.JobEngineVersion != "":
		return notCarriedOut("/jobEngineVersion", "choosing an engine")
	case q.SimulateReservedQueue == "ENABLED":
		return notCarriedOut("/simulateReservedQueue", "simulating a reserved queue")
	}
	return nil
}

// digest tells two requests apart, whatever the order and spacing of their
// members, and whatever their token.
func (q jobRequest) digest() string {
	q.ClientRequestToken = ""
	var settings any
	if json.Unmarshal(q.Settings, &settings) == nil {
		q.Settings, _ = json.Marshal(settings)
	}
	data, _ := json.Marshal(q)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// inputURIs are the sources of a job, in order.
func inputURIs(settings json.RawMessage) ([]string, error) {
	var job struct {
		Inputs []struct {
			FileInput string `json:"fileInput"`
		} `json:"inputs"`
	}
	if err := parse(settings, &job); err != nil {
		return nil, err
	}
	if len(job.Inputs) == 0 {
		return nil, badRequest("/inputs: Should have at least 1 items")
	}
	uris := make([]string, len(job.Inputs))
	for i, input := range job.Inputs {
		uris[i] = input.FileInput
	}
	return uris, nil
}

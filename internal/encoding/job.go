package encoding

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Job is a CreateJob request as it is kept in the record: the service's
// words in UpperCamel, and only what is set.
type Job struct {
	Role                 string
	Queue                string                      `json:",omitempty"`
	JobTemplate          string                      `json:",omitempty"`
	ClientRequestToken   string                      `json:",omitempty"`
	UserMetadata         map[string]string           `json:",omitempty"`
	AccelerationSettings *types.AccelerationSettings `json:",omitempty"`
	StatusUpdateInterval types.StatusUpdateInterval  `json:",omitempty"`
	Settings             *types.JobSettings          `json:",omitempty"`
}

// plain is Job without its methods.
type plain Job

// MarshalJSON leaves out everything that is not set: the SDK's types have
// no omitempty, and a record has no nulls. Empty objects stay: they say that a
// default is wanted.
func (j Job) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(plain(j), json.OmitZeroStructFields(true), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("marshal job: %w", err)
	}
	return text, nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (j *Job) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, (*plain)(j), jsontext.AllowInvalidUTF8(true))
}

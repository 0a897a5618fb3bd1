package encoding

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
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

// plain is Job without its methods, for encoding/json.
type plain Job

// MarshalJSON leaves out everything that is not set: the SDK's types have
// no omitempty, and a record has no nulls.
func (j Job) MarshalJSON() ([]byte, error) {
	raw, err := json.Marshal(plain(j))
	if err != nil {
		return nil, fmt.Errorf("marshal job: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a bitrate must not pass through a float
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("marshal job: %w", err)
	}
	return json.Marshal(pruned(tree))
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (j *Job) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, (*plain)(j))
}

// pruned removes nulls and empty strings, which stand for enums that are
// not set. Empty objects stay: they say that a default is wanted.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil || e == "" {
				delete(v, k)
				continue
			}
			v[k] = pruned(e)
		}
	case []any:
		for i, e := range v {
			v[i] = pruned(e)
		}
	}
	return v
}

// Package events does EventBridge's part on one machine: it takes the events
// that S3 and MediaConvert would send, keeps them on disk until they are
// delivered, and delivers them to the targets of the stack's own rules.
//
// The control plane refuses events with an aws.* source, as AWS does, so
// they cannot go through its own bus.
package events

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Event is one event as a service emits it; account and region are added
// when it is put on the bus.
type Event struct {
	ID         string // made when empty
	Source     string // aws.s3, aws.mediaconvert, …
	DetailType string
	Resources  []string
	Detail     json.RawMessage
	Time       time.Time // now when zero
}

// envelope is the JSON that rules match and targets receive.
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// withDefaults fills in what the sender may leave out.
func (e Event) withDefaults(now time.Time) Event {
	if e.ID == "" {
		e.ID = uuid.NewString()
	}
	if e.Time.IsZero() {
		e.Time = now
	}
	if e.Resources == nil {
		e.Resources = []string{}
	}
	return e
}

// wire returns the event as EventBridge sends it to a target.
func (e Event) wire(account, region string) ([]byte, error) {
	data, err := json.Marshal(envelope{
		Version: "0", ID: e.ID, DetailType: e.DetailType, Source: e.Source,
		Account: account, Region: region, Resources: e.Resources, Detail: e.Detail,
		// EventBridge's time has whole seconds.
		Time: e.Time.UTC().Format("2006-01-02T15:04:05Z"),
	})
	if err != nil {
		return nil, fmt.Errorf("event %s from %s: %w", e.ID, e.Source, err)
	}
	return data, nil
}

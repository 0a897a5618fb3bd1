package mediaconvert

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Template is the service's JobTemplate in its wire form.
type Template struct {
	AccelerationSettings *Acceleration   `json:"accelerationSettings,omitempty"`
	ARN                  string          `json:"arn"`
	Category             string          `json:"category,omitempty"`
	CreatedAt            int64           `json:"createdAt"`
	Description          string          `json:"description,omitempty"`
	LastUpdated          int64           `json:"lastUpdated"`
	Name                 string          `json:"name"`
	Priority             int             `json:"priority"`
	Queue                string          `json:"queue,omitempty"`
	Settings             json.RawMessage `json:"settings"`
	StatusUpdateInterval string          `json:"statusUpdateInterval,omitempty"`
	Type                 string          `json:"type"`
}

// templateRequest is the body of CreateJobTemplate and UpdateJobTemplate.
type templateRequest struct {
	AccelerationSettings *Acceleration     `json:"accelerationSettings"`
	Category             *string           `json:"category"`
	Description          *string           `json:"description"`
	HopDestinations      []any             `json:"hopDestinations"`
	Name                 string            `json:"name"`
	Priority             *int              `json:"priority"`
	Queue                *string           `json:"queue"`
	Settings             json.RawMessage   `json:"settings"`
	StatusUpdateInterval *string           `json:"statusUpdateInterval"`
	Tags                 map[string]string `json:"tags"`
}

// apply puts what the request says into a template.
func (t templateRequest) apply(to *Template) {
	set(&to.Category, t.Category)
	set(&to.Description, t.Description)
	set(&to.Priority, t.Priority)
	set(&to.Queue, t.Queue)
	set(&to.StatusUpdateInterval, t.StatusUpdateInterval)
	to.AccelerationSettings = cmp.Or(t.AccelerationSettings, to.AccelerationSettings)
	if t.Settings != nil {
		to.Settings = t.Settings
	}
	to.LastUpdated = time.Now().Unix()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// check looks at what a template says beside its settings; those are checked
// with the job that uses them, which has the inputs.
func (s *Server) checkTemplate(t templateRequest) error {
	if len(t.HopDestinations) > 0 {
		return notCarriedOut("/hopDestinations", "queue hopping")
	}
	if t.Queue == nil || *t.Queue == "" {
		return nil
	}
	_, err := s.state.queue(*t.Queue)
	return err
}

// template finds a job template by name or ARN; the caller holds the lock.
func (s *state) template(nameOrARN string) (*Template, error) {
	t := s.templates[nameOf(nameOrARN)]
	if t == nil || (nameOrARN != t.Name && nameOrARN != t.ARN) {
		return nil, notFound("The job template %s does not exist.", nameOrARN)
	}
	return t, nil
}

// sortedTemplates are this account's; there are no system templates here.
func (s *state) sortedTemplates(by, category string) []*Template {
	all := slices.SortedFunc(maps.Values(s.templates), func(a, b *Template) int {
		if by == "CREATION_DATE" {
			return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return slices.DeleteFunc(all, func(t *Template) bool {
		return by == system || (category != "" && t.Category != category)
	})
}

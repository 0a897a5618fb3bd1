package mediaconvert

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// useTemplate completes a request with the job template that it names. What
// the job says overrides the template; the caller holds the lock.
func (s *Server) useTemplate(q *jobRequest) error {
	if q.JobTemplate == "" {
		return nil
	}
	t, err := s.state.template(q.JobTemplate)
	if err != nil {
		return err
	}
	q.AccelerationSettings = cmp.Or(q.AccelerationSettings, t.AccelerationSettings)
	q.Queue = cmp.Or(q.Queue, t.Queue)
	q.StatusUpdateInterval = cmp.Or(q.StatusUpdateInterval, t.StatusUpdateInterval)
	if q.Priority == nil {
		q.Priority = &t.Priority
	}
	if q.Settings, err = mergeSettings(t.Settings, q.Settings); err != nil {
		return err
	}
	// Each half was valid by itself; the whole may still lack something.
	whole, err := json.Marshal(map[string]any{"role": q.Role, "settings": q.Settings})
	if err != nil {
		return fmt.Errorf("merge settings: %w", err)
	}
	return s.validate("CreateJob", whole)
}

func mergeSettings(template, job json.RawMessage) (json.RawMessage, error) {
	var below, above any
	if err := json.Unmarshal(template, &below); err != nil {
		return nil, fmt.Errorf("settings of the job template: %w", err)
	}
	if err := json.Unmarshal(job, &above); err != nil {
		return nil, badRequest("/settings: %v", err)
	}
	merged, err := json.Marshal(merge(below, above))
	if err != nil {
		return nil, fmt.Errorf("merge settings: %w", err)
	}
	return merged, nil
}

// merge puts above over below: objects member by member, lists item by item,
// so that a job may name only the destination of a template's third group.
func merge(below, above any) any {
	switch over := above.(type) {
	case map[string]any:
		under, ok := below.(map[string]any)
		if !ok {
			return above
		}
		for key, value := range over {
			under[key] = merge(under[key], value)
		}
		return under
	case []any:
		under, ok := below.([]any)
		if !ok {
			return above
		}
		return mergeLists(under, over)
	case nil:
		return below
	default:
		return above
	}
}

// mergeLists merges lists of objects; a list of plain values replaces the
// one below, unless it is empty.
func mergeLists(under, over []any) []any {
	if len(over) == 0 {
		return under
	}
	if _, objects := over[0].(map[string]any); !objects {
		return over
	}
	for i, value := range over {
		if i < len(under) {
			under[i] = merge(under[i], value)
		} else {
			under = append(under, value)
		}
	}
	return under
}

package mediaconvert

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/local/events"
)

// bus keeps what the server emits.
type bus struct {
	mu     sync.Mutex
	events []events.Event
	refuse error
}

func (b *bus) emit(e events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return b.refuse
	}
	b.events = append(b.events, e)
	return nil
}

func (b *bus) setRefuse(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = err
}

// of returns the details of a job's events.
func (b *bus) of(id string) []map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []map[string]any
	for _, e := range b.events {
		var detail map[string]any
		if err := json.Unmarshal(e.Detail, &detail); err != nil {
			panic(err)
		}
		if detail["jobId"] == id {
			all = append(all, detail)
		}
	}
	return all
}

func (b *bus) statuses(id string) []string {
	var all []string
	for _, detail := range b.of(id) {
		all = append(all, detail["status"].(string))
	}
	return all
}

// waitFor returns a job's event of a status.
func (b *bench) waitFor(id, status string) map[string]any {
	b.Helper()
	return b.waitForOne(id, status, func(detail map[string]any) bool { return detail["status"] == status })
}

// waitForOne returns the first of a job's events that fits.
func (b *bench) waitForOne(id, name string, fits func(detail map[string]any) bool) map[string]any {
	b.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if all := b.bus.of(id); slices.ContainsFunc(all, fits) {
			return all[slices.IndexFunc(all, fits)]
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.Fatalf("job %s sent no %s within 30 s, but %v", id, name, b.bus.statuses(id))
	return nil
}

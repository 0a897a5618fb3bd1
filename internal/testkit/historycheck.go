package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// History is the table of messages in memory, safe for concurrent use.
type History struct {
	// Before and After are as the Table's.
	Before func(op, id string) error
	After  func(op, id string) error

	mu     sync.Mutex
	events map[string]contract.RowEvent // by id and position
}

// Add keeps a message, once.
func (h *History) Add(_ context.Context, event contract.RowEvent) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := call(h.Before, "addEvent", event.ID); err != nil {
		return err
	}
	if h.events == nil {
		h.events = map[string]contract.RowEvent{}
	}
	if _, known := h.events[event.ID+" "+event.At]; !known {
		h.events[event.ID+" "+event.At] = event
	}
	return call(h.After, "addEvent", event.ID)
}

// List is what a video had, oldest first, up to a limit.
func (h *History) List(_ context.Context, id string, limit int) ([]contract.RowEvent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := call(h.Before, "listEvents", id); err != nil {
		return nil, err
	}
	events := h.of(id)
	return events[:min(len(events), limit)], call(h.After, "listEvents", id)
}

// Clear removes up to a limit of a video's messages, and tells whether there
// may be more.
func (h *History) Clear(_ context.Context, id string, limit int) (more bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := call(h.Before, "clearEvents", id); err != nil {
		return false, err
	}
	events := h.of(id)
	for _, event := range events[:min(len(events), limit)] {
		delete(h.events, id+" "+event.At)
	}
	return len(events) > limit, call(h.After, "clearEvents", id)
}

func (h *History) of(id string) (events []contract.RowEvent) {
	for _, event := range h.events {
		if event.ID == id {
			events = append(events, event)
		}
	}
	slices.SortFunc(events, func(a, b contract.RowEvent) int { return strings.Compare(a.At, b.At) })
	return events
}

// HistoryTable is a table of messages, real or not.
type HistoryTable interface {
	Add(ctx context.Context, event contract.RowEvent) error
	List(ctx context.Context, id string, limit int) ([]contract.RowEvent, error)
	Clear(ctx context.Context, id string, limit int) (more bool, err error)
}

// CheckHistory checks that a table of messages does what videoevents, API and
// sweep count on. It is run on the double and on the real adapter.
func CheckHistory(t *testing.T, table HistoryTable) {
	t.Helper()
	ctx, id := context.Background(), uuid.NewString()
	var want []contract.RowEvent
	for i := range 5 {
		want = append(want, contract.RowEvent{
			ID: id, At: fmt.Sprintf("2026-11-23T16:00:00.000Z#g#%d", i), GUID: "g", Status: contract.StatusIngest,
			ReceivedAt: "2026-11-23T16:00:01.000Z", Message: json.RawMessage(`{"a":{"b":[1,null,"c"]}}`),
		})
	}
	for _, i := range []int{3, 1, 4, 0, 2} {
		again := want[i]
		again.ReceivedAt = "2026-11-23T17:00:00.000Z"
		for _, event := range []contract.RowEvent{want[i], again} {
			if err := table.Add(ctx, event); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, limit := range []int{2, 5, 100} {
		got, err := table.List(ctx, id, limit)
		if err != nil || !reflect.DeepEqual(got, want[:min(limit, 5)]) {
			t.Errorf("up to %d events: %v, %+v", limit, err, got)
		}
	}
	for _, wantMore := range []bool{true, false, false} {
		more, err := table.Clear(ctx, id, 3)
		if err != nil || more != wantMore {
			t.Errorf("clear: more %v, want %v (%v)", more, wantMore, err)
		}
	}
	if got, err := table.List(ctx, id, 100); err != nil || len(got) != 0 {
		t.Errorf("after clear: %v, %+v", err, got)
	}
}

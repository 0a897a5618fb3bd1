// Package testkit has the doubles of the tests: small, hand-written, in
// memory, and as strict as the services that they stand for.
package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
)

// Table is the tracking table in memory, safe for concurrent use.
type Table struct {
	// Before, where set, is called before each operation; its error is
	// returned and nothing happens.
	Before func(op, guid string) error
	// After, where set, is called after each operation that was carried out;
	// its error is returned in place of the answer, as when that is lost.
	After func(op, guid string) error
	// Changed, where set, sees each record after a write.
	Changed func(contract.Record)

	mu    sync.Mutex
	items map[string]map[string]any
}

// Create writes a new record, or returns the one that is there.
func (t *Table) Create(_ context.Context, rec contract.Record) (*contract.Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := call(t.Before, "create", rec.GUID); err != nil {
		return nil, err
	}
	if item, ok := t.items[rec.GUID]; ok {
		existing := recordOf(item)
		return &existing, call(t.After, "create", rec.GUID)
	}
	if t.items == nil {
		t.items = map[string]map[string]any{}
	}
	t.items[rec.GUID] = itemOf(rec)
	t.changed(rec.GUID)
	return nil, call(t.After, "create", rec.GUID)
}

// Get reads a record.
func (t *Table) Get(_ context.Context, guid string) (contract.Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := call(t.Before, "get", guid); err != nil {
		return contract.Record{}, err
	}
	item, ok := t.items[guid]
	if !ok {
		return contract.Record{}, contract.ErrUnknownVideo
	}
	return recordOf(item), call(t.After, "get", guid)
}

// Update carries out a change when all its conditions hold.
func (t *Table) Update(_ context.Context, guid string, change contract.Change) (contract.Record, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := call(t.Before, "update", guid); err != nil {
		return contract.Record{}, false, err
	}
	item, ok := t.items[guid]
	if !ok {
		return contract.Record{}, false, contract.ErrUnknownVideo
	}
	for _, condition := range change.If {
		if !holds(item, condition) {
			return recordOf(item), false, call(t.After, "update", guid)
		}
	}
	apply(item, change)
	t.changed(guid)
	if change.Unread {
		return contract.Record{}, true, call(t.After, "update", guid)
	}
	return recordOf(item), true, call(t.After, "update", guid)
}

// Put writes a record as it is, and Record reads one, for the tests' own use.
func (t *Table) Put(rec contract.Record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.items == nil {
		t.items = map[string]map[string]any{}
	}
	t.items[rec.GUID] = itemOf(rec)
}

// Record is the record as it stands, empty when there is none.
func (t *Table) Record(guid string) contract.Record {
	t.mu.Lock()
	defer t.mu.Unlock()
	if item, ok := t.items[guid]; ok {
		return recordOf(item)
	}
	return contract.Record{}
}

func (t *Table) changed(guid string) {
	if t.Changed != nil {
		t.Changed(recordOf(t.items[guid]))
	}
}

func call(hook func(op, guid string) error, op, guid string) error {
	if hook == nil {
		return nil
	}
	return hook(op, guid)
}

func apply(item map[string]any, change contract.Change) {
	maps.Copy(item, itemOf(change.Set))
	for name, value := range itemOf(change.Once) {
		if _, there := item[name]; !there {
			item[name] = value
		}
	}
	for _, name := range change.Remove {
		delete(item, name)
	}
}

func holds(item map[string]any, c contract.Condition) bool {
	value, there := item[c.Field]
	switch c.Op {
	case contract.Equals:
		return there && fmt.Sprint(value) == fmt.Sprint(c.Value)
	case contract.Absent:
		return !there
	case contract.AbsentOrEquals:
		return !there || fmt.Sprint(value) == fmt.Sprint(c.Value)
	case contract.AbsentOrLess:
		return !there || less(value, c.Value)
	}
	panic("unknown comparison")
}

func less(value, limit any) bool {
	number, err := value.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return number < int64(limit.(int))
}

func itemOf(rec contract.Record) map[string]any {
	text, err := json.Marshal(rec)
	if err != nil {
		panic(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var item map[string]any
	if err := dec.Decode(&item); err != nil {
		panic(err)
	}
	return item
}

func recordOf(item map[string]any) contract.Record {
	text, err := json.Marshal(item)
	if err != nil {
		panic(err)
	}
	var rec contract.Record
	if err := json.Unmarshal(text, &rec); err != nil {
		panic(err)
	}
	return rec
}

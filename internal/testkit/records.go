package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// Records is a tracking table, real or not.
type Records interface {
	Create(ctx context.Context, rec contract.Record) (*contract.Record, error)
	Get(ctx context.Context, guid string) (contract.Record, error)
	Update(ctx context.Context, guid string, change contract.Change) (contract.Record, bool, error)
}

// CheckRecords checks that a table does what the steps count on. It is run on
// the double and on the real adapter, so that they stay alike.
func CheckRecords(t *testing.T, table Records) {
	t.Helper()
	ctx := context.Background()
	rec := contract.Record{
		Core: contract.Core{
			GUID: uuid.NewString(), WorkflowStatus: contract.StatusIngest, SrcBucket: "b", StartTime: "2026-11-23T16:00:00.000Z",
			EnableSns: new(false), EnableSqs: new(true), Progress: new(7), Warnings: []string{"one", "two"},
		},
		Heavy: contract.Heavy{EncodingJob: json.RawMessage(`{"Settings":{"Empty":"","Inputs":[],"Nested":{},"Rate":30000}}`)},
		Free:  map[string]any{"n": json.Number("12345678901234567890.5"), "list": []any{nil, true, "x"}, "map": map[string]any{"a.b": "c"}},
	}
	if _, err := table.Get(ctx, rec.GUID); !errors.Is(err, contract.ErrUnknownVideo) {
		t.Errorf("a record that is not there: %v", err)
	}
	if _, _, err := table.Update(ctx, rec.GUID, contract.Change{Set: contract.Record{Internal: contract.Internal{SrcETag: "t"}}}); !errors.Is(err, contract.ErrUnknownVideo) {
		t.Errorf("update of a record that is not there: %v", err)
	}
	if existing, err := table.Create(ctx, rec); existing != nil || err != nil {
		t.Errorf("create: %v, %v", existing, err)
	}
	existing, err := table.Create(ctx, contract.Record{Core: contract.Core{GUID: rec.GUID}})
	if err != nil || existing == nil || !reflect.DeepEqual(*existing, rec) {
		t.Errorf("create again: %+v, %v; want %+v", existing, err, rec)
	}
	checkConditions(t, table, rec.GUID)
	checkChanges(t, table, rec.GUID)
}

func checkConditions(t *testing.T, table Records, guid string) {
	t.Helper()
	for condition, holds := range map[contract.Condition]bool{
		contract.InIngest: true,
		{Field: "workflowStatus", Op: contract.Equals, Value: "Complete"}: false,
		{Field: "srcETag", Op: contract.Equals, Value: "t"}:               false,
		{Field: "srcETag", Op: contract.Absent}:                           true,
		{Field: "progress", Op: contract.Absent}:                          false,
		{Field: "encodeJobId", Op: contract.AbsentOrEquals, Value: "j"}:   true,
		{Field: "srcBucket", Op: contract.AbsentOrEquals, Value: "b"}:     true,
		{Field: "srcBucket", Op: contract.AbsentOrEquals, Value: "c"}:     false,
		{Field: "progress", Op: contract.AbsentOrLess, Value: 8}:          true,
		{Field: "progress", Op: contract.AbsentOrLess, Value: 7}:          false,
		{Field: "srcWidth", Op: contract.AbsentOrLess, Value: 0}:          true,
	} {
		change := contract.Change{Set: contract.Record{Core: contract.Core{EndTime: "e"}}, If: []contract.Condition{contract.InIngest, condition}}
		rec, done, err := table.Update(context.Background(), guid, change)
		if err != nil || done != holds || rec.SrcBucket != "b" {
			t.Errorf("condition %+v: done %v (want %v), record %+v, error %v", condition, done, holds, rec, err)
		}
	}
}

func checkChanges(t *testing.T, table Records, guid string) {
	t.Helper()
	ctx := context.Background()
	change := contract.Change{
		Set:    contract.Record{Core: contract.Core{Progress: new(0), SrcWidth: 5}, Internal: contract.Internal{SrcETag: "t"}},
		Once:   contract.Record{Core: contract.Core{SrcBucket: "other", EncodeJobID: "j"}, Internal: contract.Internal{JobEvent: json.RawMessage(`{"a":1}`)}},
		Remove: []string{"endTime", "srcVideo"},
	}
	rec, done, err := table.Update(ctx, guid, change)
	if err != nil || !done {
		t.Fatalf("update: %v, %v", done, err)
	}
	read, err := table.Get(ctx, guid)
	if err != nil || !reflect.DeepEqual(read, rec) {
		t.Errorf("update answered %+v, the record is %+v (%v)", rec, read, err)
	}
	if *rec.Progress != 0 || rec.SrcWidth != 5 || rec.SrcETag != "t" || rec.SrcBucket != "b" || rec.EncodeJobID != "j" || rec.EndTime != "" || string(rec.JobEvent) != `{"a":1}` {
		t.Errorf("record is %+v", rec)
	}
}

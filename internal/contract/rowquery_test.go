package contract

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestAListHasNoMoreFieldsThanAnIndexTakesAndOnlyThoseOfARow(t *testing.T) {
	names := fieldNames(reflect.TypeFor[VideoRow](), map[string]bool{})
	if len(RowListed) > 20 {
		t.Errorf("%d fields; DynamoDB takes 20", len(RowListed))
	}
	for i, name := range RowListed {
		if !names[name] || slices.Contains(RowListed[:i], name) {
			t.Errorf("%q is no field of a row, or there twice", name)
		}
	}
	for _, internal := range []string{"lastMessage", "guids", "requestHash", "uploadId", "id", "createdAt"} {
		if slices.Contains(RowListed, internal) {
			t.Errorf("%q is listed", internal)
		}
	}
}

func TestARowIsCountedAndIndexedWithEveryWrite(t *testing.T) {
	row := VideoRow{OwnerID: "o", EncodingStatus: StatusNew, CreatedAt: "c"}.Created()
	if row.Version != 1 || row.UpdatedAt != "c" || row.OwnerStatus != "o#new" || !reflect.DeepEqual(row, row.Created()) {
		t.Errorf("created row is %+v", row)
	}
	row.EncodingStatus = StatusError
	row = row.Saved(time.UnixMilli(0))
	if row.Version != 2 || row.UpdatedAt != "1970-01-01T00:00:00.000Z" || row.OwnerStatus != "o#Error" {
		t.Errorf("saved row is %+v", row)
	}
	row.OwnerID = ""
	if row = row.Saved(time.UnixMilli(0)); row.OwnerStatus != "" {
		t.Errorf("a row without an owner is listed: %+v", row)
	}
}

func TestAHistoryIsInTheOrderOfEncodesThenOfTheirMessages(t *testing.T) {
	want := []string{
		EventPosition("", "z", StatusComplete, ""), EventPosition("2026-11-23T16:00:00.000Z", "b", StatusIngest, ""),
		EventPosition("2026-11-23T16:00:00.000Z", "b", StatusError, ""), EventPosition("2026-11-23T16:00:00.000Z", "b", StatusComplete, ""),
		EventPosition("2026-11-23T16:00:00.001Z", "a", StatusIngest, ""),
	}
	if !slices.IsSorted(want) {
		t.Errorf("positions are %q", want)
	}
	if Status("Archived").Rank() >= StatusNew.Rank() {
		t.Error("an unknown status has a rank")
	}
}

package testkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// VideoTable is a video table, real or not.
type VideoTable interface {
	Create(ctx context.Context, row contract.VideoRow) (*contract.VideoRow, error)
	Get(ctx context.Context, id string) (contract.VideoRow, error)
	Save(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error)
	IDByKey(ctx context.Context, key string) (string, error)
	IDByGUID(ctx context.Context, guid string) (string, error)
	List(ctx context.Context, q contract.RowQuery) (contract.RowPage, error)
	LimitTable
	Due(ctx context.Context, work contract.Work, before string, after *contract.DuePosition, limit int) (contract.DuePage, error)
}

// CheckVideos checks that a video table does what API, videoevents and sweep
// count on. It is run on the double and on the real adapter, so that they
// stay alike.
func CheckVideos(t *testing.T, table VideoTable) {
	t.Helper()
	c := videoCheck{t: t, table: table, ctx: context.Background(), owner: "owner-" + uuid.NewString()}
	c.created()
	c.limited()
	c.saved()
	c.fought()
	c.found()
	c.paged()
	c.due()
}

type videoCheck struct {
	t     *testing.T
	table VideoTable
	ctx   context.Context
	owner string
}

func (c videoCheck) row() contract.VideoRow {
	id := uuid.NewString()
	return contract.VideoRow{
		ID: id, S3Key: contract.SourceKey(id, "mp4"), EncodingStatus: contract.StatusNew, Progress: new(0), Title: "Käse & <Brot>",
		OwnerID: c.owner, FileName: "a.mp4", ContentType: "video/mp4", Size: 1 << 41, Metadata: `{"a":1}`, CreatedAt: "2026-11-23T16:00:00.000Z",
		MP4URLs: []string{"one", "two"}, Renditions: []contract.Rendition{{Type: "CMAF", Width: 1280, Height: 720, Bitrate: 6_000_000}},
		LastMessage: json.RawMessage(`{"guid":"g","list":[1,"x",null,{"deep":true}],"n":12345678901234567890.5}`),
		RowInternal: contract.RowInternal{GUIDs: []string{"g"}, RequestHash: "h", PendingWork: contract.WorkUpload, DueAt: "2026-11-23T17:00:00.000Z"},
	}
}

func (c videoCheck) create() contract.VideoRow {
	c.t.Helper()
	row := c.row()
	if existing, err := c.table.Create(c.ctx, row); existing != nil || err != nil {
		c.t.Fatalf("create: %v, %v", existing, err)
	}
	return row.Created()
}

// is fails the test when a row is not what it should be.
func (c videoCheck) is(what string, got, want contract.VideoRow) {
	c.t.Helper()
	if !reflect.DeepEqual(got, want) {
		c.t.Errorf("%s:\n%+v\nwant\n%+v", what, got, want)
	}
}

func (c videoCheck) created() {
	c.t.Helper()
	if _, err := c.table.Get(c.ctx, uuid.NewString()); !errors.Is(err, contract.ErrUnknownRow) {
		c.t.Errorf("a row that is not there: %v", err)
	}
	if _, err := c.table.Save(c.ctx, c.row()); !errors.Is(err, contract.ErrRowChanged) {
		c.t.Errorf("save of a row that is not there: %v", err)
	}
	row := c.create()
	read, err := c.table.Get(c.ctx, row.ID)
	if err != nil || row.Version != 1 || row.UpdatedAt != row.CreatedAt || row.OwnerStatus != c.owner+"#new" {
		c.t.Errorf("created row: %v, %+v", err, row)
	}
	c.is("created row", read, row)
	if existing, err := c.table.Create(c.ctx, row); existing != nil || err != nil {
		c.t.Errorf("create of the very same row: %v, %v; that is an earlier try of our own", existing, err)
	}
	other := row
	other.Title = "another"
	existing, err := c.table.Create(c.ctx, other)
	if err != nil || existing == nil {
		c.t.Fatalf("create in the place of another: %v, %v", existing, err)
	}
	c.is("the row that is there", *existing, row)
}

func (c videoCheck) saved() {
	c.t.Helper()
	row := c.create()
	changed := row
	changed.EncodingStatus, changed.Title, changed.LastMessage, changed.Progress, changed.MP4URLs = contract.StatusIngest, "", nil, nil, nil
	started := contract.Time(time.Now().Add(-time.Minute))
	saved, err := c.table.Save(c.ctx, changed)
	if err != nil || saved.Version != 2 || saved.UpdatedAt < started || saved.OwnerStatus != c.owner+"#Ingest" {
		c.t.Errorf("saved row: %v, %+v", err, saved)
	}
	read, err := c.table.Get(c.ctx, row.ID)
	if err != nil {
		c.t.Fatal(err)
	}
	c.is("row after save", read, saved)
	row.Title = "of one who read it before"
	if _, err := c.table.Save(c.ctx, row); !errors.Is(err, contract.ErrRowChanged) {
		c.t.Errorf("save over another's: %v", err)
	}
	saved.OwnerID = ""
	if saved, err = c.table.Save(c.ctx, saved); err != nil || saved.OwnerStatus != "" {
		c.t.Errorf("row without an owner: %v, %+v", err, saved)
	}
}

// fought has many writers who have read the same row.
func (c videoCheck) fought() {
	c.t.Helper()
	row := c.create()
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			mine := row
			mine.Title = fmt.Sprintf("writer %d", i)
			_, errs[i] = c.table.Save(c.ctx, mine)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, contract.ErrRowChanged) {
			c.t.Errorf("one of many writers: %v", err)
		}
	}
	if won != 1 {
		c.t.Errorf("%d of %d writers have won", won, len(errs))
	}
}

func (c videoCheck) found() {
	c.t.Helper()
	row := c.create()
	row.VodGUID = uuid.NewString()
	if _, err := c.table.Save(c.ctx, row); err != nil {
		c.t.Fatal(err)
	}
	c.eventually("row by key", row.ID, func() (string, error) { return c.table.IDByKey(c.ctx, row.S3Key) })
	c.eventually("row by guid", row.ID, func() (string, error) { return c.table.IDByGUID(c.ctx, row.VodGUID) })
	for _, unknown := range []string{uuid.NewString(), ""} {
		_, err := c.table.IDByKey(c.ctx, unknown)
		_, err2 := c.table.IDByGUID(c.ctx, unknown)
		if !errors.Is(err, contract.ErrUnknownRow) || !errors.Is(err2, contract.ErrUnknownRow) {
			c.t.Errorf("row of %q: %v, %v", unknown, err, err2)
		}
	}
}

// eventually waits for an index to follow the table.
func (c videoCheck) eventually(what, want string, look func() (string, error)) {
	c.t.Helper()
	var got string
	var err error
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got, err = look(); err == nil && got == want {
			return
		}
	}
	c.t.Errorf("%s is %q (%v), want %q", what, got, err, want)
}

// paged lists videos of which many were created in the same millisecond.
func (c videoCheck) paged() {
	c.t.Helper()
	c.owner += "-pages"
	var want []contract.VideoRow
	for i := range 11 {
		row := c.row()
		row.CreatedAt = fmt.Sprintf("2026-11-23T16:00:00.%03dZ", i/5)
		if i%3 == 0 {
			row.EncodingStatus = contract.StatusComplete
		}
		if _, err := c.table.Create(c.ctx, row); err != nil {
			c.t.Fatal(err)
		}
		want = append(want, row)
	}
	complete := slices.DeleteFunc(slices.Clone(want), func(r contract.VideoRow) bool { return r.EncodingStatus != contract.StatusComplete })
	for _, limit := range []int{1, 2, 5, 10, 11, 100} {
		c.pages(contract.RowQuery{OwnerID: c.owner, Limit: limit}, want)
		c.pages(contract.RowQuery{OwnerID: c.owner, Limit: limit, Status: contract.StatusComplete}, complete)
		c.pages(contract.RowQuery{OwnerID: c.owner, Limit: limit, Status: contract.StatusError}, nil)
	}
	elsewhere := contract.RowQuery{OwnerID: "nobody", Limit: 100, After: &contract.RowPosition{CreatedAt: want[5].CreatedAt, ID: want[5].ID}}
	if page, err := c.table.List(c.ctx, elsewhere); err != nil || len(page.Rows) != 0 || page.Next != nil {
		c.t.Errorf("another owner's position gives %+v, %v", page, err)
	}
}

// pages reads a list to its end: each row once, newest first, as lists have
// it, and no page is empty or short before the last.
func (c videoCheck) pages(q contract.RowQuery, want []contract.VideoRow) {
	c.t.Helper()
	var got []contract.VideoRow
	for range len(want) + 1 {
		page, err := c.table.List(c.ctx, q)
		if err != nil {
			c.t.Fatalf("list %+v: %v", q, err)
		}
		if page.Next != nil && len(page.Rows) != q.Limit {
			c.t.Errorf("list %+v: a page of %d before the last", q, len(page.Rows))
		}
		got = append(got, page.Rows...)
		if q.After = page.Next; q.After == nil {
			break
		}
	}
	if !slices.IsSortedFunc(got, func(a, b contract.VideoRow) int { return -compareCreated(a, b) }) {
		c.t.Errorf("list %+v is not newest first", q)
	}
	entries := make([]contract.VideoRow, len(want))
	for i, row := range want {
		entries[i] = entryOf(row.Created())
	}
	slices.SortFunc(got, newestFirst)
	slices.SortFunc(entries, newestFirst)
	if len(got) != len(entries) || len(got) > 0 && !reflect.DeepEqual(got, entries) {
		c.t.Errorf("list %+v has %d rows, want %d:\n%+v\nwant\n%+v", q, len(got), len(entries), got, entries)
	}
}

func compareCreated(a, b contract.VideoRow) int {
	switch {
	case a.CreatedAt < b.CreatedAt:
		return -1
	case a.CreatedAt > b.CreatedAt:
		return 1
	}
	return 0
}

// due uses a kind of work of its own: a real table has other people's.
func (c videoCheck) due() {
	c.t.Helper()
	work := contract.Work("check-" + uuid.NewString())
	var rows []contract.VideoRow
	for i := range 4 {
		row := c.row()
		row.PendingWork, row.DueAt = work, fmt.Sprintf("2026-11-23T16:00:0%d.000Z", 3-i)
		if _, err := c.table.Create(c.ctx, row); err != nil {
			c.t.Fatal(err)
		}
		rows = append(rows, row.Created())
	}
	c.dueAre(work, "2026-11-23T16:00:02.000Z", 10, rows[3].ID, rows[2].ID, rows[1].ID)
	c.dueAre(work, "2026-11-23T16:00:09.000Z", 1, rows[3].ID, rows[2].ID, rows[1].ID, rows[0].ID)
	c.dueAre(work, "2026-11-23T15:59:59.999Z", 10)
	rows[3].PendingWork, rows[3].DueAt = "", ""
	if _, err := c.table.Save(c.ctx, rows[3]); err != nil {
		c.t.Fatal(err)
	}
	c.dueAre(work, "2026-11-23T16:00:09.000Z", 2, rows[2].ID, rows[1].ID, rows[0].ID)
}

// dueAre reads all pages of what is due.
func (c videoCheck) dueAre(work contract.Work, before string, limit int, want ...string) {
	c.t.Helper()
	c.eventually("what is due", fmt.Sprint(want), func() (string, error) {
		var ids []string
		var after *contract.DuePosition
		for {
			page, err := c.table.Due(c.ctx, work, before, after, limit)
			if err != nil || len(page.IDs) > limit {
				return fmt.Sprintf("%d rows on a page of %d", len(page.IDs), limit), err
			}
			if ids = append(ids, page.IDs...); page.Next == nil {
				return fmt.Sprint(ids), nil
			}
			after = page.Next
		}
	})
}

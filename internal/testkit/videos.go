package testkit

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// Videos is the video table in memory, safe for concurrent use.
type Videos struct {
	// Before and After are as the Table's. They get the row's id, or what a
	// query asks for: the key, the guid, the owner or the kind of work.
	Before func(op, id string) error
	After  func(op, id string) error
	// Changed, where set, sees each row after a write.
	Changed func(contract.VideoRow)
	// Now, where set, is the clock of Save.
	Now func() time.Time

	mu   sync.Mutex
	rows map[string]string // JSON by id

	claims map[string]contract.Claim
}

// Create writes a new row, or returns the one that is there, unless it is
// this very row: then an earlier try has written it.
func (v *Videos) Create(_ context.Context, row contract.VideoRow) (*contract.VideoRow, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, "create", row.ID); err != nil {
		return nil, err
	}
	row = row.Created()
	text, there := v.rows[row.ID]
	if there && text != rowText(row) {
		existing := rowOf(text)
		return &existing, call(v.After, "create", row.ID)
	}
	v.put(row)
	return nil, call(v.After, "create", row.ID)
}

// Claim stores a claim, or returns the one that was stored before.
func (v *Videos) Claim(_ context.Context, claim contract.Claim) (contract.Claim, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, "claim", claim.Key); err != nil {
		return claim, err
	}
	if kept, ok := v.claims[claim.Key]; ok {
		return kept, call(v.After, "claim", claim.Key)
	}
	if v.claims == nil {
		v.claims = map[string]contract.Claim{}
	}
	v.claims[claim.Key] = claim
	return claim, call(v.After, "claim", claim.Key)
}

// Claims are those that are stored, for the tests' own use.
func (v *Videos) Claims() []contract.Claim {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Collect(maps.Values(v.claims))
}

// Count counts an owner's videos of one status, as far as most.
func (v *Videos) Count(_ context.Context, owner string, status contract.Status, most int) (n int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, "count", owner); err != nil {
		return 0, err
	}
	for _, row := range v.sorted() {
		if n < most && listed(row, contract.RowQuery{OwnerID: owner, Status: status}) {
			n++
		}
	}
	return n, call(v.After, "count", owner)
}

// Get reads a row.
func (v *Videos) Get(_ context.Context, id string) (contract.VideoRow, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, "get", id); err != nil {
		return contract.VideoRow{}, err
	}
	text, ok := v.rows[id]
	if !ok {
		return contract.VideoRow{}, contract.ErrUnknownRow
	}
	return rowOf(text), call(v.After, "get", id)
}

// Save writes a row in the place of the one that was read.
func (v *Videos) Save(_ context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, "save", row.ID); err != nil {
		return contract.VideoRow{}, err
	}
	read, now := row.Version, time.Now()
	if v.Now != nil {
		now = v.Now()
	}
	row = row.Saved(now)
	text, there := v.rows[row.ID]
	if !there || rowOf(text).Version != read && text != rowText(row) {
		return contract.VideoRow{}, contract.ErrRowChanged
	}
	v.put(row)
	return rowOf(v.rows[row.ID]), call(v.After, "save", row.ID)
}

// IDByKey finds the row of an object's key.
func (v *Videos) IDByKey(_ context.Context, key string) (string, error) {
	return v.find("idByKey", key, func(row contract.VideoRow) bool { return row.S3Key == key })
}

// IDByGUID finds the row whose newest encode has this guid.
func (v *Videos) IDByGUID(_ context.Context, guid string) (string, error) {
	return v.find("idByGuid", guid, func(row contract.VideoRow) bool { return row.VodGUID == guid })
}

func (v *Videos) find(op, what string, is func(contract.VideoRow) bool) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := call(v.Before, op, what); err != nil {
		return "", err
	}
	for _, row := range v.sorted() {
		if what != "" && is(row) {
			return row.ID, call(v.After, op, what)
		}
	}
	return "", contract.ErrUnknownRow
}

// List is one page of an owner's videos.
func (v *Videos) List(_ context.Context, q contract.RowQuery) (contract.RowPage, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var page contract.RowPage
	if err := call(v.Before, "list", q.OwnerID); err != nil {
		return page, err
	}
	for _, row := range v.sorted() {
		if !listed(row, q) || q.After != nil && newestFirst(row, contract.VideoRow{ID: q.After.ID, CreatedAt: q.After.CreatedAt}) <= 0 {
			continue
		}
		if len(page.Rows) == q.Limit {
			last := page.Rows[q.Limit-1]
			page.Next = &contract.RowPosition{CreatedAt: last.CreatedAt, ID: last.ID}
			break
		}
		page.Rows = append(page.Rows, entryOf(row))
	}
	return page, call(v.After, "list", q.OwnerID)
}

// Due is a page of the rows whose work is due, those first that have waited
// longest.
func (v *Videos) Due(_ context.Context, work contract.Work, before string, after *contract.DuePosition, limit int) (contract.DuePage, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var page contract.DuePage
	if err := call(v.Before, "due", string(work)); err != nil {
		return page, err
	}
	order := func(a, b contract.VideoRow) int {
		return cmp.Or(cmp.Compare(a.DueAt, b.DueAt), cmp.Compare(a.ID, b.ID))
	}
	rows := slices.DeleteFunc(v.sorted(), func(row contract.VideoRow) bool {
		passed := after != nil && order(row, contract.VideoRow{ID: after.ID, RowInternal: contract.RowInternal{DueAt: after.DueAt}}) <= 0
		return row.PendingWork != work || row.DueAt == "" || row.DueAt > before || passed
	})
	slices.SortFunc(rows, order)
	for _, row := range rows[:min(len(rows), limit)] {
		page.IDs = append(page.IDs, row.ID)
	}
	if len(rows) > limit {
		page.Next = &contract.DuePosition{DueAt: rows[limit-1].DueAt, ID: rows[limit-1].ID}
	}
	return page, call(v.After, "due", string(work))
}

// Put writes a row as it is, and Row reads one, for the tests' own use.
func (v *Videos) Put(row contract.VideoRow) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.put(row)
}

// Row is the row as it stands, empty when there is none.
func (v *Videos) Row(id string) contract.VideoRow {
	v.mu.Lock()
	defer v.mu.Unlock()
	if text, ok := v.rows[id]; ok {
		return rowOf(text)
	}
	return contract.VideoRow{}
}

func (v *Videos) put(row contract.VideoRow) {
	if v.rows == nil {
		v.rows = map[string]string{}
	}
	v.rows[row.ID] = rowText(row)
	if v.Changed != nil {
		v.Changed(rowOf(v.rows[row.ID]))
	}
}

func (v *Videos) sorted() []contract.VideoRow {
	rows := make([]contract.VideoRow, 0, len(v.rows))
	for _, text := range v.rows {
		rows = append(rows, rowOf(text))
	}
	slices.SortFunc(rows, newestFirst)
	return rows
}

func newestFirst(a, b contract.VideoRow) int {
	return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.ID, a.ID))
}

// listed tells whether a row is in the list: as in the real table one without
// the keys of its index is not.
func listed(row contract.VideoRow, q contract.RowQuery) bool {
	if q.OwnerID == "" || row.CreatedAt == "" || row.OwnerID != q.OwnerID {
		return false
	}
	return q.Status == "" || row.OwnerStatus == contract.OwnerStatus(q.OwnerID, q.Status)
}

// entryOf is a row as the lists have it.
func entryOf(row contract.VideoRow) contract.VideoRow {
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(rowText(row)), &all); err != nil {
		panic(err)
	}
	entry := map[string]json.RawMessage{}
	for _, name := range append([]string{"id", "ownerId", "createdAt"}, contract.RowListed...) {
		if value, ok := all[name]; ok {
			entry[name] = value
		}
	}
	text, err := json.Marshal(entry)
	if err != nil {
		panic(err)
	}
	return rowOf(string(text))
}

func rowText(row contract.VideoRow) string {
	text, err := json.Marshal(row)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func rowOf(text string) contract.VideoRow {
	var row contract.VideoRow
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		panic(err)
	}
	return row
}

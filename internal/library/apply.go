package library

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// Apply is what a message makes of a row. Whatever order a video's messages
// come in, and however often, the row ends the same: it shows the encode that
// started last, at the furthest status that was heard of it. The record is
// the tracking table's, nil where there is none.
func Apply(row contract.VideoRow, m Message, rec *contract.Record) (contract.VideoRow, bool) {
	known := len(row.GUIDs)
	row = Remember(row, m.GUID)
	changed := len(row.GUIDs) != known
	start := m.started(rec)
	switch {
	case row.VodGUID == m.GUID:
		row, changed = confirmed(row, start, changed)
	case later(start, m.GUID, row):
		row, changed = begun(row, m.GUID, start), true
	default:
		return row, changed // of an older encode
	}
	if m.Status.Rank() <= row.EncodingStatus.Rank() {
		return row, changed
	}
	return moved(row, m, rec), true
}

// started is when the message's encode started.
func (m Message) started(rec *contract.Record) string {
	if m.StartTime == "" && rec != nil && isTime(rec.StartTime) {
		return rec.StartTime
	}
	return m.StartTime
}

// later tells whether an encode started after the row's, if that has one; of
// two in the same millisecond the guid decides, so that everybody decides
// alike.
func later(start, guid string, row contract.VideoRow) bool {
	return cmp.Or(cmp.Compare(start, row.VodStartedAt), cmp.Compare(guid, row.VodGUID)) > 0
}

// confirmed is a row of whose own encode something was heard: it has started,
// so nobody needs to see to that any more.
func confirmed(row contract.VideoRow, start string, changed bool) (contract.VideoRow, bool) {
	if start > row.VodStartedAt { // the API that asked for the encode knew only when it asked
		row.VodStartedAt, changed = start, true
	}
	if row.PendingWork == contract.WorkEncode || row.PendingWork == contract.WorkUpload {
		row.PendingWork, row.DueAt, changed = "", "", true
	}
	return row, changed
}

// begun is a row at the start of a new encode: what an older one has made or
// failed with is gone.
func begun(row contract.VideoRow, guid, start string) contract.VideoRow {
	row.VodGUID, row.VodStartedAt = guid, start
	row.EncodingStatus = contract.StatusNew
	row.PendingWork, row.DueAt = "", ""
	return withOutputs(row, outputs{})
}

// moved is a row at a message's status.
func moved(row contract.VideoRow, m Message, rec *contract.Record) contract.VideoRow {
	row.EncodingStatus = m.Status
	row.Progress, row.ErrorCode, row.ErrorMessage = nil, "", ""
	row.LastMessage = m.kept()
	switch m.Status {
	case contract.StatusIngest:
		row.Progress = new(0)
	case contract.StatusError:
		row.ErrorCode = contract.Code(clip(string(m.ErrorCode), longestName))
		row.ErrorMessage = clip(m.ErrorMessage, longestText)
	case contract.StatusComplete:
		row.Progress = new(100)
		row = withOutputs(row, outputsOf(m, rec))
	}
	return row
}

// Bounds of what a row takes from a message; the pipeline stays far below.
const (
	longestName = 100     // bytes
	longestText = 2000    // bytes
	longestList = 100_000 // bytes of all that is in it
)

// bounded is a list of URLs that fits the row: the first ten where all are
// too long.
func bounded(list []string) []string {
	sum := 0
	for _, text := range list {
		sum += len(text)
	}
	if sum <= longestList {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list[:min(len(list), 10)]), func(s string) bool { return len(s) > longestText })
}

// clip cuts a text to so many bytes, between two characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

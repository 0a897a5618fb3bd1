package library

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// Apply is what a message makes of a row. Whatever order a video's messages
// come in, and however often, the row ends the same: it shows the encode of the
// newest upload, at the furthest status that was heard of it. The record is
// the tracking table's, nil where there is none.
func Apply(row contract.VideoRow, m Message, rec *contract.Record) (contract.VideoRow, bool) {
	known := len(row.GUIDs)
	row = Remember(row, m.GUID)
	changed := len(row.GUIDs) != known
	encode := encode{m.SrcEventTime, m.SrcSequencer, m.started(rec), m.GUID}
	switch {
	case row.VodGUID == m.GUID:
		row, changed = confirmed(row, encode, changed)
	case encode.compare(encodeOf(row)) > 0:
		row, changed = begun(row, encode), true
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

// An encode is one of a row's, as far as it tells which of two is newer. When
// it started does not: an upload's event may be delivered late, after the one
// of a newer upload.
type encode struct{ eventTime, sequencer, startedAt, guid string }

func encodeOf(row contract.VideoRow) encode {
	return encode{row.VodEventTime, row.VodSequencer, row.VodStartedAt, row.VodGUID}
}

// compare orders encodes by the events that started them: by their times, and
// within one, since those of S3 have full seconds, by S3's sequencers ("Event
// message structure" in its guide; they compare as text). Without either the
// guid decides, so that everybody decides alike. An encode of an older version
// of the stack has no event's time; then its start is good enough.
func (e encode) compare(other encode) int {
	return cmp.Or(
		cmp.Compare(cmp.Or(e.eventTime, e.startedAt), cmp.Or(other.eventTime, other.startedAt)),
		cmp.Compare(e.sequencer, other.sequencer),
		cmp.Compare(e.guid, other.guid),
	)
}

// confirmed is a row of whose own encode something was heard: it has started,
// so nobody needs to see to that any more.
func confirmed(row contract.VideoRow, heard encode, changed bool) (contract.VideoRow, bool) {
	if heard.startedAt > row.VodStartedAt { // the API that asked for the encode knew only when it asked
		row.VodStartedAt, changed = heard.startedAt, true
	}
	if row.PendingWork == contract.WorkEncode || row.PendingWork == contract.WorkUpload {
		row.PendingWork, row.DueAt, changed = "", "", true
	}
	return row, changed
}

// begun is a row at the start of a new encode: what an older one has made or
// failed with is gone.
func begun(row contract.VideoRow, e encode) contract.VideoRow {
	row.VodGUID, row.VodStartedAt = e.guid, e.startedAt
	row.VodEventTime, row.VodSequencer = e.eventTime, e.sequencer
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

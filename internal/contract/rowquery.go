package contract

import "time"

// RowQuery asks for one page of an owner's videos, newest first.
type RowQuery struct {
	OwnerID string
	Status  Status // empty: of any status
	Limit   int    // at least 1
	After   *RowPosition
}

// RowPosition is where a page ends and the next one goes on. It has no
// owner: whoever asks gets nothing but their own videos.
type RowPosition struct {
	CreatedAt string `json:"createdAt"`
	ID        string `json:"id"`
}

// RowPage is one page. Its rows have the id, the owner, createdAt and the
// RowListed fields.
type RowPage struct {
	Rows []VideoRow
	Next *RowPosition // nil after the last one
}

// DuePage is one page of rows whose work is due.
type DuePage struct {
	IDs  []string
	Next *DuePosition // nil after the last one
}

// DuePosition is where a page of due rows ends and the next one goes on.
type DuePosition struct {
	DueAt string
	ID    string
}

// The indexes of the video table. The first two find a row by one field, the
// next two list an owner's videos, and the last has what is left to do.
const (
	IndexKey         = "s3key-index"
	IndexGUID        = "vodGuid-index"
	IndexOwner       = "ownerId-createdAt-index"
	IndexOwnerStatus = "ownerStatus-createdAt-index"
	IndexWork        = "pendingWork-dueAt-index"
)

// RowListed are the fields that the two lists copy beside their keys. Twenty
// is what DynamoDB takes for one index; the owner is not among them, since
// only the owner asks.
var RowListed = []string{
	"vodGuid", "s3key", "encodingStatus", "progress", "title", "fileName", "contentType", "size", "metadata", "options",
	"updatedAt", "hlsUrl", "dashUrl", "mp4Urls", "placeholderUrl", "duration", "width", "height", "errorCode", "errorMessage",
}

// Created is a new row as Create writes it. Once more it changes nothing.
func (r VideoRow) Created() VideoRow {
	r.Version = 1
	r.UpdatedAt = r.CreatedAt
	return r.indexed()
}

// Saved is a row as Save writes it in the place of the one that was read.
func (r VideoRow) Saved(now time.Time) VideoRow {
	r.Version++
	r.UpdatedAt = Time(now)
	return r.indexed()
}

// indexed keeps ownerStatus in step with its two parts. A row without an
// owner is in no list.
func (r VideoRow) indexed() VideoRow {
	r.OwnerStatus = ""
	if r.OwnerID != "" {
		r.OwnerStatus = OwnerStatus(r.OwnerID, r.EncodingStatus)
	}
	return r
}

// OwnerStatus is the key under which an owner's videos of one status are
// listed. A status has no #, so that two owners never share a key.
func OwnerStatus(owner string, status Status) string { return owner + "#" + string(status) }

// SourcePrefix is what the keys of all uploads of a video begin with.
func SourcePrefix(id string) string { return "video/" + id + "/" }

package contract

import (
	"encoding/json"
	"errors"
	"regexp"
)

// StatusNew is where a row of the video table starts: created, and nothing
// of it has arrived yet.
const StatusNew Status = "new"

// VideoRow is one item of the integration's video table. A field that does
// not apply is absent.
type VideoRow struct {
	ID             string `json:"id"`                // UUID
	S3Key          string `json:"s3key,omitempty"`   // video/<id>/media.<ext>
	VodGUID        string `json:"vodGuid,omitempty"` // the pipeline's guid of the newest encode
	EncodingStatus Status `json:"encodingStatus,omitempty"`
	Progress       *int   `json:"progress,omitempty"` // 0 to 100

	Title       string `json:"title,omitempty"`
	OwnerID     string `json:"ownerId,omitempty"`
	FileName    string `json:"fileName,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	Size        int64  `json:"size,omitempty"`     // bytes, as announced
	Metadata    string `json:"metadata,omitempty"` // JSON text of an object
	Options     string `json:"options,omitempty"`  // JSON text: the metadata file's options
	CreatedAt   string `json:"createdAt,omitempty"`
	UpdatedAt   string `json:"updatedAt,omitempty"`

	HLSURL         string      `json:"hlsUrl,omitempty"`
	DASHURL        string      `json:"dashUrl,omitempty"`
	MP4URLs        []string    `json:"mp4Urls,omitempty"`
	PlaceholderURL string      `json:"placeholderUrl,omitempty"` // the poster
	ThumbnailURLs  []string    `json:"thumbnailUrls,omitempty"`
	Renditions     []Rendition `json:"renditions,omitempty"`
	Duration       int64       `json:"duration,omitempty"` // milliseconds
	Width          int         `json:"width,omitempty"`    // displayed pixels
	Height         int         `json:"height,omitempty"`   // displayed pixels

	ErrorCode    Code            `json:"errorCode,omitempty"`
	ErrorMessage string          `json:"errorMessage,omitempty"`
	LastMessage  json.RawMessage `json:"lastMessage,omitempty"` // the last message applied

	RowInternal
}

// RowInternal is the integration's own memory in the row. No answer of the
// API has it.
type RowInternal struct {
	Version      int64    `json:"version,omitempty"`      // one more with every write
	OwnerStatus  string   `json:"ownerStatus,omitempty"`  // <ownerId>#<encodingStatus>, for listing by status
	VodStartedAt string   `json:"vodStartedAt,omitempty"` // when the encode of vodGuid started
	VodEventTime string   `json:"vodEventTime,omitempty"` // when its upload was complete, or it was asked for
	VodSequencer string   `json:"vodSequencer,omitempty"` // S3's, of that upload
	Encodes      int      `json:"encodes,omitempty"`      // encodes asked for beyond the upload's own
	GUIDs        []string `json:"guids,omitempty"`        // every guid that a message or an encode had
	RequestHash  string   `json:"requestHash,omitempty"`  // of the request that created the row
	UploadID     string   `json:"uploadId,omitempty"`     // S3's, of a multipart upload
	PartSize     int64    `json:"partSize,omitempty"`     // bytes; 0 for a single PUT
	URLsExpireAt string   `json:"urlsExpireAt,omitempty"` // the last URL that was handed out
	PendingWork  Work     `json:"pendingWork,omitempty"`  // what sweep looks after
	DueAt        string   `json:"dueAt,omitempty"`        // when it does
	DeletedAt    string   `json:"deletedAt,omitempty"`    // the video is gone for everyone from here on
	ExpireAt     int64    `json:"expireAt,omitempty"`     // seconds since 1970: DynamoDB's time to live

	Requests []RowRequest `json:"requests,omitempty"` // those that had their effect, oldest first
}

// RowRequest is a request with an Idempotency-Key that had its effect on a
// row. Repeated, it has none.
type RowRequest struct {
	Key  string `json:"key"`            // hash of the operation and the key
	Body string `json:"body"`           // hash of the body
	GUID string `json:"guid,omitempty"` // of the encode that the request started
}

// Rendition is one encoded version of the picture, or of the sound alone.
type Rendition struct {
	Type    string `json:"type"`              // the output group's: CMAF, HLS, DASH, MP4
	Width   int    `json:"width,omitempty"`   // pixels
	Height  int    `json:"height,omitempty"`  // pixels
	Bitrate int    `json:"bitrate,omitempty"` // bit/s
}

// Work is what is left to do about a row after its request was answered.
type Work string

// The kinds of work: see whether an upload came, start an encode that was
// promised, delete what a deleted video left behind.
const (
	WorkUpload   Work = "upload"
	WorkEncode   Work = "encode"
	WorkDeletion Work = "deletion"
)

// Errors of the video table.
var (
	// ErrRowChanged says that somebody else has written the row meanwhile.
	ErrRowChanged = errors.New("the row was changed meanwhile")
	// ErrUnknownRow says that there is no such row.
	ErrUnknownRow = errors.New("no row of this video")
)

// SourceKey is where a video of the integration is uploaded to.
func SourceKey(id, extension string) string { return "video/" + id + "/media." + extension }

var sourceKey = regexp.MustCompile(`^video/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/media\.[a-z0-9]+$`)

// VideoIDOf is the id in a key that SourceKey has made; ok is false for
// every other key.
func VideoIDOf(key string) (id string, ok bool) {
	m := sourceKey.FindStringSubmatch(key)
	if m == nil {
		return "", false
	}
	return m[1], true
}

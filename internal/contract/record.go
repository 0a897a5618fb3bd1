package contract

import "encoding/json"

// Status is where a video is. It only moves forward.
type Status string

// The statuses: Ingest, then Complete or Error.
const (
	StatusIngest   Status = "Ingest"
	StatusComplete Status = "Complete"
	StatusError    Status = "Error"
)

// Record is one item of the tracking table. A field that does not apply is
// absent.
type Record struct {
	Core
	Heavy
	Internal
	// Free is what a metadata file said beyond the options: stored and
	// echoed. It never overwrites a field of the contract.
	Free map[string]any `json:"-"`
}

// Core is what the record and the messages have in common.
type Core struct {
	GUID            string  `json:"guid,omitempty"`
	StartTime       string  `json:"startTime,omitempty"`
	EndTime         string  `json:"endTime,omitempty"`
	WorkflowTrigger Trigger `json:"workflowTrigger,omitempty"`
	WorkflowStatus  Status  `json:"workflowStatus,omitempty"`
	WorkflowName    string  `json:"workflowName,omitempty"`

	SrcBucket       string `json:"srcBucket,omitempty"`
	SrcVideo        string `json:"srcVideo,omitempty"`
	SrcMetadataFile string `json:"srcMetadataFile,omitempty"`
	SrcEventTime    string `json:"srcEventTime,omitempty"` // which of two encodes of a key is newer
	SrcSequencer    string `json:"srcSequencer,omitempty"` // S3's, of two uploads in one second
	DestBucket      string `json:"destBucket,omitempty"`
	CloudFront      string `json:"cloudFront,omitempty"`

	FrameCapture           *bool  `json:"frameCapture,omitempty"`
	EnableSns              *bool  `json:"enableSns,omitempty"`
	EnableSqs              *bool  `json:"enableSqs,omitempty"`
	EnableMediaPackage     *bool  `json:"enableMediaPackage,omitempty"`
	ArchiveSource          string `json:"archiveSource,omitempty"`
	InputRotate            string `json:"inputRotate,omitempty"`
	AcceleratedTranscoding string `json:"acceleratedTranscoding,omitempty"`
	JobTemplate            string `json:"jobTemplate,omitempty"`
	IsCustomTemplate       *bool  `json:"isCustomTemplate,omitempty"`

	SrcWidth        int    `json:"srcWidth,omitempty"`        // displayed pixels
	SrcHeight       int    `json:"srcHeight,omitempty"`       // displayed pixels
	EncodingProfile int    `json:"encodingProfile,omitempty"` // short side of the top rung
	EncodeJobID     string `json:"encodeJobId,omitempty"`
	Progress        *int   `json:"progress,omitempty"` // 0 to 100

	Outputs

	WorkflowErrorAt string   `json:"workflowErrorAt,omitempty"`
	ErrorCode       Code     `json:"errorCode,omitempty"`
	ErrorMessage    string   `json:"errorMessage,omitempty"`
	ErrorDetails    string   `json:"errorDetails,omitempty"` // console link
	Warnings        []string `json:"warnings,omitempty"`
}

// Outputs are the fields that say where the streams are: s3:// URIs raw,
// URLs percent-encoded.
type Outputs struct {
	HLSPlaylist      string `json:"hlsPlaylist,omitempty"`
	HLSURL           string `json:"hlsUrl,omitempty"`
	DASHPlaylist     string `json:"dashPlaylist,omitempty"`
	DASHURL          string `json:"dashUrl,omitempty"`
	CMAFHLSPlaylist  string `json:"cmafHlsPlaylist,omitempty"`
	CMAFHLSURL       string `json:"cmafHlsUrl,omitempty"`
	CMAFDASHPlaylist string `json:"cmafDashPlaylist,omitempty"`
	CMAFDASHURL      string `json:"cmafDashUrl,omitempty"`
	MSSPlaylist      string `json:"mssPlaylist,omitempty"`
	MSSURL           string `json:"mssUrl,omitempty"`

	MP4Outputs []string `json:"mp4Outputs,omitempty"`
	MP4URLs    []string `json:"mp4Urls,omitempty"`

	// The same list under upstream's names and the article's: the poster
	// first, then the thumbnails in the order of time.
	ThumbNails     []string `json:"thumbNails,omitempty"`
	ThumbNailsURLs []string `json:"thumbNailsUrls,omitempty"`
	ThumbNailURL   []string `json:"thumbNailUrl,omitempty"`
}

// Heavy are the fields that only the record and the queue carry.
type Heavy struct {
	SrcMediainfo   string          `json:"srcMediainfo,omitempty"`
	EncodingJob    json.RawMessage `json:"encodingJob,omitempty"`
	EncodingOutput json.RawMessage `json:"encodingOutput,omitempty"`
}

// Internal is the pipeline's own memory in the record. No message has it.
type Internal struct {
	SrcVersionID string `json:"srcVersionId,omitempty"` // the version that is encoded
	SrcETag      string `json:"srcETag,omitempty"`
	SrcSize      int64  `json:"srcSize,omitempty"` // bytes

	JobEvent       json.RawMessage `json:"jobEvent,omitempty"`       // the event that ended the job
	JobSubmittedAt string          `json:"jobSubmittedAt,omitempty"` // CreateJob answered
	Redrives       int             `json:"redrives,omitempty"`       // times that an operator has redriven the execution

	IngestSentAt string `json:"ingestSentAt,omitempty"`
	SnsSentAt    string `json:"snsSentAt,omitempty"`
	SqsSentAt    string `json:"sqsSentAt,omitempty"`
}

// Ended tells whether the video is Complete or in Error.
func (r Record) Ended() bool {
	return r.WorkflowStatus == StatusComplete || r.WorkflowStatus == StatusError
}

// TellsSns tells whether the topic hears of this video; so it does when the
// record was made before the options were known.
func (c Core) TellsSns() bool { return c.EnableSns == nil || *c.EnableSns }

// TellsSqs is the same for the result queue.
func (c Core) TellsSqs() bool { return c.EnableSqs == nil || *c.EnableSqs }

package httpapi

// The requests and answers of the routes, in the order of CONTRACT.md.

// NewVideo is what is known of a video before its upload.
type NewVideo struct {
	FileName    string  `json:"fileName" minLength:"1" maxLength:"255" pattern:"^[^/\\\\\\x00-\\x1f\\x7f-\\x9f\\x{061c}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]*$" patternDescription:"a name, not a path, without control and bidirectional characters" doc:"The file's name; its extension says what it is." example:"holiday.mp4"`
	ContentType string  `json:"contentType" minLength:"3" maxLength:"100" doc:"The file's media type, which its upload must carry too." example:"video/mp4"`
	Size        Whole   `json:"size" minimum:"1" doc:"Bytes. The upload must be exactly as long." example:"73400320"`
	Title       string  `json:"title,omitempty" nullable:"true" maxLength:"500" pattern:"^[^\\x00-\\x1f\\x7f-\\x9f\\x{061c}\\x{200e}\\x{200f}\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]*$" patternDescription:"text without control and bidirectional characters" doc:"Kept as it is; no control characters, and none that turn the direction of text." example:"Holiday by the sea"`
	Metadata    Object  `json:"metadata,omitempty" doc:"Free metadata: an object of up to 8 KiB of JSON, nested up to 8 levels deep." example:"{\"camera\":\"A7\"}"`
	Options     Options `json:"options,omitempty" doc:"The options that the video is encoded with; what is left out is the stack's own."`
}

// RequestKey makes a POST safe to repeat.
type RequestKey struct {
	IdempotencyKey string `header:"Idempotency-Key" minLength:"1" maxLength:"255" pattern:"^[!-~]{1,255}$" patternDescription:"1 to 255 visible ASCII characters" doc:"Makes the request safe to repeat: the same key and body have their effect once, and answer with the video as it is." example:"b3c1f6f0-2f7c-4d0e-8a51-6f2d1c9f7e31"`
}

type createIn struct {
	RequestKey
	Body NewVideo
}

// Created is a new video and how to upload it. There is no upload when the
// request is repeated after the file has arrived.
type Created struct {
	Video  Video   `json:"video"`
	Upload *Upload `json:"upload,omitempty" doc:"Absent only when the same Idempotency-Key came before and the file has arrived since."`
}

type createOut struct {
	Location string `header:"Location" format:"uri" doc:"The new video's URL."`
	ETag     string `header:"ETag" doc:"The video's version, for If-Match."`
	Body     Created
}

// VideoID is the video that a route is about. Garbage is as unknown as any
// other id that is not there, so the schema is not enforced.
type VideoID struct {
	ID string `path:"id" format:"uuid" doc:"The video's id." example:"0f8d2b0c-6c53-4c8e-9a53-2f1b7a3d9e10"`
}

type uploadIn struct {
	VideoID
	Part  int `query:"part" minimum:"1" maximum:"10000" default:"1" doc:"The first part wanted, of a multipart upload."`
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many parts, at most."`
}

// UploadAnswer is how to go on with an upload.
type UploadAnswer struct {
	Upload Upload `json:"upload"`
}

type uploadOut struct{ Body UploadAnswer }

// Completion may say what the client has uploaded, to be compared with what
// has arrived.
type Completion struct {
	Parts []CompletedPart `json:"parts,omitempty" nullable:"true" maxItems:"10000" doc:"All parts of a multipart upload in order. Left out, what has arrived counts."`
}

type completeIn struct {
	VideoID
	RequestKey
	Body *Completion
}

// VideoAnswer is one video.
type VideoAnswer struct {
	Video Video `json:"video"`
}

type videoOut struct {
	ETag string `header:"ETag" doc:"The video's version, for If-Match; of GET, while the video is encoded, with its progress: \"v3-42\"."`
	Body VideoAnswer
}

type listIn struct {
	Status string `query:"status" enum:"new,Ingest,Complete,Error" doc:"Only videos of this status."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many videos, at most."`
	Cursor string `query:"cursor" maxLength:"1000" doc:"The cursor of the page before; the same status goes with it."`
}

// VideoList is a page of videos, newest first.
type VideoList struct {
	Videos []Video `json:"videos" nullable:"false"`
	Cursor string  `json:"cursor,omitempty" doc:"Asks for the next page; absent on the last one. Opaque: valid for the same caller and status only."`
}

type listOut struct{ Body VideoList }

// VideoPatch changes what it names and leaves the rest.
type VideoPatch struct {
	Title    TitleChange    `json:"title,omitzero"`
	Metadata MetadataChange `json:"metadata,omitzero"`
}

type patchIn struct {
	VideoID
	IfMatch string `header:"If-Match" maxLength:"1000" doc:"The ETag of the video that the change is meant for, or several. The progress in an ETag does not count: no change conflicts with it. Without the header the change is made whatever the video is now." example:"\"v3\""`
	Body    VideoPatch
}

// Encode may replace the options.
type Encode struct {
	Options Options `json:"options,omitempty" doc:"Replace the video's options; left out, they stay."`
}

type encodeIn struct {
	VideoID
	RequestKey
	Body *Encode
}

// EventList is the messages received, oldest first.
type EventList struct {
	Events []Event `json:"events" nullable:"false"`
}

type eventsOut struct{ Body EventList }

// Health is a constant: the API answers.
type Health struct {
	Status string `json:"status" enum:"ok" example:"ok"`
}

type healthOut struct{ Body Health }

type documentOut struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

type empty struct{}

// Package transcode carries out MediaConvert jobs with ffmpeg: it probes a
// source, encodes it in one process and packages what came out under the
// names that the service gives. It knows neither HTTP nor S3.
package transcode

import (
	"fmt"
)

// A Transcoder runs ffmpeg and ffprobe. The zero value takes both from PATH.
type Transcoder struct {
	FFmpeg  string // path of ffmpeg
	FFprobe string // path of ffprobe
}

// A Job is one set of settings and the files that it is about.
type Job struct {
	Settings *Settings
	// Inputs are in the order of Settings.Inputs.
	Inputs []Input
	// Dir is an empty folder that the job may fill. It is emptied when the
	// job fails or is cancelled.
	Dir string
	// Progress is called now and then, never concurrently; nil is allowed.
	Progress func(Progress)
}

// An Input is one source file on this machine.
type Input struct {
	Path string
	URI  string // where the service reads it: s3://bucket/key
}

// The phases of a job, as the service names them. UPLOADING belongs to the
// caller, who has the storage.
const (
	PhaseProbing     = "PROBING"
	PhaseTranscoding = "TRANSCODING"
	PhaseUploading   = "UPLOADING"
)

// Progress is how far a job is.
type Progress struct {
	Phase         string
	Percent       int // of the phase, 0 to 100
	FramesDecoded int64
}

// A Result is what a finished job made.
type Result struct {
	OutputGroupDetails []OutputGroupDetail
	// Files are in the order in which they may be published: segments
	// before the playlists that name them.
	Files    []File
	Warnings []Warning
}

// A File is one file that the job made and where it belongs.
type File struct {
	Path        string
	URI         string // s3://bucket/key
	ContentType string
}

// A Warning is the service's way to say that a job went on with less than
// what was asked for.
type Warning struct {
	Code  int `json:"code"`
	Count int `json:"count"`
}

// OutputGroupDetail is one output group in the service's COMPLETE event.
type OutputGroupDetail struct {
	OutputDetails     []OutputDetail `json:"outputDetails"`
	PlaylistFilePaths []string       `json:"playlistFilePaths,omitempty"`
	Type              string         `json:"type"`
}

// OutputDetail is one output in the service's COMPLETE event.
type OutputDetail struct {
	DurationInMs    int64         `json:"durationInMs"`
	OutputFilePaths []string      `json:"outputFilePaths,omitempty"`
	VideoDetails    *VideoDetails `json:"videoDetails,omitempty"`
}

// VideoDetails is the picture of an output in the COMPLETE event. The
// service's QVBR scores are left out, since nothing here measures them.
type VideoDetails struct {
	WidthInPx      int `json:"widthInPx"`
	HeightInPx     int `json:"heightInPx"`
	AverageBitrate int `json:"averageBitrate,omitempty"` // bits per second
}

// An Error ends a job. Code is one of the service's job error codes.
type Error struct {
	Code    int
	Message string
	// OfMachine tells a failure that is this machine's and not the job's, such
	// as a full disk: the same job may do well later.
	OfMachine bool
}

// Error is the message with its code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// The service's job error codes that a job here can end with. Their meanings
// are from the service's error code page.
const (
	CodeUnreadable   = 1010 // the input is not a media file
	CodeNoVideo      = 1020 // the input lacks the video that the job wants
	CodeNoAudio      = 1021 // the input lacks the audio that the job wants
	CodeUnsupported  = 1030 // the input's codec or container isn't supported
	CodeSettings     = 1040 // settings that do not go together, or with this input
	CodeDiskFull     = 1050 // out of disk space
	CodeTruncated    = 1076 // the input ends before it should
	CodeInputMissing = 1404 // the input does not exist
	CodeInternal     = 1999 // anything else, such as a killed encoder
)

// A Refusal names a setting that is valid on AWS but not carried out here.
type Refusal struct {
	Path    string // JSON path in the request, such as /settings/inputs/0/crop
	Message string // one sentence
}

// Error is the path with its sentence, as the service words it.
func (r *Refusal) Error() string { return r.Path + ": " + r.Message }

// failOfMachine is a failure that another try may not have.
func failOfMachine(code int, format string, args ...any) *Error {
	e := fail(code, format, args...)
	e.OfMachine = true
	return e
}

func fail(code int, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

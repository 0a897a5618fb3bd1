// Package encoding decides how a source becomes streams: which rungs, which
// outputs, which MediaConvert job. It is pure: no network, no clock.
package encoding

// Options are what a video is encoded with: the stack's configuration,
// overlaid by the options of a metadata file. In JSON they travel from the
// stack to the functions in the environment variable ENCODING_OPTIONS.
type Options struct {
	// Outputs are the packaged outputs: CMAF, HLS, DASH, MP4.
	Outputs []Output `json:"outputs"`
	// TopRung is the tallest rung's short side in pixels, 2160 at most.
	TopRung int `json:"topRung"`
	// FrameCapture asks for a poster and thumbnails.
	FrameCapture bool `json:"frameCapture"`
	// FrameCaptureSeconds is the time between two thumbnails, in seconds.
	FrameCaptureSeconds int `json:"frameCaptureSeconds"`
	// InputRotate is AUTO, DEGREE_0, DEGREES_90, DEGREES_180 or DEGREES_270.
	InputRotate string `json:"inputRotate"`
	// AcceleratedTranscoding is ENABLED, PREFERRED or DISABLED.
	AcceleratedTranscoding string `json:"acceleratedTranscoding"`
	// JobTemplate names a MediaConvert job template that replaces the
	// computed ladder; empty for none.
	JobTemplate string `json:"jobTemplate,omitempty"`
	// ArchiveSource is DISABLED, GLACIER or DEEP_ARCHIVE.
	ArchiveSource string `json:"archiveSource"`
	// EnableSns and EnableSqs switch the two ways to be told.
	EnableSns bool `json:"enableSns"`
	EnableSqs bool `json:"enableSqs"`
}

// Output is one way to package the encoded streams.
type Output string

// The outputs, each a folder of that name in lower case under the guid.
const (
	CMAF Output = "CMAF"
	HLS  Output = "HLS"
	DASH Output = "DASH"
	MP4  Output = "MP4"
)

// Package video is the domain: what vodstack knows of a video, in words
// that no cloud service has chosen. It imports only the standard library.
package video

import (
	"math"
	"time"
)

// Media is what is known of a source file before it is encoded.
type Media struct {
	Filename string // last part of the key
	Format   string // container: mp4, quicktime, matroska, …; empty when unknown
	Size     int64  // bytes
	Duration time.Duration
	Bitrate  int // of the whole file, bits per second

	Video []VideoTrack
	Audio []AudioTrack
	Text  []TextTrack
}

// VideoTrack is one picture track, as coded in the file.
type VideoTrack struct {
	Codec      string
	Profile    string
	Bitrate    int // bits per second
	Duration   time.Duration
	FrameCount int // 0 when the container does not tell
	Width      int // coded pixels, before rotation and pixel aspect
	Height     int
	FrameRate  Ratio // frames per second
	ScanType   string
	BitDepth   int
	// ChromaSubsampling is 4:2:0, 4:2:2 or 4:4:4, empty when not told.
	ChromaSubsampling string
	ColorSpace        string
	// Transfer is the transfer characteristics in the probe's words, such
	// as ITU_709, or SMPTE_2084 and ARIB_B67 for HDR.
	Transfer string
	// Rotation is how far a player turns the coded picture clockwise
	// before showing it: 0, 90, 180 or 270 degrees.
	Rotation int
	// PixelAspect is a pixel's width over its height; the zero value
	// means square.
	PixelAspect Ratio
}

// AudioTrack is one sound track.
type AudioTrack struct {
	Codec        string
	Bitrate      int // bits per second
	Duration     time.Duration
	Language     string // ISO 639-2 as in the file, empty when not told
	Channels     int
	SamplingRate int // hertz
}

// TextTrack is one track of captions or subtitles.
type TextTrack struct {
	Format   string
	Language string
}

// Picture is a size in displayed pixels: square, and the way up that the
// viewer sees them.
type Picture struct{ Width, Height int }

// ShortSide is what the name of a rung counts: 1080 for 1920×1080 and for
// a phone held upright at 1080×1920.
func (p Picture) ShortSide() int { return min(p.Width, p.Height) }

// maxPixelAspect bounds the pixel aspects that are believed, and so does
// its inverse; the widest in use, of anamorphic film, is 2.
const maxPixelAspect = 8

// Displayed is the size a viewer sees: pixel aspect applied first, in the
// coded orientation, then rotation.
func (v VideoTrack) Displayed() Picture {
	p := Picture{v.Width, v.Height}
	if par := v.PixelAspect.Float(); par >= 1.0/maxPixelAspect && par <= maxPixelAspect {
		p.Width = int(math.Round(float64(v.Width) * par))
	}
	if v.Rotation == 90 || v.Rotation == 270 {
		p.Width, p.Height = p.Height, p.Width
	}
	return p
}

// Ratio is a fraction; frame rates such as 30000/1001 stay exact.
type Ratio struct{ Num, Den int }

// Float is the fraction's value, 0 when it is not defined.
func (r Ratio) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

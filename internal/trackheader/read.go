// Package trackheader reads from the header of a MP4 or QuickTime file what
// MediaConvert's probe does not tell: which way up the picture is and how
// wide a pixel is. It reads ranges, so a file may stay where it is, and
// keeps no more than one window of it in memory, whatever the file claims.
//
// It is written out here, since mp4ff drops the matrix that carries the
// rotation, and what strangers upload needs bounds (docs/adr/0003).
package trackheader

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/vodstack/vodstack/internal/video"
)

// Track is one track of a file.
type Track struct {
	ID   uint32
	Kind string // the handler: vide, soun, text, …
	// Rotation is how far a player turns the coded picture clockwise
	// before showing it: 0, 90, 180 or 270 degrees.
	Rotation int
	// PixelAspect is a pixel's width over its height; the zero value means
	// that the file does not tell.
	PixelAspect video.Ratio
	Width       int // coded pixels, picture tracks only
	Height      int
	// Samples is the number of frames of a picture track, 0 when it is not
	// known, as for fragmented files.
	Samples int
}

// Kinds of tracks, as QuickTime spells its handlers.
const (
	Picture = "vide"
	Sound   = "soun"
)

// ErrMalformed is in every error about what a file holds: reading it again
// gives the same. An error without it is the reader's own.
var ErrMalformed = errors.New("malformed movie header")

// ErrNoHeader is returned for a file without a movie header: another
// container, or a file that was cut off before its header.
var ErrNoHeader = fmt.Errorf("%w: there is none in the file", ErrMalformed)

// errHostile is behind refusals of files that would cost too much.
var errHostile = &Reference{"its header is too complex to be searched for the names of other files"}

// Window is how much is read at once, in bytes: usual headers fit into one.
const Window = 64 << 10

// Limits: what cameras and encoders write stays far under them.
const (
	maxReads  = 128
	maxBoxes  = 20000
	maxTracks = 100
)

// Read reads the tracks of a file of a size, in the file's order. It may be any
// file, whatever its name: one that names others is a Reference. Any other
// error says that nothing is known, not that the file cannot be played: either
// the header is ErrMalformed, or it could not be read.
func Read(r io.ReaderAt, size int64) ([]Track, error) {
	f := &file{r: r, size: size}
	moov, err := f.header()
	if err != nil {
		return nil, fmt.Errorf("read track headers: %w", err)
	}
	tracks, err := f.movie(moov)
	if err = cmp.Or(err, f.malformed); err != nil {
		return nil, fmt.Errorf("read track headers: %w", err)
	}
	return tracks, nil
}

// header finds the movie header.
func (f *file) header() (box, error) {
	head, err := f.bytes(0, headBytes)
	if err != nil {
		return box{}, err
	}
	if err := textReference(head); err != nil {
		return box{}, err
	}
	if !isMovie(head) {
		return box{}, ErrNoHeader
	}
	moov, err := f.child(box{end: f.size}, "moov")
	if err == nil && moov.kind == "" {
		err = ErrNoHeader
	}
	return moov, err
}

// movie reads the tracks of a moov box.
func (f *file) movie(moov box) ([]Track, error) {
	var tracks []Track
	err := f.each(moov.start, moov.end, func(b box) (bool, error) {
		switch {
		case b.kind == "rmra":
			return false, &Reference{"it is a reference movie"}
		case b.kind == "cmov":
			return false, &Reference{"its header is compressed, which hides the names of other files"}
		case b.kind != "trak":
			return true, nil
		case len(tracks) == maxTracks:
			return false, errHostile
		}
		t, err := f.track(b)
		tracks = append(tracks, t)
		return true, f.goOn(err)
	})
	return tracks, err
}

// goOn keeps what is malformed for the end of the search: a reference may
// follow, which others find.
func (f *file) goOn(err error) error {
	if _, found := errors.AsType[*Reference](err); found || !errors.Is(err, ErrMalformed) {
		return err
	}
	f.malformed = cmp.Or(f.malformed, err)
	return nil
}

func (f *file) track(trak box) (Track, error) {
	var t Track
	err := f.each(trak.start, trak.end, func(b box) (bool, error) {
		switch b.kind {
		case "tkhd":
			return true, f.goOn(f.trackHeader(b, &t))
		case "mdia":
			return true, f.goOn(f.media(b, &t))
		}
		return true, nil
	})
	return t, err
}

// trackHeader reads identity and rotation.
func (f *file) trackHeader(b box, t *Track) error {
	p, err := f.bytes(b.start, 96)
	if err != nil {
		return err
	}
	id, matrix := 12, 40
	if len(p) > 0 && p[0] == 1 { // 64-bit times
		id, matrix = 20, 52
	}
	if b.end-b.start < int64(matrix+36) || len(p) < matrix+36 {
		return fmt.Errorf("%w: tkhd is cut short", ErrMalformed)
	}
	t.ID = binary.BigEndian.Uint32(p[id:])
	t.Rotation = rotation(fixed(p[matrix:]), fixed(p[matrix+4:]))
	return nil
}

func fixed(p []byte) float64 { return float64(int32(binary.BigEndian.Uint32(p))) / 65536 }

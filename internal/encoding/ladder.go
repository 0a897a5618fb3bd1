package encoding

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/vodstack/vodstack/internal/video"
)

// A Rung is one picture size and bitrate of the ladder.
//
// Height is the short side in pixels, so that 1080 means the same for a
// phone held upright; MaxBitrate is in bits per second.
type Rung struct {
	Height     int `json:"height"`
	MaxBitrate int `json:"maxBitrate"`
	Quality    int `json:"quality"` // QVBR level, 1 to 10
	// Picture is the rung's size for one source, both sides even; it is
	// set by Ladder.For.
	Picture video.Picture `json:"-"`
}

// A Ladder is the rungs that a video may be encoded at, tallest first.
type Ladder struct {
	Rungs []Rung `json:"rungs"`
}

// near is how much taller than a rung a source may be to take its place:
// 1088 lines are encoded as they are instead of as 1088 and 1080.
const near = 1.1

// The sides of a H.264 picture, in pixels: MediaConvert's API takes no output
// under 32, and none over 4096×2160 or 2160×4096
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/supported-output-resolution-maximums-by-codec.html).
const (
	minSide  = 32
	maxLong  = 4096
	maxShort = 2160
)

//go:embed ladder.json
var ladderFile []byte

var defaultLadder = func() Ladder {
	l, err := ParseLadder(ladderFile)
	if err != nil {
		panic("ladder.json: " + err.Error()) // the tests read the same file
	}
	return l
}()

// DefaultLadder is the ladder of ladder.json.
func DefaultLadder() Ladder { return defaultLadder }

// ParseLadder reads a ladder file and checks that it descends.
func ParseLadder(data []byte) (Ladder, error) {
	var l Ladder
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Ladder{}, fmt.Errorf("read ladder: %w", err)
	}
	if len(l.Rungs) == 0 {
		return Ladder{}, fmt.Errorf("a ladder needs at least one rung")
	}
	for i, r := range l.Rungs {
		if err := r.check(); err != nil {
			return Ladder{}, err
		}
		if i > 0 && (r.Height >= l.Rungs[i-1].Height || r.MaxBitrate >= l.Rungs[i-1].MaxBitrate) {
			return Ladder{}, fmt.Errorf("rung %d: height and maxBitrate must be under those of the rung before", r.Height)
		}
	}
	return l, nil
}

func (r Rung) check() error {
	switch {
	case r.Height < minSide || r.Height > maxShort || r.Height%2 != 0:
		return fmt.Errorf("rung %d: height must be an even number from %d to %d", r.Height, minSide, maxShort)
	case r.MaxBitrate < minBitrate:
		return fmt.Errorf("rung %d: maxBitrate must be %d bit/s at least", r.Height, minBitrate)
	case r.Quality < 1 || r.Quality > 10:
		return fmt.Errorf("rung %d: quality must be a QVBR level from 1 to 10", r.Height)
	}
	return nil
}

// For returns the rungs that fit a source, tallest first. It never
// enlarges: a 480-line source tops out at 480 lines. A source between two
// rungs is encoded at its own size first, a source under the lowest rung at
// its own size only; top is the tallest rung's height that is wanted, 0 for
// no limit. An empty result means that no H.264 picture fits the source.
func (l Ladder) For(src video.Picture, top int) []Rung {
	own, ok := ownSize(src)
	if !ok {
		return nil
	}
	limit := own.ShortSide()
	if top > 0 && limit > top {
		limit = top
	}
	var rungs []Rung
	for _, r := range l.Rungs {
		if r.Height <= limit {
			r.Picture = scaled(src, own, r.Height)
			rungs = append(rungs, l.widened(r))
		}
	}
	return l.withOwn(rungs, own, limit)
}

// withOwn puts the source's own size on top where it is not a rung already.
func (l Ladder) withOwn(rungs []Rung, own video.Picture, limit int) []Rung {
	if limit < own.ShortSide() {
		return drop(rungs)
	}
	if len(rungs) > 0 && rungs[0].Height == own.ShortSide() {
		rungs[0].Picture = own
		return drop(rungs)
	}
	if len(rungs) > 0 && float64(own.ShortSide()) <= near*float64(rungs[0].Height) {
		rungs = rungs[1:]
	}
	top := l.interpolated(own.ShortSide())
	top.Picture = own
	return drop(append([]Rung{l.widened(top)}, rungs...))
}

// drop leaves out rungs that an extreme shape has made too flat to encode.
func drop(rungs []Rung) []Rung {
	kept := rungs[:0]
	for _, r := range rungs {
		if r.Picture.ShortSide() >= minSide {
			kept = append(kept, r)
		}
	}
	return kept
}

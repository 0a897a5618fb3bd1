package encoding

import (
	"math"

	"github.com/vodstack/vodstack/internal/video"
)

// minBitrate is the lowest cap of a rung, in bit/s: under it, the headers
// of a segment outweigh the picture.
const minBitrate = 100_000

// ownSize is the largest even picture inside the source that H.264 can
// carry; false when none of at least minSide pixels is left.
func ownSize(src video.Picture) (video.Picture, bool) {
	if src.Width < minSide || src.Height < minSide {
		return video.Picture{}, false
	}
	w, h := float64(src.Width), float64(src.Height)
	scale := min(1, maxLong/max(w, h), maxShort/min(w, h))
	own := video.Picture{Width: evenFloor(w * scale), Height: evenFloor(h * scale)}
	return own, own.ShortSide() >= minSide
}

// scaled is the source at a short side of so many pixels, its shape kept to
// the nearest even number, and never larger than its own size.
func scaled(src, own video.Picture, short int) video.Picture {
	long := func(long, short2, limit int) int {
		n := evenRound(float64(short) * float64(long) / float64(short2))
		return min(n, limit)
	}
	if src.Width >= src.Height {
		return video.Picture{Width: long(src.Width, src.Height, own.Width), Height: short}
	}
	return video.Picture{Width: short, Height: long(src.Height, src.Width, own.Height)}
}

// interpolated is a rung of a height that the ladder does not have: the
// bitrate lies between those of its neighbours, the quality is that of the
// upper one, since this rung is the top of its video. Under the lowest rung
// the bitrate shrinks with the area.
func (l Ladder) interpolated(height int) Rung {
	last := l.Rungs[len(l.Rungs)-1]
	if height <= last.Height {
		share := float64(height) / float64(last.Height)
		return Rung{Height: height, MaxBitrate: max(minBitrate, thousands(float64(last.MaxBitrate)*share*share)), Quality: last.Quality}
	}
	upper := l.Rungs[0]
	for _, lower := range l.Rungs {
		if lower.Height <= height {
			if upper.Height <= lower.Height {
				return Rung{Height: height, MaxBitrate: upper.MaxBitrate, Quality: upper.Quality}
			}
			share := float64(height-lower.Height) / float64(upper.Height-lower.Height)
			rate := float64(lower.MaxBitrate) + share*float64(upper.MaxBitrate-lower.MaxBitrate)
			return Rung{Height: height, MaxBitrate: thousands(rate), Quality: upper.Quality}
		}
		upper = lower
	}
	return upper
}

// widened raises the cap of a picture wider than 16:9 in proportion to its
// pixels, since the ladder's bitrates are meant for 16:9; at most twofold.
func (l Ladder) widened(r Rung) Rung {
	pixels := float64(r.Picture.Width) * float64(r.Picture.Height)
	usual := float64(r.Height) * float64(r.Height) * 16 / 9
	if factor := min(2, pixels/usual); factor > 1.01 {
		r.MaxBitrate = thousands(float64(r.MaxBitrate) * factor)
	}
	return r
}

func evenFloor(x float64) int { return int(x/2+1e-9) * 2 }

func evenRound(x float64) int { return int(math.Round(x/2)) * 2 }

func thousands(x float64) int { return int(math.Round(x/1000)) * 1000 }

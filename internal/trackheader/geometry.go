package trackheader

import (
	"math"

	"github.com/vodstack/vodstack/internal/video"
)

// rotation is the angle of a track's matrix, clockwise for the viewer: the
// first row of the matrix, a and b, is where the picture's right side points
// to, and y grows downwards. Mirrored pictures get the angle of that row.
// MediaConvert turns by quarters only, and takes an angle that is off by
// more than a degree for none at all.
func rotation(a, b float64) int {
	if a == 0 && b == 0 {
		return 0
	}
	degrees := math.Atan2(b, a) * 180 / math.Pi
	quarter := math.Round(degrees/90) * 90
	if math.Abs(degrees-quarter) > 1 {
		return 0
	}
	return (int(quarter) + 360) % 360
}

// maxAspect bounds pixel aspects that are believed; the widest in use, of
// anamorphic film, is 2.
const maxAspect = 8

func aspect(horizontal, vertical uint32) video.Ratio {
	if horizontal == 0 || vertical == 0 || horizontal > math.MaxInt32 || vertical > math.MaxInt32 {
		return video.Ratio{}
	}
	r := video.Ratio{Num: int(horizontal), Den: int(vertical)}
	if f := r.Float(); f > maxAspect || f < 1.0/maxAspect {
		return video.Ratio{}
	}
	return r
}

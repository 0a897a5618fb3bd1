package step

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"image/jpeg"
	"math"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/jpegluma"
)

const (
	// maxPictures is how many pictures of a video are looked at and told of.
	maxPictures = 200
	// pictureLimit is the largest frame that is looked at, in bytes and pixels.
	pictureLimit  = 8 << 20
	pixelLimit    = 4096 * 4096
	posterMark    = "_poster."
	blackLuma     = 20 // of 255, the mean of a picture that is black …
	blackContrast = 10 // … when it also deviates from it by no more than this
)

// pictures are the keys of the poster and, behind it, the thumbnails in the
// order of time.
func (s *Publish) pictures(ctx context.Context, rec contract.Record) ([]string, error) {
	if rec.FrameCapture != nil && !*rec.FrameCapture {
		return nil, nil
	}
	objects, err := s.Destination.List(ctx, rec.GUID+"/thumbnails/", maxPictures)
	if err != nil {
		return nil, fmt.Errorf("list pictures of video %s: %w", rec.GUID, err)
	}
	var candidates, thumbnails []string
	for _, object := range objects {
		if strings.Contains(object.Key, posterMark) {
			candidates = append(candidates, object.Key)
		} else {
			thumbnails = append(thumbnails, object.Key)
		}
	}
	poster, err := s.choosePoster(ctx, inside(candidates), inside(thumbnails))
	if err != nil || poster == "" {
		return thumbnails, err
	}
	list := []string{poster}
	for _, key := range thumbnails {
		if key != poster {
			list = append(list, key)
		}
	}
	return list, nil
}

// inside puts the frame of the very beginning last: it is often a title, or
// still dark.
func inside(keys []string) []string {
	if len(keys) < 2 {
		return keys
	}
	return append(keys[1:len(keys):len(keys)], keys[0])
}

// choosePoster is the first picture that is not black, from the candidates,
// then from the thumbnails; if all are black, the brightest.
func (s *Publish) choosePoster(ctx context.Context, lists ...[]string) (string, error) {
	var brightest string
	best := -1.0
	for _, keys := range lists {
		for _, key := range keys {
			luma, black, err := s.look(ctx, key)
			if err != nil {
				if !errors.Is(err, errNoPicture) {
					return "", err
				}
				s.Log.Warn("picture left out as poster", "key", key, "error", err)
				continue
			}
			if !black {
				return key, nil
			}
			if luma > best {
				best, brightest = luma, key
			}
		}
	}
	return brightest, nil
}

var errNoPicture = errors.New("not a JPEG of a reasonable size")

// look tells whether a picture is black, and if so, the mean of its luma.
func (s *Publish) look(ctx context.Context, key string) (luma float64, black bool, err error) {
	data, err := s.Destination.Read(ctx, key, "", pictureLimit)
	if errors.Is(err, contract.ErrNotFound) {
		return 0, false, fmt.Errorf("%s: %w", key, errNoPicture)
	}
	if err != nil {
		return 0, false, fmt.Errorf("read picture %s: %w", key, err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width*size.Height > pixelLimit {
		return 0, false, fmt.Errorf("%s: %w", key, errNoPicture)
	}
	luma, black, err = judge(data)
	if errors.Is(err, jpegluma.ErrUnsupported) {
		luma, black, err = judgePixels(data)
	}
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w: %w", key, errNoPicture, err)
	}
	return luma, black, nil
}

// judge looks at a picture's blocks until they are bright enough, however
// dark the rest may be.
func judge(data []byte) (luma float64, black bool, err error) {
	var n, sum, squares float64
	bright := false
	err = jpegluma.Scan(data, func(b jpegluma.Block, total int) bool {
		n, sum, squares = n+1, sum+b.Mean, squares+b.Mean*b.Mean+b.Variance
		bright = sum >= blackLuma*float64(total)
		return !bright
	})
	if err != nil || bright {
		return 0, false, err
	}
	luma, black = isBlack(n, sum, squares)
	return luma, black, nil
}

// judgePixels does the same with the pixels of a kind of JPEG that has no
// blocks that can be read one after the other. It samples them on a grid of
// about 128 points a side.
func judgePixels(data []byte) (luma float64, black bool, err error) {
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return 0, false, err
	}
	bounds := picture.Bounds()
	stepX, stepY := max(bounds.Dx()/128, 1), max(bounds.Dy()/128, 1)
	var n, sum, squares float64
	for y := bounds.Min.Y; y < bounds.Max.Y; y += stepY {
		for x := bounds.Min.X; x < bounds.Max.X; x += stepX {
			luma := float64(color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
			n, sum, squares = n+1, sum+luma, squares+luma*luma
		}
	}
	luma, black = isBlack(n, sum, squares)
	return luma, black, nil
}

// isBlack tells from n samples' sum and sum of squares whether a picture is
// dark and even.
func isBlack(n, sum, squares float64) (mean float64, black bool) {
	if n == 0 {
		return 0, true
	}
	mean = sum / n
	deviation := math.Sqrt(max(squares/n-mean*mean, 0))
	return mean, mean < blackLuma && deviation < blackContrast
}

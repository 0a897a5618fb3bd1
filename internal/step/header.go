package step

import (
	"context"
	"errors"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/trackheader"
	"github.com/vodstack/vodstack/internal/video"
)

// header looks at the file's beginning, and at its movie header where it has
// one. A playlist, or a movie that names other files, is refused whatever it is
// called: the encoder would read those others with the stack's role. The header
// tells how the pictures are turned and how wide their pixels are, in case the
// service's probe does not; without either the video is encoded as it is coded.
// A header that cannot be parsed tells nothing, whenever it is read; one that
// could not be read is an error, to be read again.
func (s *Plan) header(ctx context.Context, object contract.Object, start []byte) ([]trackheader.Track, error) {
	tracks, err := trackheader.Read(s.Source.Ranges(ctx, object, start), object.Size)
	var reference *trackheader.Reference
	switch {
	case errors.As(err, &reference):
		return nil, contract.Failf(contract.CodeSourceUnreadable, "%s; upload the video itself", reference)
	case errors.Is(err, trackheader.ErrMalformed):
		s.Log.Info("no track header", "key", object.Key, "error", err)
		return nil, nil
	case err != nil:
		return nil, checkVersion(object, err, object.Key, object.VersionID, object.ETag)
	}
	return tracks, nil
}

// refine adds to each picture track what its header says.
func refine(media *video.Media, tracks []trackheader.Track) {
	next := 0
	for _, track := range tracks {
		if track.Kind != trackheader.Picture || next == len(media.Video) {
			continue
		}
		v := &media.Video[next]
		next++
		v.Rotation = track.Rotation
		if track.PixelAspect.Float() > 0 {
			v.PixelAspect = track.PixelAspect
		}
		if track.Samples > 0 {
			v.FrameCount = track.Samples
		}
		unturn(v, track)
	}
}

// unturn makes sure that a picture on its side has its coded size: whether
// the service's probe turns it is not documented.
func unturn(v *video.VideoTrack, track trackheader.Track) {
	sideways := track.Rotation == 90 || track.Rotation == 270
	if sideways && v.Width == track.Height && v.Height == track.Width {
		v.Width, v.Height = track.Width, track.Height
	}
}

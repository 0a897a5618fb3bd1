package step

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/trackheader"
	"github.com/vodstack/vodstack/internal/video"
)

// headered are the extensions of files that have a movie header: MP4,
// QuickTime and their relatives.
var headered = map[string]bool{
	".mp4": true, ".m4v": true, ".m4a": true, ".mov": true, ".qt": true, ".3gp": true, ".3g2": true,
}

// header reads how the pictures are turned and how wide their pixels are, in
// case the service's probe does not tell. Without either the video is encoded
// as it is coded. A header that cannot be parsed tells nothing, whenever it is
// read; one that could not be read is an error, to be read again.
func (s *Plan) header(ctx context.Context, object contract.Object, start []byte) ([]trackheader.Track, error) {
	if !headered[strings.ToLower(path.Ext(object.Key))] {
		return nil, nil
	}
	tracks, err := trackheader.Read(s.Source.Ranges(ctx, object, start), object.Size)
	switch {
	case errors.Is(err, trackheader.ErrMalformed):
		s.Log.Info("track header ignored", "key", object.Key, "error", err)
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

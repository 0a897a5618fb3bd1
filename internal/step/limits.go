package step

import (
	"math"
	"path"
	"strings"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/video"
)

// playlists are formats, and extensions of files, that name other files. The
// service's probe has none of them in its list (enum Format of the API model),
// which says that it may grow; a metadata file may name a file of any
// extension.
var playlists = map[string]bool{
	"hls": true, "applehttp": true, "m3u": true, "m3u8": true, "dash": true, "mpd": true, "smooth": true, "ism": true, "ismc": true, "mss": true,
	"imf": true, "cpl": true, "xml": true, "concat": true, "ffconcat": true, "sdp": true, "smil": true, "asx": true, "pls": true, "xspf": true,
}

// checkSource refuses what would cost more than the stack is ready to pay, and
// what the probe takes for a playlist.
func (s *Stack) checkSource(media video.Media) error {
	for _, kind := range []string{media.Format, strings.TrimPrefix(path.Ext(media.Filename), ".")} {
		if playlists[strings.ToLower(kind)] {
			return contract.Failf(contract.CodeSourceUnreadable, "the file is no video of its own: it is a playlist (%s); upload the video itself", kind)
		}
	}
	if lasts := longest(media); lasts > s.MaxDuration {
		return contract.Failf(contract.CodeSourceTooLong, "the video lasts %.0f minutes and up to %.0f are taken; upload it in shorter parts",
			math.Ceil(lasts.Minutes()), s.MaxDuration.Minutes())
	}
	for _, track := range media.Video {
		if track.Width*track.Height > s.MaxPixels {
			return contract.Failf(contract.CodeSourceTooLarge, "the picture has %d×%d = %d pixels and up to %d are taken; export it in a smaller size",
				track.Width, track.Height, track.Width*track.Height, s.MaxPixels)
		}
	}
	return nil
}

// longest is how long a file lasts, or one of its tracks: a container may say
// less than what is in it.
func longest(media video.Media) time.Duration {
	lasts := media.Duration
	for _, track := range media.Video {
		lasts = max(lasts, track.Duration)
	}
	for _, track := range media.Audio {
		lasts = max(lasts, track.Duration)
	}
	return lasts
}

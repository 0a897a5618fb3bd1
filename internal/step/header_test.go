package step

import (
	"testing"

	"github.com/vodstack/vodstack/internal/trackheader"
	"github.com/vodstack/vodstack/internal/video"
)

func TestAPhoneVideoStandsUprightWhetherOrNotTheProbeTurnsIt(t *testing.T) {
	header := []trackheader.Track{
		{Kind: trackheader.Sound},
		{Kind: trackheader.Picture, Rotation: 90, Width: 1920, Height: 1080, Samples: 77},
	}
	for _, probed := range []video.Picture{{Width: 1920, Height: 1080}, {Width: 1080, Height: 1920}} {
		media := video.Media{Video: []video.VideoTrack{{Width: probed.Width, Height: probed.Height, FrameCount: 75}}}
		refine(&media, header)
		track := media.Video[0]
		if got := track.Displayed(); got != (video.Picture{Width: 1080, Height: 1920}) {
			t.Errorf("probed as %v it is shown as %v", probed, got)
		}
		if track.FrameCount != 77 {
			t.Errorf("frame count is %d, want the header's", track.FrameCount)
		}
	}
}

func TestAHeaderWithMoreTracksThanTheProbeIsNoTrouble(t *testing.T) {
	media := video.Media{}
	refine(&media, []trackheader.Track{{Kind: trackheader.Picture, Rotation: 90}})
	if len(media.Video) != 0 {
		t.Errorf("tracks are %v", media.Video)
	}
}

package video

import "testing"

func TestDisplayedSize(t *testing.T) {
	for _, c := range []struct {
		name  string
		track VideoTrack
		want  Picture
	}{
		{"square pixels, upright", VideoTrack{Width: 1920, Height: 1080}, Picture{1920, 1080}},
		{"a phone held upright", VideoTrack{Width: 1920, Height: 1080, Rotation: 90}, Picture{1080, 1920}},
		{"upside down", VideoTrack{Width: 1920, Height: 1080, Rotation: 180}, Picture{1920, 1080}},
		{"the other way", VideoTrack{Width: 1920, Height: 1080, Rotation: 270}, Picture{1080, 1920}},
		{"wide pixels", VideoTrack{Width: 720, Height: 576, PixelAspect: Ratio{64, 45}}, Picture{1024, 576}},
		{"narrow pixels", VideoTrack{Width: 720, Height: 480, PixelAspect: Ratio{8, 9}}, Picture{640, 480}},
		{"wide pixels, then turned", VideoTrack{Width: 720, Height: 576, PixelAspect: Ratio{64, 45}, Rotation: 90}, Picture{576, 1024}},
		{"pixels beyond belief are square", VideoTrack{Width: 720, Height: 576, PixelAspect: Ratio{5000, 1}}, Picture{720, 576}},
		{"a pixel aspect without denominator is none", VideoTrack{Width: 720, Height: 576, PixelAspect: Ratio{5, 0}}, Picture{720, 576}},
		{"a negative one, too", VideoTrack{Width: 720, Height: 576, PixelAspect: Ratio{-1, 1}}, Picture{720, 576}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.track.Displayed(); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestShortSideIsTheSameUprightAndLyingDown(t *testing.T) {
	if (Picture{1920, 1080}).ShortSide() != 1080 || (Picture{1080, 1920}).ShortSide() != 1080 {
		t.Error("the short side depends on the way up")
	}
}

func TestARatioThatIsNotDefinedIsZero(t *testing.T) {
	if (Ratio{}).Float() != 0 || (Ratio{30000, 1001}).Float() < 29.97 {
		t.Error("ratios")
	}
}

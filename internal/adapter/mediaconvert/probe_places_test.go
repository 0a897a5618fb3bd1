package mediaconvert_test

import (
	"context"
	"testing"

	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
	"github.com/vodstack/vodstack/internal/video"
)

// probedTrack is what is read of a picture track with these properties.
func probedTrack(t *testing.T, properties string) video.VideoTrack {
	t.Helper()
	_, c := client(t, awstest.Answer{Body: `{"probeResults":[{"container":{"format":"mpegts","tracks":[
		{"trackType":"audio","codec":"AAC","audioProperties":{"channels":2}},
		{"trackType":"video","codec":"AVC","videoProperties":` + properties + `}]}}]}`})
	media, err := (&mediaconvert.Prober{Client: c, Bucket: "source"}).Probe(context.Background(), "a.ts")
	if err != nil || len(media.Video) != 1 {
		t.Fatalf("media is %+v, %v", media, err)
	}
	return media.Video[0]
}

// Container and video essence may both tell of a picture: the API model on
// VideoProperties and CodecMetadata (botocore 1.43).
func TestWhatEitherPlaceTellsOfAPictureIsRead(t *testing.T) {
	par := video.Ratio{Num: 4, Den: 3}
	for name, c := range map[string]struct {
		properties string
		want       video.VideoTrack
	}{
		"the container alone": {
			`{"transferCharacteristics":"ARIB_B67","colorPrimaries":"ITU_2020","rotation":90,"sampleAspectRatio":{"numerator":4,"denominator":3}}`,
			video.VideoTrack{Transfer: "ARIB_B67", ColorSpace: "ITU_2020", Rotation: 90, PixelAspect: par},
		},
		"the essence alone, the container's being null": {
			`{"transferCharacteristics":null,"colorPrimaries":null,"rotation":null,"sampleAspectRatio":null,"width":null,"height":null,"bitDepth":null,"frameRate":null,
				"codecMetadata":{"transferCharacteristics":"SMPTE_2084","colorPrimaries":"ITU_2020","rotation":270,"sampleAspectRatio":{"numerator":4,"denominator":3},
				"width":1440,"height":1080,"bitDepth":10,"codedFrameRate":{"numerator":25,"denominator":1},"scanType":"progressive"}}`,
			video.VideoTrack{Transfer: "SMPTE_2084", ColorSpace: "ITU_2020", Rotation: 270, PixelAspect: par,
				Width: 1440, Height: 1080, BitDepth: 10, FrameRate: video.Ratio{Num: 25, Den: 1}, ScanType: "progressive"},
		},
		"a container that has the fields and says nothing": {
			`{"transferCharacteristics":"UNSPECIFIED","colorPrimaries":"RESERVED","rotation":0,
				"codecMetadata":{"transferCharacteristics":"ITU_709","colorPrimaries":"ITU_709"}}`,
			video.VideoTrack{Transfer: "ITU_709", ColorSpace: "ITU_709"},
		},
		"both, which disagree": {
			`{"transferCharacteristics":"ITU_709","colorPrimaries":"ITU_709","rotation":90,"sampleAspectRatio":{"numerator":4,"denominator":3},
				"codecMetadata":{"transferCharacteristics":"SMPTE_170M","colorPrimaries":"SMPTE_170M","rotation":180,"sampleAspectRatio":{"numerator":1,"denominator":1}}}`,
			video.VideoTrack{Transfer: "ITU_709", ColorSpace: "ITU_709", Rotation: 90, PixelAspect: par},
		},
		"a field order without a scan type": {
			`{"codecMetadata":{"scanType":null,"fieldOrder":"TopFieldFirst"}}`,
			video.VideoTrack{ScanType: "interlaced"},
		},
		"neither": {`{"codecMetadata":null}`, video.VideoTrack{}},
		"a member of another type": {
			`{"rotation":"upright","sampleAspectRatio":{"numerator":4,"denominator":3}}`, video.VideoTrack{PixelAspect: par},
		},
	} {
		c.want.Codec = "AVC"
		if got := probedTrack(t, c.properties); got != c.want {
			t.Errorf("%s: read %+v, want %+v", name, got, c.want)
		}
	}
}

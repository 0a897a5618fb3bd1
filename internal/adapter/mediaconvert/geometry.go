package mediaconvert

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vodstack/vodstack/internal/video"
)

// The service's Probe tells how a picture is turned and how wide its pixels
// are, as other SDKs know (API model 2017-08-29 in botocore 1.43); this SDK
// drops both. So the answer's own bytes are kept, and read for these two.

// geometry is the part of an answer to Probe that the SDK drops.
type geometry struct {
	ProbeResults []struct {
		Container struct {
			Tracks []struct {
				VideoProperties *struct {
					Rotation          int `json:"rotation"` // degrees, clockwise
					SampleAspectRatio struct {
						Numerator   int `json:"numerator"`
						Denominator int `json:"denominator"`
					} `json:"sampleAspectRatio"`
				} `json:"videoProperties"`
			} `json:"tracks"`
		} `json:"container"`
	} `json:"probeResults"`
}

// answerLimit is the largest answer that is kept, in bytes.
const answerLimit = 4 << 20

// keepBody copies an answer's body on its way to the SDK's own reader.
func keepBody(into *[]byte) func(*mediaconvert.Options) {
	keep := middleware.DeserializeMiddlewareFunc("KeepBody", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !ok {
			return out, metadata, err
		}
		*into, err = io.ReadAll(io.LimitReader(response.Body, answerLimit))
		if err != nil {
			return out, metadata, fmt.Errorf("read answer: %w", err)
		}
		response.Body = struct {
			io.Reader
			io.Closer
		}{bytes.NewReader(*into), response.Body}
		return out, metadata, nil
	})
	return func(o *mediaconvert.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Deserialize.Add(keep, middleware.After) // before the SDK's reader
		})
	}
}

// addGeometry adds rotation and pixel aspect to the picture tracks; an answer
// without them leaves the tracks as they are.
func addGeometry(media *video.Media, answer []byte) {
	var g geometry
	if json.Unmarshal(answer, &g) != nil || len(g.ProbeResults) == 0 {
		return
	}
	next := 0
	for _, track := range g.ProbeResults[0].Container.Tracks {
		p := track.VideoProperties
		if p == nil || next == len(media.Video) {
			continue
		}
		v := &media.Video[next]
		next++
		v.Rotation = quarter(p.Rotation)
		if a := p.SampleAspectRatio; a.Numerator > 0 && a.Denominator > 0 {
			v.PixelAspect = video.Ratio{Num: a.Numerator, Den: a.Denominator}
		}
	}
}

// quarter is an angle as 0, 90, 180 or 270 degrees; another is taken for
// none, since MediaConvert turns by quarters only.
func quarter(degrees int) int {
	if degrees%90 != 0 {
		return 0
	}
	return ((degrees % 360) + 360) % 360
}

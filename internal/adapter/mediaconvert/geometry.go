package mediaconvert

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vodstack/vodstack/internal/video"
)

// Probe tells how a picture is turned and how wide its pixels are, as the
// container has it on the track itself and as the video essence has it under
// codecMetadata, and there which field comes first (API model 2017-08-29 in
// botocore 1.43); this SDK drops all five. So the answer's own bytes are kept,
// and read for these.

// rawAnswer is the part of an answer to Probe that the SDK drops.
type rawAnswer struct {
	ProbeResults []struct {
		Container struct {
			Tracks []rawTrack `json:"tracks"`
		} `json:"container"`
	} `json:"probeResults"`
}

// rawTrack is what the SDK drops of one track.
type rawTrack struct {
	VideoProperties struct {
		geometry
		CodecMetadata struct {
			geometry
			FieldOrder string `json:"fieldOrder"`
		} `json:"codecMetadata"`
	} `json:"videoProperties"`
}

// geometry is how a picture is to be shown.
type geometry struct {
	Rotation          int `json:"rotation"` // degrees, clockwise
	SampleAspectRatio struct {
		Numerator   int `json:"numerator"`
		Denominator int `json:"denominator"`
	} `json:"sampleAspectRatio"`
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

// rawTracks are the tracks of the first result, in the order in which the SDK
// has them. A member of another type than the model's is left out.
func rawTracks(answer []byte) []rawTrack {
	var raw rawAnswer
	_ = json.Unmarshal(answer, &raw) // the SDK has read it: the only error is a member's type
	if len(raw.ProbeResults) == 0 {
		return nil
	}
	return raw.ProbeResults[0].Container.Tracks
}

// rotation is the container's, or that of the essence's display orientation
// message where the container has none.
func (t rawTrack) rotation() int {
	p := t.VideoProperties
	return cmp.Or(quarter(p.Rotation), quarter(p.CodecMetadata.Rotation))
}

// pixelAspect is the container's, or the essence's where the container has
// none: a transport or program stream never has.
func (t rawTrack) pixelAspect() video.Ratio {
	p := t.VideoProperties
	return cmp.Or(p.pixelAspect(), p.CodecMetadata.pixelAspect())
}

func (g geometry) pixelAspect() video.Ratio {
	if a := g.SampleAspectRatio; a.Numerator > 0 && a.Denominator > 0 {
		return video.Ratio{Num: a.Numerator, Den: a.Denominator}
	}
	return video.Ratio{}
}

// quarter is an angle as 0, 90, 180 or 270 degrees; another is taken for
// none, since MediaConvert turns by quarters only.
func quarter(degrees int) int {
	if degrees%90 != 0 {
		return 0
	}
	return ((degrees % 360) + 360) % 360
}

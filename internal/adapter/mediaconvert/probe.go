package mediaconvert

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/video"
)

// Prober looks into sources of one bucket with the service's Probe, which
// takes a key but no version: who asks makes sure that it is the right one.
type Prober struct {
	Client *mediaconvert.Client
	Bucket string
}

// Probe tells container and tracks.
func (p *Prober) Probe(ctx context.Context, key string) (video.Media, error) {
	var answer []byte
	out, err := p.Client.Probe(ctx, &mediaconvert.ProbeInput{
		InputFiles: []types.ProbeInputFile{{FileUrl: aws.String(contract.S3URI(p.Bucket, key))}},
	}, keepBody(&answer))
	if err != nil {
		return video.Media{}, unreadable(err)
	}
	if len(out.ProbeResults) == 0 || out.ProbeResults[0].Container == nil {
		return video.Media{}, contract.Failf(contract.CodeSourceUnreadable, "the file cannot be read as a video: no container was recognized")
	}
	media := mediaOf(out.ProbeResults[0], rawTracks(answer))
	return media, unrecognized(media)
}

// unreadable tells a file that the service cannot open from a service that is
// busy or down. UnprocessableEntityException is documented for Probe, but the
// SDK has no type for it.
func unreadable(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "BadRequestException" || api.ErrorCode() == "UnprocessableEntityException") {
		return contract.Failf(contract.CodeSourceUnreadable, "the file cannot be read as a video: %s", api.ErrorMessage())
	}
	return awsbase.Explain(err)
}

// unrecognized is the Failure for a file in which the service finds neither a
// container that it knows nor a track.
func unrecognized(media video.Media) error {
	if media.Format == "" && len(media.Video)+len(media.Audio) == 0 {
		return contract.Failf(contract.CodeSourceUnreadable, "the file cannot be read as a video: no container was recognized")
	}
	return nil
}

func mediaOf(result types.ProbeResult, raw []rawTrack) video.Media {
	container := result.Container
	media := video.Media{Format: string(container.Format), Duration: seconds(container.Duration)}
	if result.Metadata != nil {
		media.Size = aws.ToInt64(result.Metadata.FileSize)
	}
	for i, track := range container.Tracks {
		var dropped rawTrack
		if i < len(raw) {
			dropped = raw[i]
		}
		addTrack(&media, track, dropped)
	}
	if s := media.Duration.Seconds(); s > 0 {
		media.Bitrate = int(math.Round(float64(media.Size) * 8 / s))
	}
	return media
}

func addTrack(media *video.Media, track types.Track, raw rawTrack) {
	switch track.TrackType {
	case types.TrackTypeVideo:
		if track.VideoProperties != nil {
			media.Video = append(media.Video, videoTrack(track, raw))
		}
	case types.TrackTypeAudio:
		if track.AudioProperties != nil {
			media.Audio = append(media.Audio, audioTrack(track))
		}
	case types.TrackTypeData:
		text := video.TextTrack{Format: string(track.Codec)}
		if track.DataProperties != nil {
			text.Language = aws.ToString(track.DataProperties.LanguageCode)
		}
		media.Text = append(media.Text, text)
	}
}

// videoTrack reads a picture track. Container and video essence may both tell
// of it; the first place that does is taken. A transport or program stream
// tells its colours under codecMetadata alone, which only H.264, HEVC and
// MPEG-2 have for certain (the API model's words about CodecMetadata).
func videoTrack(track types.Track, raw rawTrack) video.VideoTrack {
	p := track.VideoProperties
	m := p.CodecMetadata
	if m == nil {
		m = &types.CodecMetadata{}
	}
	v := video.VideoTrack{
		Codec:             string(track.Codec),
		Profile:           aws.ToString(m.Profile),
		Bitrate:           int(aws.ToInt64(p.BitRate)),
		Duration:          seconds(track.Duration),
		Width:             int(cmp.Or(aws.ToInt32(p.Width), aws.ToInt32(m.Width))),
		Height:            int(cmp.Or(aws.ToInt32(p.Height), aws.ToInt32(m.Height))),
		FrameRate:         cmp.Or(ratio(p.FrameRate), ratio(m.CodedFrameRate)),
		ScanType:          scanType(m, raw),
		BitDepth:          int(cmp.Or(aws.ToInt32(p.BitDepth), aws.ToInt32(m.BitDepth))),
		ChromaSubsampling: aws.ToString(m.ChromaSubsampling),
		ColorSpace:        firstTold(p.ColorPrimaries, m.ColorPrimaries),
		Transfer:          firstTold(p.TransferCharacteristics, m.TransferCharacteristics),
		Rotation:          raw.rotation(),
		PixelAspect:       raw.pixelAspect(),
	}
	// Probe counts no frames.
	v.FrameCount = int(math.Round(v.Duration.Seconds() * v.FrameRate.Float()))
	return v
}

// firstTold is the first colour of the list that is one.
func firstTold[T ~string](places ...T) string {
	for _, place := range places {
		switch place {
		case "", "UNSPECIFIED", "RESERVED", "LAST":
		default:
			return string(place)
		}
	}
	return ""
}

// scanType is the essence's. Only interlaced video has a field order.
func scanType(m *types.CodecMetadata, raw rawTrack) string {
	if told := aws.ToString(m.ScanType); told != "" || raw.VideoProperties.CodecMetadata.FieldOrder == "" {
		return told
	}
	return "interlaced"
}

func audioTrack(track types.Track) video.AudioTrack {
	p := track.AudioProperties
	return video.AudioTrack{
		Codec:        string(track.Codec),
		Bitrate:      int(aws.ToInt64(p.BitRate)),
		Duration:     seconds(track.Duration),
		Language:     aws.ToString(p.LanguageCode),
		Channels:     int(aws.ToInt32(p.Channels)),
		SamplingRate: int(aws.ToInt32(p.SampleRate)),
	}
}

func ratio(rate *types.FrameRate) video.Ratio {
	if rate == nil {
		return video.Ratio{}
	}
	return video.Ratio{Num: int(aws.ToInt32(rate.Numerator)), Den: int(aws.ToInt32(rate.Denominator))}
}

// seconds reads a duration; what is no duration of a video is none.
func seconds(s *float64) time.Duration {
	const century = 100 * 365 * 24 * 3600
	if s == nil || !(*s > 0) || *s > century {
		return 0
	}
	return time.Duration(math.Round(*s * float64(time.Second)))
}

package mediaconvert

import (
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
	media := mediaOf(out.ProbeResults[0])
	addGeometry(&media, answer)
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

func mediaOf(result types.ProbeResult) video.Media {
	container := result.Container
	media := video.Media{Format: string(container.Format), Duration: seconds(container.Duration)}
	if result.Metadata != nil {
		media.Size = aws.ToInt64(result.Metadata.FileSize)
	}
	for _, track := range container.Tracks {
		addTrack(&media, track)
	}
	if s := media.Duration.Seconds(); s > 0 {
		media.Bitrate = int(math.Round(float64(media.Size) * 8 / s))
	}
	return media
}

func addTrack(media *video.Media, track types.Track) {
	switch track.TrackType {
	case types.TrackTypeVideo:
		if track.VideoProperties != nil {
			media.Video = append(media.Video, videoTrack(track))
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

func videoTrack(track types.Track) video.VideoTrack {
	p := track.VideoProperties
	v := video.VideoTrack{
		Codec:      string(track.Codec),
		Bitrate:    int(aws.ToInt64(p.BitRate)),
		Duration:   seconds(track.Duration),
		Width:      int(aws.ToInt32(p.Width)),
		Height:     int(aws.ToInt32(p.Height)),
		FrameRate:  ratio(p.FrameRate),
		BitDepth:   int(aws.ToInt32(p.BitDepth)),
		ColorSpace: string(p.ColorPrimaries),
	}
	v.FrameCount = int(math.Round(v.Duration.Seconds() * v.FrameRate.Float()))
	if m := p.CodecMetadata; m != nil {
		v.Profile = aws.ToString(m.Profile)
		v.ScanType = aws.ToString(m.ScanType)
	}
	return v
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

package mediaconvert

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// job is a request for one MP4.
func (b *bench) job(input, name string) *sdk.CreateJobInput {
	return &sdk.CreateJobInput{
		Role: aws.String(role), UserMetadata: map[string]string{"guid": "g-1", "workflow": "vod"},
		ClientRequestToken: aws.String(""),
		Settings: &types.JobSettings{
			Inputs: []types.Input{{
				FileInput: &input, VideoSelector: &types.VideoSelector{Rotate: types.InputRotateAuto},
				AudioSelectors: map[string]types.AudioSelector{"Audio Selector 1": {DefaultSelection: types.AudioDefaultSelectionDefault}},
			}},
			OutputGroups: []types.OutputGroup{b.fileGroup(name)},
		},
	}
}

func (b *bench) fileGroup(name string) types.OutputGroup {
	return types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{
			Type:              types.OutputGroupTypeFileGroupSettings,
			FileGroupSettings: &types.FileGroupSettings{Destination: aws.String("s3://" + b.bucket + "/" + name)},
		},
		Outputs: []types.Output{{
			NameModifier:      aws.String("_mp4"),
			ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeMp4},
			VideoDescription:  h264(432, 1_000_000),
			AudioDescriptions: []types.AudioDescription{aac()},
		}},
	}
}

func h264(height, bitrate int32) *types.VideoDescription {
	return &types.VideoDescription{
		Width: aws.Int32((height*16/9 + 1) / 2 * 2), Height: &height,
		CodecSettings: &types.VideoCodecSettings{Codec: types.VideoCodecH264, H264Settings: &types.H264Settings{
			RateControlMode: types.H264RateControlModeQvbr, MaxBitrate: &bitrate,
			QvbrSettings: &types.H264QvbrSettings{QvbrQualityLevel: aws.Int32(7)},
			GopSize:      aws.Float64(3), GopSizeUnits: types.H264GopSizeUnitsSeconds,
		}},
	}
}

func aac() types.AudioDescription {
	return types.AudioDescription{
		AudioSourceName: aws.String("Audio Selector 1"),
		CodecSettings: &types.AudioCodecSettings{Codec: types.AudioCodecAac, AacSettings: &types.AacSettings{
			Bitrate: aws.Int32(96000), SampleRate: aws.Int32(48000), CodingMode: types.AacCodingModeCodingMode20,
		}},
	}
}

// wholeJob is CMAF with two rungs and sound, MP4, and frame captures.
func (b *bench) wholeJob(input string) *sdk.CreateJobInput {
	request := b.job(input, "guid/mp4/car")
	request.Settings.OutputGroups = append(request.Settings.OutputGroups, b.cmafGroup(), b.captureGroup())
	return request
}

func (b *bench) cmafGroup() types.OutputGroup {
	cmaf := &types.ContainerSettings{Container: types.ContainerTypeCmfc}
	return types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{
			Type: types.OutputGroupTypeCmafGroupSettings,
			CmafGroupSettings: &types.CmafGroupSettings{
				Destination:   aws.String("s3://" + b.bucket + "/guid/cmaf/car"),
				SegmentLength: aws.Int32(6), FragmentLength: aws.Int32(6),
				WriteHlsManifest: types.CmafWriteHLSManifestEnabled, WriteDashManifest: types.CmafWriteDASHManifestEnabled,
			},
		},
		Outputs: []types.Output{
			{NameModifier: aws.String("_432p"), ContainerSettings: cmaf, VideoDescription: h264(432, 1_000_000)},
			{NameModifier: aws.String("_270p"), ContainerSettings: cmaf, VideoDescription: h264(270, 400_000)},
			{NameModifier: aws.String("_audio"), ContainerSettings: cmaf, AudioDescriptions: []types.AudioDescription{aac()}},
		},
	}
}

func (b *bench) captureGroup() types.OutputGroup {
	return types.OutputGroup{
		OutputGroupSettings: &types.OutputGroupSettings{
			Type:              types.OutputGroupTypeFileGroupSettings,
			FileGroupSettings: &types.FileGroupSettings{Destination: aws.String("s3://" + b.bucket + "/guid/thumbnails/car")},
		},
		Outputs: []types.Output{{
			NameModifier:      aws.String("_thumb"),
			ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeRaw},
			VideoDescription: &types.VideoDescription{CodecSettings: &types.VideoCodecSettings{
				Codec: types.VideoCodecFrameCapture,
				FrameCaptureSettings: &types.FrameCaptureSettings{
					FramerateNumerator: aws.Int32(1), FramerateDenominator: aws.Int32(1), MaxCaptures: aws.Int32(100), Quality: aws.Int32(80),
				},
			}},
		}},
	}
}

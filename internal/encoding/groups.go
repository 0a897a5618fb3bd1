package encoding

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// mp4Height bounds the MP4 for download, in lines.
const mp4Height = 1080

// audioGroup is the name of the one group of sound renditions.
const audioGroup = "audio"

// groups are the job's output groups, in one fixed order.
func (p *planner) groups() []types.OutputGroup {
	builders := []struct {
		output Output
		build  func() types.OutputGroup
	}{{CMAF, p.cmafGroup}, {HLS, p.hlsGroup}, {DASH, p.dashGroup}, {MP4, p.mp4Group}}
	outputs := p.outputs()
	var groups []types.OutputGroup
	for _, b := range builders {
		if slices.Contains(outputs, b.output) {
			groups = append(groups, b.build())
		}
	}
	if p.opts.FrameCapture && !p.audioOnly() {
		groups = append(groups, p.framesGroup())
	}
	return groups
}

// outputs are those of the options, as far as the service makes them: of audio
// alone it makes HLS, DASH and files, but no CMAF
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/audio-only-output.html).
// HLS and DASH together take the place of CMAF then.
func (p *planner) outputs() []Output {
	if !p.audioOnly() || !slices.Contains(p.opts.Outputs, CMAF) {
		return p.opts.Outputs
	}
	others := slices.DeleteFunc(slices.Clone(p.opts.Outputs), func(o Output) bool { return o == CMAF })
	return append(others, HLS, DASH)
}

// destination is where a group's files go: folder and base name.
func (p *planner) destination(folder string) string {
	return "s3://" + p.src.DestinationBucket + "/" + p.src.GUID + "/" + folder + "/" + p.base
}

func (p *planner) cmafGroup() types.OutputGroup {
	g := types.OutputGroup{Name: new("CMAF"), OutputGroupSettings: &types.OutputGroupSettings{
		Type: types.OutputGroupTypeCmafGroupSettings,
		CmafGroupSettings: &types.CmafGroupSettings{
			Destination:        new(p.destination("cmaf")),
			SegmentControl:     types.CmafSegmentControlSegmentedFiles,
			SegmentLength:      new(int32(segmentSeconds)),
			FragmentLength:     new(int32(segmentSeconds)),
			WriteHlsManifest:   types.CmafWriteHLSManifestEnabled,
			WriteDashManifest:  types.CmafWriteDASHManifestEnabled,
			CodecSpecification: types.CmafCodecSpecificationRfc6381,
			// Sound and picture both start at 0; unsigned offsets would
			// show the picture late by the length of its B-frames.
			VideoCompositionOffsets: types.CmafVideoCompositionOffsetsSigned,
		},
	}}
	for _, r := range p.rungs {
		c := &types.ContainerSettings{Container: types.ContainerTypeCmfc}
		if len(p.sounds) > 0 {
			c.CmfcSettings = &types.CmfcSettings{AudioRenditionSets: new(audioGroup)}
		}
		g.Outputs = append(g.Outputs, p.videoOutput(r, c))
	}
	for i, s := range p.sounds {
		c := &types.ContainerSettings{Container: types.ContainerTypeCmfc, CmfcSettings: &types.CmfcSettings{
			AudioGroupId:   new(audioGroup),
			AudioTrackType: types.CmfcAudioTrackType(p.trackType(i)),
		}}
		g.Outputs = append(g.Outputs, audioOutput(i, s, c))
	}
	return g
}

func (p *planner) dashGroup() types.OutputGroup {
	g := types.OutputGroup{Name: new("DASH"), OutputGroupSettings: &types.OutputGroupSettings{
		Type: types.OutputGroupTypeDashIsoGroupSettings,
		DashIsoGroupSettings: &types.DashIsoGroupSettings{
			Destination:             new(p.destination("dash")),
			SegmentControl:          types.DashIsoSegmentControlSegmentedFiles,
			SegmentLength:           new(int32(segmentSeconds)),
			FragmentLength:          new(int32(segmentSeconds)),
			VideoCompositionOffsets: types.DashIsoVideoCompositionOffsetsSigned,
		},
	}}
	mpd := &types.ContainerSettings{Container: types.ContainerTypeMpd}
	for _, r := range p.rungs {
		g.Outputs = append(g.Outputs, p.videoOutput(r, mpd))
	}
	for i, s := range p.sounds {
		g.Outputs = append(g.Outputs, audioOutput(i, s, mpd))
	}
	return g
}

// mp4Group is one file for download, with all sound tracks. Its picture is
// encoded exactly as one of the streams' rungs, so an encoder may share it.
func (p *planner) mp4Group() types.OutputGroup {
	o := types.Output{
		NameModifier: new("_audio"),
		ContainerSettings: &types.ContainerSettings{
			Container:   types.ContainerTypeMp4,
			Mp4Settings: &types.Mp4Settings{MoovPlacement: types.Mp4MoovPlacementProgressiveDownload},
		},
		AudioDescriptions: p.descriptions(),
	}
	if p.track != nil {
		r := p.tallest(mp4Height)
		o.NameModifier = new(rungModifier(r))
		o.VideoDescription = p.videoOf(r)
	}
	return types.OutputGroup{
		Name:                new("MP4"),
		OutputGroupSettings: fileSettings(p.destination("mp4")),
		Outputs:             []types.Output{o},
	}
}

func fileSettings(destination string) *types.OutputGroupSettings {
	return &types.OutputGroupSettings{
		Type:              types.OutputGroupTypeFileGroupSettings,
		FileGroupSettings: &types.FileGroupSettings{Destination: new(destination)},
	}
}

func (p *planner) videoOutput(r Rung, c *types.ContainerSettings) types.Output {
	return types.Output{
		NameModifier:      new(rungModifier(r)),
		ContainerSettings: c,
		VideoDescription:  p.videoOf(r),
	}
}

func audioOutput(i int, s sound, c *types.ContainerSettings) types.Output {
	return types.Output{
		NameModifier:      new(s.modifier),
		ContainerSettings: c,
		AudioDescriptions: []types.AudioDescription{s.description(i)},
	}
}

// trackType tells a player how to choose: the first rendition plays unless
// asked otherwise, further languages follow the viewer's settings, a second
// rendition of a language is only chosen by hand. A source without picture
// has one variant stream; further ones would be taken for other bitrates of
// the same sound, which is why only the first track is encoded then.
func (p *planner) trackType(i int) string {
	switch {
	case p.track == nil:
		return string(types.CmfcAudioTrackTypeAudioOnlyVariantStream)
	case i == 0:
		return string(types.CmfcAudioTrackTypeAlternateAudioAutoSelectDefault)
	case strings.HasSuffix(p.sounds[i].modifier, tag(p.sounds[i].language)):
		return string(types.CmfcAudioTrackTypeAlternateAudioAutoSelect)
	}
	return string(types.CmfcAudioTrackTypeAlternateAudioNotAutoSelect)
}

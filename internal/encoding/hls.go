package encoding

import "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

// hlsGroup is HLS in transport streams, for players that know no fMP4. One
// sound track is muxed into every rung, which plays everywhere; several are
// renditions of their own, so that a player can choose.
func (p *planner) hlsGroup() types.OutputGroup {
	g := types.OutputGroup{Name: new("HLS"), OutputGroupSettings: &types.OutputGroupSettings{
		Type: types.OutputGroupTypeHlsGroupSettings,
		HlsGroupSettings: &types.HlsGroupSettings{
			Destination:            new(p.destination("hls")),
			SegmentControl:         types.HlsSegmentControlSegmentedFiles,
			SegmentLength:          new(int32(segmentSeconds)),
			MinSegmentLength:       new(int32(0)),
			ManifestDurationFormat: types.HlsManifestDurationFormatFloatingPoint,
			CodecSpecification:     types.HlsCodecSpecificationRfc6381,
		},
	}}
	muxed := len(p.sounds) == 1
	for _, r := range p.rungs {
		o := p.videoOutput(r, m3u8())
		switch {
		case muxed:
			o.AudioDescriptions = p.descriptions()
		case len(p.sounds) > 1:
			o.OutputSettings = hlsSettings(types.HlsSettings{AudioRenditionSets: new(audioGroup)})
		}
		g.Outputs = append(g.Outputs, o)
	}
	if !muxed || p.track == nil {
		g.Outputs = append(g.Outputs, p.hlsSounds()...)
	}
	return g
}

func (p *planner) hlsSounds() []types.Output {
	var outputs []types.Output
	for i, s := range p.sounds {
		o := audioOutput(i, s, m3u8())
		o.OutputSettings = hlsSettings(types.HlsSettings{
			AudioGroupId:       new(audioGroup),
			AudioTrackType:     types.HlsAudioTrackType(p.trackType(i)),
			AudioOnlyContainer: types.HlsAudioOnlyContainerM2ts,
		})
		outputs = append(outputs, o)
	}
	return outputs
}

func m3u8() *types.ContainerSettings {
	return &types.ContainerSettings{Container: types.ContainerTypeM3u8}
}

func hlsSettings(s types.HlsSettings) *types.OutputSettings {
	return &types.OutputSettings{HlsSettings: &s}
}

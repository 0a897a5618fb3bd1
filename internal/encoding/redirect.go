package encoding

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// redirect sends every output group to its folder under the guid. A second
// group for one folder gets a base name of its own, so that the files of
// the two never meet.
func (p *planner) redirect(groups []types.OutputGroup) error {
	taken := map[string]int{}
	for i := range groups {
		g := &groups[i]
		destination, folder := destinationOf(g)
		if destination == nil {
			return fmt.Errorf("output group %d is of a type that is not supported: %s", i+1, groupType(g))
		}
		taken[folder]++
		*destination = new(p.destination(folder))
		if n := taken[folder]; n > 1 {
			*destination = new(fmt.Sprintf("%s_%d", p.destination(folder), n))
		}
	}
	return nil
}

// destinationOf is where a group keeps its destination, and the folder that
// its kind goes to.
func destinationOf(g *types.OutputGroup) (destination **string, folder string) {
	s := g.OutputGroupSettings
	switch groupType(g) {
	case types.OutputGroupTypeCmafGroupSettings:
		return &orNew(&s.CmafGroupSettings).Destination, "cmaf"
	case types.OutputGroupTypeHlsGroupSettings:
		return &orNew(&s.HlsGroupSettings).Destination, "hls"
	case types.OutputGroupTypeDashIsoGroupSettings:
		return &orNew(&s.DashIsoGroupSettings).Destination, "dash"
	case types.OutputGroupTypeMsSmoothGroupSettings:
		return &orNew(&s.MsSmoothGroupSettings).Destination, "mss"
	case types.OutputGroupTypeFileGroupSettings:
		if !slices.ContainsFunc(g.Outputs, func(o types.Output) bool { return !capturesFrames(o) }) {
			folder = "thumbnails"
		} else {
			folder = "mp4"
		}
		return &orNew(&s.FileGroupSettings).Destination, folder
	}
	return nil, ""
}

func groupType(g *types.OutputGroup) types.OutputGroupType {
	if g.OutputGroupSettings == nil {
		return ""
	}
	return g.OutputGroupSettings.Type
}

func capturesFrames(o types.Output) bool {
	v := o.VideoDescription
	return v != nil && v.CodecSettings != nil && v.CodecSettings.Codec == types.VideoCodecFrameCapture
}

// orNew is what a pointer points to, made first where it points nowhere.
func orNew[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

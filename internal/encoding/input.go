package encoding

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// input is the job's only input.
func (p *planner) input() types.Input {
	in := types.Input{
		FileInput:      new("s3://" + p.src.Bucket + "/" + p.src.Key),
		TimecodeSource: types.InputTimecodeSourceZerobased,
	}
	if p.track != nil {
		in.VideoSelector = &types.VideoSelector{Rotate: p.rotateSetting()}
	}
	if len(p.sounds) > 0 {
		in.AudioSelectors = map[string]types.AudioSelector{}
	}
	for i, s := range p.sounds {
		in.AudioSelectors[selectorName(i)] = s.selector(i == 0)
	}
	return in
}

// selectorName is what the console calls the n-th selector, so that the
// outputs of a custom template find it.
func selectorName(n int) string { return fmt.Sprintf("Audio Selector %d", n+1) }

// followed are the containers whose rotation the service follows by itself
// when it is told AUTO (types.InputRotate's documentation).
var followed = map[string]bool{"mp4": true, "quicktime": true, "three_gp": true, "three_g2": true, "": true}

// rotateSetting tells the service how to turn the picture. A rotation that it
// would not follow by itself is spelt out.
func (p *planner) rotateSetting() types.InputRotate {
	option := types.InputRotate(cmp.Or(p.opts.InputRotate, string(types.InputRotateAuto)))
	if option != types.InputRotateAuto || followed[p.media.Format] {
		return option
	}
	switch p.track.Rotation {
	case 90:
		return types.InputRotateDegrees90
	case 180:
		return types.InputRotateDegrees180
	case 270:
		return types.InputRotateDegrees270
	}
	return option
}

// rotation is how far the service turns the picture, in degrees clockwise:
// AUTO follows the file, anything else is done to the picture as coded.
func rotation(option string, inFile int) int {
	switch types.InputRotate(option) {
	case types.InputRotateDegree0:
		return 0
	case types.InputRotateDegrees90:
		return 90
	case types.InputRotateDegrees180:
		return 180
	case types.InputRotateDegrees270:
		return 270
	}
	return inFile
}

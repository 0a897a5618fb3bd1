package encoding

import (
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
		in.VideoSelector = &types.VideoSelector{Rotate: rotateSetting(p.opts.InputRotate)}
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

func rotateSetting(option string) types.InputRotate {
	if option == "" {
		return types.InputRotateAuto
	}
	return types.InputRotate(option)
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

package encoding

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

// input is the job's only input.
func (p *planner) input() types.Input {
	in := types.Input{
		FileInput:      new("s3://" + p.src.Bucket + "/" + p.src.Key),
		TimecodeSource: types.InputTimecodeSourceZerobased,
	}
	if p.track != nil {
		in.VideoSelector = &types.VideoSelector{Rotate: p.rotate()}
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
// when it is told AUTO
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/auto-rotate-requirements.html).
var followed = map[string]bool{"mp4": true, "quicktime": true}

// rotate is the setting that does what is asked, as far as the service can.
// AUTO is for containers that it follows; of others, the rotation in the file
// is spelt out.
func (p *planner) rotate() types.InputRotate {
	switch {
	case !rotatable(*p.track):
		return types.InputRotateDegree0
	case p.asked != types.InputRotateAuto || followed[p.media.Format]:
		return p.asked
	}
	return degrees(p.inFile)
}

// warnings are what is asked for and the service does not do.
func (p *planner) warnings() []string {
	if p.track == nil || rotatable(*p.track) || rotation(p.asked, p.inFile) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("video is not rotated by %d degrees: MediaConvert rotates progressive 4:2:0 and 4:2:2 video only",
		rotation(p.asked, p.inFile))}
}

// rotatable tells whether the service rotates a picture at all: progressive
// ones in 4:2:0 and 4:2:2 (the same page). What is not told counts as such.
func rotatable(v video.VideoTrack) bool {
	chroma := v.ChromaSubsampling
	return !interlaced(v.ScanType) && (chroma == "" || strings.Contains(chroma, "4:2:0") || strings.Contains(chroma, "4:2:2"))
}

// degrees spells a rotation out.
func degrees(clockwise int) types.InputRotate {
	switch clockwise {
	case 90:
		return types.InputRotateDegrees90
	case 180:
		return types.InputRotateDegrees180
	case 270:
		return types.InputRotateDegrees270
	}
	return types.InputRotateDegree0
}

// rotation is how far the service turns the picture, in degrees clockwise:
// AUTO follows the file, anything else is done to the picture as coded.
func rotation(option types.InputRotate, inFile int) int {
	switch option {
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

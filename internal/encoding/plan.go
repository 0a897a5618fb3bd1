package encoding

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

// Plan decides how a source is encoded: which rungs of the ladder, which
// sound, which outputs, and the MediaConvert job that makes them.
func Plan(src Source, media video.Media, opts Options) (Planned, error) {
	if len(opts.Outputs) == 0 {
		return Planned{}, fmt.Errorf("plan %s: no outputs are configured", src.Key)
	}
	p, err := newPlanner(src, media, opts)
	if err != nil {
		return Planned{}, err
	}
	settings := &types.JobSettings{
		Inputs:         []types.Input{p.input()},
		OutputGroups:   p.groups(),
		TimecodeConfig: &types.TimecodeConfig{Source: types.TimecodeSourceZerobased},
	}
	return p.planned(settings), nil
}

// planner is what is known once a source has been looked at.
type planner struct {
	src     Source
	media   video.Media
	opts    Options
	track   *video.VideoTrack // nil for sound only
	inFile  int               // rotation that the file asks for, degrees
	picture video.Picture     // as displayed
	rungs   []Rung
	sounds  []sound
	base    string
	asked   types.InputRotate // by the options, or else the template
}

func newPlanner(src Source, media video.Media, opts Options) (*planner, error) {
	p := &planner{src: src, media: media, opts: opts, base: BaseName(src.Key)}
	p.asked = types.InputRotate(cmp.Or(opts.InputRotate, string(types.InputRotateAuto)))
	p.sounds = soundsOf(media.Audio)
	if err := p.lookAtPicture(); err != nil {
		return nil, err
	}
	if p.track == nil && len(p.sounds) == 0 {
		return nil, &Unencodable{Reason: nothingUsable(media)}
	}
	if p.audioOnly() {
		p.sounds = named(p.sounds[:1]) // see trackType
	}
	return p, nil
}

// lookAtPicture chooses the picture track and its rungs.
func (p *planner) lookAtPicture() error {
	i := pictureTrack(p.media.Video)
	if i < 0 {
		return nil
	}
	track := p.media.Video[i]
	p.inFile = track.Rotation
	p.track = &track
	track.Rotation = rotation(p.rotate(), p.inFile)
	p.picture = track.Displayed()
	p.rungs = DefaultLadder().For(p.picture, p.opts.TopRung)
	if len(p.rungs) == 0 {
		return &Unencodable{Reason: fmt.Sprintf(
			"the picture is %d×%d pixels; what can be encoded is at least %d pixels high and wide and not much flatter than %d:1",
			p.picture.Width, p.picture.Height, minSide, maxLong/minSide)}
	}
	return nil
}

// planned wraps settings into the job.
func (p *planner) planned(settings *types.JobSettings) Planned {
	out := Planned{Picture: p.picture, Rungs: p.rungs, Warnings: p.warnings(), Job: Job{
		Role:                 p.src.RoleARN,
		Queue:                p.src.QueueARN,
		ClientRequestToken:   p.src.GUID,
		UserMetadata:         map[string]string{"guid": p.src.GUID, "workflow": p.src.Workflow},
		AccelerationSettings: p.acceleration(),
		StatusUpdateInterval: p.statusInterval(),
		Settings:             settings,
	}}
	if len(p.rungs) > 0 {
		out.Profile = p.rungs[0].Height
	}
	return out
}

// audioOnly tells that there is no video to encode.
func (p *planner) audioOnly() bool { return p.track == nil }

// statusInterval is how often the service tells the progress; a job with
// audio-only outputs must not ask for it
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/feature-limitations-for-audio-only.html).
func (p *planner) statusInterval() types.StatusUpdateInterval {
	if p.audioOnly() {
		return ""
	}
	return progressInterval(p.media.Duration)
}

// acceleration is for outputs with video only
// (https://docs.aws.amazon.com/mediaconvert/latest/ug/job-requirements.html).
func (p *planner) acceleration() *types.AccelerationSettings {
	mode := types.AccelerationMode(p.opts.AcceleratedTranscoding)
	if mode == "" || p.audioOnly() {
		mode = types.AccelerationModeDisabled
	}
	return &types.AccelerationSettings{Mode: mode}
}

// pictureTrack is the first track whose codec the probe recognized, else the
// first with a size: whether that can be decoded is for the encoder to say,
// since a video must not lose its picture in silence. -1 means sound only.
func pictureTrack(tracks []video.VideoTrack) int {
	sized := func(v video.VideoTrack) bool { return v.Width > 0 && v.Height > 0 }
	if i := slices.IndexFunc(tracks, func(v video.VideoTrack) bool { return sized(v) && known(v.Codec) }); i >= 0 {
		return i
	}
	return slices.IndexFunc(tracks, sized)
}

// known tells whether the probe recognized a codec.
func known(codec string) bool { return codec != "" && codec != "UNKNOWN" }

func nothingUsable(m video.Media) string {
	if len(m.Video)+len(m.Audio) == 0 {
		return "the file has neither a picture nor a sound track"
	}
	return "the file has no picture or sound track in a codec that can be decoded"
}

package encoding

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

// ErrTemplate is in the errors about a job template that no job can be made
// with, whatever the source.
var ErrTemplate = errors.New("job template cannot be used")

// FromTemplate plans with a custom job template: its output groups keep
// their settings; the input, the destinations and who hears of the job are
// ours. The template's queue and priority hold, and its acceleration
// unless the options ask for one, or the source has audio alone.
func FromTemplate(src Source, media video.Media, tpl *types.JobTemplateSettings, opts Options) (Planned, error) {
	p, err := newPlanner(src, media, opts)
	if err != nil {
		return Planned{}, err
	}
	settings, err := jobSettings(tpl)
	if err != nil {
		return Planned{}, fmt.Errorf("%w: %s: %w", ErrTemplate, opts.JobTemplate, err)
	}
	if err := p.redirect(settings.OutputGroups); err != nil {
		return Planned{}, fmt.Errorf("%w: %s: %w", ErrTemplate, opts.JobTemplate, err)
	}
	settings.Inputs = []types.Input{p.inputLike(settings.Inputs)}
	if settings.TimecodeConfig == nil {
		settings.TimecodeConfig = &types.TimecodeConfig{Source: types.TimecodeSourceZerobased}
	}
	return p.plannedLike(settings), nil
}

// jobSettings copies a template's settings: they have the members of a
// job's under the same names, all but an input's file.
func jobSettings(tpl *types.JobTemplateSettings) (*types.JobSettings, error) {
	if tpl == nil || len(tpl.OutputGroups) == 0 {
		return nil, errors.New("it has no output groups")
	}
	raw, err := json.Marshal(tpl)
	if err != nil {
		return nil, fmt.Errorf("copy its settings: %w", err)
	}
	var s types.JobSettings
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("copy its settings: %w", err)
	}
	return &s, nil
}

// inputLike is our input with what the template's first one sets.
func (p *planner) inputLike(inputs []types.Input) types.Input {
	ours := p.input()
	if len(inputs) == 0 {
		return ours
	}
	in := inputs[0]
	in.FileInput = ours.FileInput
	if in.TimecodeSource == "" {
		in.TimecodeSource = ours.TimecodeSource
	}
	if len(in.AudioSelectors) == 0 {
		in.AudioSelectors = ours.AudioSelectors
	}
	if ours.VideoSelector == nil {
		return in
	}
	if in.VideoSelector == nil {
		in.VideoSelector = ours.VideoSelector
		return in
	}
	if p.asked == types.InputRotateAuto {
		p.asked = cmp.Or(in.VideoSelector.Rotate, p.asked)
	}
	in.VideoSelector.Rotate = p.rotate()
	return in
}

// plannedLike wraps a template's settings into the job.
func (p *planner) plannedLike(settings *types.JobSettings) Planned {
	if v := settings.Inputs[0].VideoSelector; v != nil && p.track != nil {
		track := *p.track
		track.Rotation = rotation(v.Rotate, p.inFile)
		p.picture = track.Displayed()
	}
	p.rungs = nil
	out := p.planned(settings)
	out.Profile = tallestOutput(settings.OutputGroups)
	out.Job.JobTemplate = p.opts.JobTemplate
	if out.Job.AccelerationSettings.Mode == types.AccelerationModeDisabled && !p.audioOnly() {
		out.Job.AccelerationSettings = nil
	}
	return out
}

// tallestOutput is the greatest short side that a template's outputs name,
// 0 when none does.
func tallestOutput(groups []types.OutputGroup) int {
	tallest := 0
	for _, g := range groups {
		for _, o := range g.Outputs {
			if v := o.VideoDescription; v != nil && !capturesFrames(o) {
				tallest = max(tallest, shortSide(v))
			}
		}
	}
	return tallest
}

func shortSide(v *types.VideoDescription) int {
	switch {
	case v.Width == nil && v.Height == nil:
		return 0
	case v.Width == nil:
		return int(*v.Height)
	case v.Height == nil:
		return int(*v.Width)
	}
	return int(min(*v.Width, *v.Height))
}

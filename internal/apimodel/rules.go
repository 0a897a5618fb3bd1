package apimodel

import (
	"encoding/json"
	"fmt"
)

// The service asks for more than its model says. These rules are the ones
// that are known for certain, from its own error messages (m) or from the
// SDK's documentation (d). A job with a template is left alone, since what
// it lacks may be in there.

// settingsRules checks the settings of a CreateJob request.
func (v *validator) settingsRules(body any) {
	request, _ := body.(map[string]any)
	if _, ok := request["jobTemplate"]; ok {
		return
	}
	settings, _ := request["settings"].(map[string]any)
	groups, _ := settings["outputGroups"].([]any)
	audioOnly := false
	for i, g := range groups {
		if group, ok := g.(map[string]any); ok {
			v.groupRules(fmt.Sprintf("/settings/outputGroups/%d", i), group)
			audioOnly = audioOnly || hasAudioOnlyOutput(group)
		}
	}
	if _, ok := request["statusUpdateInterval"]; ok && audioOnly {
		v.add("/statusUpdateInterval", "Should not be set in a job with audio-only outputs") // d: feature-limitations-for-audio-only.html
	}
}

// hasAudioOnlyOutput tells whether a group has what the User Guide calls an
// audio-only output (https://docs.aws.amazon.com/mediaconvert/latest/ug/audio-only.html):
// a file without video, or an HLS or DASH group of audio alone.
func hasAudioOnlyOutput(group map[string]any) bool {
	videos, outputs := videosOf(group)
	switch groupType(group) {
	case "FILE_GROUP_SETTINGS":
		return videos < outputs
	case "HLS_GROUP_SETTINGS", "DASH_ISO_GROUP_SETTINGS":
		return videos == 0 && outputs > 0
	}
	return false
}

func groupType(group map[string]any) any {
	settings, _ := group["outputGroupSettings"].(map[string]any)
	return settings["type"]
}

// videosOf counts a group's outputs and those that have video, or may have it
// from a preset.
func videosOf(group map[string]any) (videos, outputs int) {
	list, _ := group["outputs"].([]any)
	for _, o := range list {
		output, _ := o.(map[string]any)
		_, video := output["videoDescription"]
		_, preset := output["preset"]
		if video || preset {
			videos++
		}
	}
	return videos, len(list)
}

func (v *validator) groupRules(path string, group map[string]any) {
	outputs, _ := group["outputs"].([]any)
	_, automated := group["automatedEncodingSettings"]
	if len(outputs) == 0 && !automated {
		v.add(path+"/outputs", "Should have at least 1 items") // m
	}
	if videos, n := videosOf(group); groupType(group) == "CMAF_GROUP_SETTINGS" && videos == 0 && n > 0 {
		v.add(path+"/outputs", "Should have at least 1 output with video in a CMAF group") // d: audio-only-output.html lists no CMAF
	}
	settings, _ := group["outputGroupSettings"].(map[string]any)
	if hls, ok := settings["hlsGroupSettings"].(map[string]any); ok {
		v.required(path+"/outputGroupSettings/hlsGroupSettings", hls, "minSegmentLength") // m
	}
	for i, o := range outputs {
		output, ok := o.(map[string]any)
		if !ok {
			continue
		}
		at := fmt.Sprintf("%s/outputs/%d", path, i)
		if len(outputs) > 1 {
			v.required(at, output, "nameModifier") // d
		}
		if _, preset := output["preset"]; !preset {
			v.required(at, output, "containerSettings") // m
		}
		v.videoRules(at+"/videoDescription", output["videoDescription"])
	}
}

func (v *validator) videoRules(path string, description any) {
	video, _ := description.(map[string]any)
	for _, side := range []string{"width", "height"} {
		number, ok := video[side].(json.Number)
		if n, err := number.Int64(); ok && err == nil && n%2 != 0 {
			v.add(path+"/"+side, "Should be a multiple of 2") // m
		}
	}
	codec, _ := video["codecSettings"].(map[string]any)
	h264, ok := codec["h264Settings"].(map[string]any)
	if ok && h264["rateControlMode"] == "QVBR" {
		v.required(path+"/codecSettings/h264Settings", h264, "maxBitrate") // d
	}
}

func (v *validator) required(path string, object map[string]any, name string) {
	if _, ok := object[name]; !ok {
		v.add(path, "%s is a required property", name)
	}
}

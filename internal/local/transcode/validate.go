package transcode

import (
	"fmt"
	"strings"
)

// refuse looks at what one setting alone does not tell.
func (s *Settings) refuse() *Refusal {
	if len(s.Inputs) != 1 {
		return &Refusal{"/settings/inputs", fmt.Sprintf("has %d inputs; the local encoder does one.", len(s.Inputs))}
	}
	if r := s.Inputs[0].refuse("/settings/inputs/0"); r != nil {
		return r
	}
	if len(s.OutputGroups) == 0 {
		return &Refusal{"/settings/outputGroups", "is empty."}
	}
	names := map[string]string{}
	for i, g := range s.OutputGroups {
		path := fmt.Sprintf("/settings/outputGroups/%d", i)
		if r := g.refuse(path); r != nil {
			return r
		}
		if r := g.refuseClash(path, names); r != nil {
			return r
		}
	}
	return nil
}

func (in InputSettings) refuse(path string) *Refusal {
	if in.FileInput == "" {
		return &Refusal{path + "/fileInput", "is missing."}
	}
	for name, sel := range in.AudioSelectors {
		at := path + "/audioSelectors/" + name
		if sel.SelectorType == "LANGUAGE_CODE" && sel.LanguageCode == "" && sel.CustomLanguageCode == "" {
			return &Refusal{at + "/languageCode", "is missing."}
		}
		for i, n := range sel.Tracks {
			if n < 1 {
				return &Refusal{fmt.Sprintf("%s/tracks/%d", at, i), "counts from 1."}
			}
		}
	}
	return nil
}

// containers are the file formats that each kind of group takes.
var containers = map[string][]string{
	cmafGroup: {"CMFC"}, hlsGroup: {"M3U8"}, dashGroup: {"MPD"}, fileGroup: {"MP4", "RAW"},
}

func (g OutputGroup) refuse(path string) *Refusal {
	settings := g.settings()
	if settings == nil {
		return &Refusal{path + "/outputGroupSettings", "lacks the settings of its type."}
	}
	at := path + "/outputGroupSettings/" + g.settingsName()
	if !strings.HasPrefix(settings.Destination, "s3://") {
		return &Refusal{at + "/destination", "is not an s3:// URI."}
	}
	if settings.FragmentLength > settings.segmentLength() {
		return &Refusal{at + "/fragmentLength", "is longer than segmentLength."}
	}
	if len(g.Outputs) == 0 {
		return &Refusal{path + "/outputs", "is empty."}
	}
	for i, o := range g.Outputs {
		if r := o.refuse(fmt.Sprintf("%s/outputs/%d", path, i), g.kind()); r != nil {
			return r
		}
	}
	return nil
}

func (o Output) refuse(path, kind string) *Refusal {
	if !contains(containers[kind], o.ContainerSettings.Container) {
		return &Refusal{path + "/containerSettings/container", fmt.Sprintf("is %q, but this group takes %s.",
			o.ContainerSettings.Container, strings.Join(containers[kind], " or "))}
	}
	if kind != fileGroup && o.Extension != "" {
		return &Refusal{path + "/extension", "is carried out for files only."}
	}
	if r := o.refuseTracks(path, kind); r != nil {
		return r
	}
	if o.VideoDescription != nil {
		if r := o.VideoDescription.refuse(path+"/videoDescription", o.ContainerSettings.Container); r != nil {
			return r
		}
	}
	if kind == hlsGroup && o.VideoDescription == nil && o.OutputSettings.HLS.AudioOnlyContainer != "M2TS" {
		return &Refusal{path + "/outputSettings/hlsSettings/audioOnlyContainer", "is not M2TS; sound alone goes into transport streams here."}
	}
	for i, a := range o.AudioDescriptions {
		if a.CodecSettings.AAC == nil {
			return &Refusal{fmt.Sprintf("%s/audioDescriptions/%d/codecSettings/aacSettings", path, i), "is missing."}
		}
	}
	return nil
}

func (o Output) refuseTracks(path, kind string) *Refusal {
	sounds := len(o.AudioDescriptions)
	switch {
	case o.VideoDescription == nil && sounds == 0:
		return &Refusal{path, "has neither picture nor sound."}
	case (kind == cmafGroup || kind == dashGroup) && (sounds > 1 || sounds == 1 && o.VideoDescription != nil):
		return &Refusal{path + "/audioDescriptions", "shares its output; in this group every track has an output of its own."}
	case o.ContainerSettings.Container == "RAW" && (sounds > 0 || o.VideoDescription == nil):
		return &Refusal{path + "/containerSettings/container", "is RAW, which here carries frame captures only."}
	}
	return nil
}

func (v VideoDescription) refuse(path, container string) *Refusal {
	codec := v.CodecSettings
	capture := container == "RAW"
	switch {
	case capture != (codec.Codec == "FRAME_CAPTURE"):
		return &Refusal{path + "/codecSettings/codec", fmt.Sprintf("%s does not go with container %s.", codec.Codec, container)}
	case codec.Codec == "H_264" && codec.H264 == nil:
		return &Refusal{path + "/codecSettings/h264Settings", "is missing."}
	case v.Width%2 != 0 || v.Height%2 != 0:
		return &Refusal{path, "has an odd width or height."}
	case capture:
		return nil
	}
	return codec.H264.refuse(path + "/codecSettings/h264Settings")
}

func (h *H264Settings) refuse(path string) *Refusal {
	switch {
	case h.RateControlMode == "QVBR" && h.MaxBitrate == 0:
		return &Refusal{path + "/maxBitrate", "is missing; QVBR needs it."}
	case h.RateControlMode != "QVBR" && h.Bitrate == 0:
		return &Refusal{path + "/bitrate", "is missing."}
	case h.FramerateControl == "SPECIFIED" && (h.FramerateNumerator <= 0 || h.FramerateDenominator <= 0):
		return &Refusal{path + "/framerateNumerator", "and framerateDenominator are missing."}
	case h.ParControl == "SPECIFIED" && (h.ParNumerator <= 0 || h.ParDenominator <= 0):
		return &Refusal{path + "/parNumerator", "and parDenominator are missing."}
	case h.GopSize == 0 && (h.GopSizeUnits == "SECONDS" || h.GopSizeUnits == "FRAMES"):
		return &Refusal{path + "/gopSize", "is missing."}
	}
	return nil
}

// refuseClash sees to it that no two outputs have one name: seen maps a
// name to the output that has it.
func (g OutputGroup) refuseClash(path string, seen map[string]string) *Refusal {
	for i, o := range g.Outputs {
		at := fmt.Sprintf("%s/outputs/%d/nameModifier", path, i)
		name := g.settings().Destination + o.NameModifier + "." + o.extension()
		if other, taken := seen[name]; taken {
			return &Refusal{at, "gives the same file name as " + other + "."}
		}
		seen[name] = at
		if o.NameModifier == "" && (len(g.Outputs) > 1 || g.kind() != fileGroup) {
			return &Refusal{at, "is missing."}
		}
	}
	return nil
}

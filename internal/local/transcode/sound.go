package transcode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// newAudio works out one audio description.
func (p *plan) newAudio(in InputSettings, d AudioDescription) (*audioEncode, error) {
	name := orDefault(d.AudioSourceName, "Audio Selector 1")
	selector, tracks, err := p.choose(in, name)
	if err != nil {
		return nil, err
	}
	enc := &audioEncode{codec: d.CodecSettings.AAC.args(), channels: d.CodecSettings.AAC.channels(), rate: d.CodecSettings.AAC.rate()}
	for _, t := range tracks {
		enc.inputs = append(enc.inputs, t.index)
	}
	enc.language = d.language(tracks[0].language)
	enc.filters = p.soundFilters(enc, tracks, selector.Offset)
	return enc, nil
}

// choose finds the tracks of a selector, or of the default one when it has
// none in this source.
func (p *plan) choose(in InputSettings, name string) (AudioSelector, []sound, error) {
	if len(p.source.audio) == 0 {
		return AudioSelector{}, nil, fail(CodeNoAudio, "The input file has no audio, which %q needs.", name)
	}
	selector, named := in.AudioSelectors[name]
	if !named && len(in.AudioSelectors) == 0 {
		return AudioSelector{}, p.source.audio[:1], nil
	}
	if tracks := p.tracksOf(selector); named && len(tracks) > 0 {
		return selector, tracks, nil
	}
	for _, other := range sortedSelectors(in.AudioSelectors) {
		fallback := in.AudioSelectors[other]
		if tracks := p.tracksOf(fallback); fallback.DefaultSelection == "DEFAULT" && len(tracks) > 0 {
			return fallback, tracks, nil
		}
	}
	return AudioSelector{}, nil, fail(CodeNoAudio, "The input file has no audio track for %q.", name)
}

// tracksOf is empty when the source lacks one of the tracks. Without tracks
// or language it is the first track.
func (p *plan) tracksOf(s AudioSelector) []sound {
	if s.SelectorType == "LANGUAGE_CODE" {
		want := strings.ToLower(orDefault(s.CustomLanguageCode, s.LanguageCode))
		for _, a := range p.source.audio {
			if sameLanguage(a.language, want) {
				return []sound{a}
			}
		}
		return nil
	}
	if len(s.Tracks) == 0 {
		return p.source.audio[:1]
	}
	var tracks []sound
	for _, n := range s.Tracks {
		if n > len(p.source.audio) {
			return nil
		}
		tracks = append(tracks, p.source.audio[n-1])
	}
	return tracks
}

func sortedSelectors(m map[string]AudioSelector) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// language is what an output's track says it is.
func (d AudioDescription) language(input string) string {
	configured := strings.ToLower(orDefault(d.CustomLanguageCode, d.LanguageCode))
	if d.LanguageCodeControl == "USE_CONFIGURED" || input == "" {
		return configured
	}
	return input
}

// soundFilters make the track begin at zero, with silence when it starts
// late, close its gaps, and last as long as the picture.
func (p *plan) soundFilters(enc *audioEncode, tracks []sound, offset int) string {
	var chain []string
	if len(tracks) > 1 {
		chain = append(chain, fmt.Sprintf("amerge=inputs=%d", len(tracks)))
	} else if tracks[0].layout == "" && tracks[0].channels > 2 {
		chain = append(chain, "pan=stereo|c0=c0|c1=c1") // no layout to mix down from
	}
	if offset != 0 {
		chain = append(chain, fmt.Sprintf("asetpts=PTS+%d/1000/TB", offset))
	}
	chain = append(chain, fmt.Sprintf("aresample=%d:async=1:first_pts=0", enc.rate),
		"aformat=sample_fmts=fltp:channel_layouts="+layouts[enc.channels])
	if v := p.source.video; v != nil && v.duration > 0 {
		chain = append(chain, "apad=whole_dur="+number(v.duration))
	}
	return strings.Join(chain, ",")
}

var layouts = map[int]string{1: "mono", 2: "stereo", 6: "5.1"}

func (a *AACSettings) channels() int {
	switch a.CodingMode {
	case "CODING_MODE_1_0":
		return 1
	case "CODING_MODE_5_1":
		return 6
	}
	return 2
}

func (a *AACSettings) rate() int {
	if a.SampleRate == 0 {
		return 48000
	}
	return a.SampleRate
}

// vbrQuality maps the service's words to the encoder's scale.
var vbrQuality = map[string]string{"LOW": "0.6", "MEDIUM_LOW": "1", "MEDIUM_HIGH": "1.4", "HIGH": "2"}

func (a *AACSettings) args() []string {
	args := []string{"-c:a", "aac", "-profile:a", "aac_low"}
	if a.RateControlMode == "VBR" {
		return append(args, "-q:a", orDefault(vbrQuality[a.VBRQuality], "1.4"))
	}
	bitrate := a.Bitrate
	if bitrate == 0 {
		bitrate = 96000 // the service's default
	}
	return append(args, "-b:a", strconv.Itoa(bitrate))
}

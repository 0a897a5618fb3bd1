package encoding

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/video"
)

// maxSounds bounds the sound renditions of one video; files with more
// tracks are production masters, whose further tracks no viewer picks.
const maxSounds = 8

// audioRate is what all sound is resampled to, in hertz.
const audioRate = 48000

// Bitrates of AAC-LC, in bit/s. At 48 kHz the service allows 64,000 to
// 576,000 for stereo; mono may be lower.
const (
	monoBitrate   = 64000
	stereoBitrate = 128000
)

// sound is one sound rendition and the tracks that it is made of.
type sound struct {
	tracks   []int32 // ordinals among the file's sound tracks, from 1
	channels int
	language types.LanguageCode // empty when not told
	modifier string             // of the file name, when it stands alone
	label    string             // what a player shows
}

// soundsOf decides which renditions a file's sound tracks become: each
// track one, in the file's order; but several mono tracks of one language
// are the channels of one recording, so the first two become stereo.
func soundsOf(tracks []video.AudioTrack) []sound {
	var sounds []sound
	for i, t := range tracks {
		if !audible(t, tracks) || len(sounds) == maxSounds {
			continue
		}
		sounds = append(sounds, sound{
			tracks:   []int32{int32(i + 1)},
			channels: t.Channels,
			language: languageCode(t.Language),
		})
	}
	if splitMono(sounds) {
		first := sounds[0]
		sounds = []sound{{tracks: append(first.tracks, sounds[1].tracks...), channels: 2, language: first.language}}
	}
	return named(sounds)
}

// audible tells whether a track becomes a rendition. One whose codec the
// probe did not recognize does only where no other has a known one: cameras
// write such tracks beside the usual one, but a video must not lose its only
// sound in silence.
func audible(t video.AudioTrack, all []video.AudioTrack) bool {
	if known(t.Codec) {
		return true
	}
	return t.Channels > 0 && !slices.ContainsFunc(all, func(other video.AudioTrack) bool { return known(other.Codec) })
}

func splitMono(sounds []sound) bool {
	for _, s := range sounds {
		if s.channels != 1 || s.language != sounds[0].language {
			return false
		}
	}
	return len(sounds) > 1
}

// named gives every rendition a file name and a label of its own.
func named(sounds []sound) []sound {
	seen := map[types.LanguageCode]int{}
	for i := range sounds {
		s := &sounds[i]
		seen[s.language]++
		s.modifier, s.label = soundName(s.language, seen[s.language])
		if len(sounds) == 1 {
			s.modifier = "_audio"
		}
	}
	return sounds
}

// soundName is the n-th rendition's of a language.
func soundName(code types.LanguageCode, n int) (modifier, label string) {
	modifier, label = "_audio_"+tag(code), languageName(code)
	if n > 1 {
		modifier, label = fmt.Sprintf("%s_%d", modifier, n), fmt.Sprintf("%s %d", label, n)
	}
	return modifier, label
}

// selector chooses the rendition's tracks from the input.
func (s sound) selector(first bool) types.AudioSelector {
	sel := types.AudioSelector{
		SelectorType:     types.AudioSelectorTypeTrack,
		Tracks:           s.tracks,
		DefaultSelection: types.AudioDefaultSelectionNotDefault,
	}
	if first {
		sel.DefaultSelection = types.AudioDefaultSelectionDefault
	}
	return sel
}

// description encodes the n-th rendition as AAC: mono stays mono,
// everything else becomes stereo. Surround is mixed down by the service;
// it is not offered beside, since browsers would pick it and mix it down
// themselves at three times the bitrate.
func (s sound) description(n int) types.AudioDescription {
	mode, rate := types.AacCodingModeCodingMode20, int32(stereoBitrate)
	if s.channels == 1 {
		mode, rate = types.AacCodingModeCodingMode10, monoBitrate
	}
	d := types.AudioDescription{
		AudioSourceName: new(selectorName(n)),
		StreamName:      new(s.label),
		CodecSettings: &types.AudioCodecSettings{
			Codec: types.AudioCodecAac,
			AacSettings: &types.AacSettings{
				CodecProfile:    types.AacCodecProfileLc,
				RateControlMode: types.AacRateControlModeCbr,
				CodingMode:      mode,
				Bitrate:         new(rate),
				SampleRate:      new(int32(audioRate)),
			},
		},
	}
	if s.language != "" {
		d.LanguageCode = s.language
		d.LanguageCodeControl = types.AudioLanguageCodeControlUseConfigured
	}
	return d
}

// descriptions are all renditions, for an output that carries them all.
func (p *planner) descriptions() []types.AudioDescription {
	var all []types.AudioDescription
	for i, s := range p.sounds {
		all = append(all, s.description(i))
	}
	return all
}

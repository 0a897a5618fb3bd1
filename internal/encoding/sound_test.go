package encoding

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/video"
)

func TestRenditionsOfSound(t *testing.T) {
	track := func(channels int, language string) video.AudioTrack {
		return video.AudioTrack{Codec: "AAC", Channels: channels, Language: language}
	}
	for _, c := range []struct {
		name   string
		tracks []video.AudioTrack
		want   string
	}{
		{"silence", nil, ""},
		{"one language", []video.AudioTrack{track(2, "eng")}, "[1] _audio English"},
		{"a language that is not told", []video.AudioTrack{track(2, "und")}, "[1] _audio Audio"},
		{"two languages", []video.AudioTrack{track(2, "eng"), track(2, "deu")}, "[1] _audio_eng English, [2] _audio_deu German"},
		{"two spellings of one language", []video.AudioTrack{track(2, "fre"), track(2, "fr-CA")}, "[1] _audio_fra French, [2] _audio_fra_2 French 2"},
		{"two that are not told", []video.AudioTrack{track(2, ""), track(2, "qqq")}, "[1] _audio_und Audio, [2] _audio_und_2 Audio 2"},
		{"a track of an unknown codec is counted, not encoded",
			[]video.AudioTrack{{Codec: "UNKNOWN"}, track(2, "eng")}, "[2] _audio English"},
		{"mono channels of one recording", []video.AudioTrack{track(1, ""), track(1, ""), track(1, "")}, "[1 2] _audio Audio"},
		{"mono in two languages", []video.AudioTrack{track(1, "eng"), track(1, "deu")}, "[1] _audio_eng English, [2] _audio_deu German"},
		{"a rare language shows its code", []video.AudioTrack{track(2, "gla")}, "[1] _audio gla"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, s := range soundsOf(c.tracks) {
				got = append(got, fmt.Sprintf("%v %s %s", s.tracks, s.modifier, s.label))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), c.want)
			}
		})
	}
}

func TestRenditionsAreBounded(t *testing.T) {
	var many []video.AudioTrack
	for range 50 {
		many = append(many, stereo("eng"))
	}
	if got := len(soundsOf(many)); got != maxSounds {
		t.Errorf("%d renditions", got)
	}
}

func TestEveryLanguageOfTheTableIsOneOfTheService(t *testing.T) {
	for in, code := range languages {
		if languageCode(string(code)) != code || languageCode(in) != code {
			t.Errorf("%s: the service has no language %s", in, code)
		}
	}
	for code := range languageNames {
		if languageCode(string(code)) != code {
			t.Errorf("the service has no language %s", code)
		}
	}
}

func TestBaseNames(t *testing.T) {
	for key, want := range map[string]string{
		"video/1/media.mp4":                "media",
		"/video/1/media.mp4":               "media",
		"IMG 0001.MOV":                     "IMG_0001",
		"a.b.c.mp4":                        "a.b.c",
		"no extension":                     "no_extension",
		"Урок.mp4":                         "video",
		".mp4":                             "mp4",
		"$dt$.mp4":                         "dt",
		"":                                 "video",
		"folder/":                          "folder",
		"../../..":                         "video",
		"a  b&&c.mp4":                      "a_b_c",
		strings.Repeat("x", 300) + ".mp4":  strings.Repeat("x", 100),
		strings.Repeat("é", 300) + "a.mp4": "a",
	} {
		if got := BaseName(key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
}

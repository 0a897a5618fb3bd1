package transcode

import (
	"strings"
	"testing"
)

func TestFrameSizes(t *testing.T) {
	par := func(n, d int) m { return m{"parControl": "SPECIFIED", "parNumerator": n, "parDenominator": d} }
	follow := m{"parControl": "INITIALIZE_FROM_SOURCE"}
	for _, c := range []struct {
		what                string
		width, height       int
		pixel               ratio
		rotation            int
		outWidth, outHeight int
		h264                m
		filters             string
	}{
		{"same shape", 1920, 1080, ratio{}, 0, 640, 360, nil, "scale=640:360:flags=bicubic:out_range=tv,setsar=1/1"},
		{"nearly the same shape", 1366, 768, ratio{}, 0, 640, 360, nil, "scale=640:360:flags=bicubic:out_range=tv,setsar=1/1"},
		{"wide into narrow", 1920, 800, ratio{}, 0, 640, 360, nil, "scale=640:266:flags=bicubic:out_range=tv,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1/1"},
		{"upright into wide", 1920, 1080, ratio{}, 90, 640, 360, nil, "scale=202:360:flags=bicubic:out_range=tv,pad=640:360:(ow-iw)/2:(oh-ih)/2,setsar=1/1"},
		{"wide pixels made square", 720, 576, ratio{64, 45}, 0, 1024, 576, nil, "scale=1024:576:flags=bicubic:out_range=tv,setsar=1/1"},
		{"wide pixels of an upright picture", 720, 576, ratio{64, 45}, 90, 576, 1024, nil, "scale=576:1024:flags=bicubic:out_range=tv,setsar=1/1"},
		{"wide pixels kept", 720, 576, ratio{64, 45}, 0, 720, 576, follow, "scale=720:576:flags=bicubic:out_range=tv,setsar=64/45"},
		{"wide pixels asked for", 1920, 1080, ratio{}, 0, 1440, 1080, par(4, 3), "scale=1440:1080:flags=bicubic:out_range=tv,setsar=4/3"},
		{"width alone", 1920, 1080, ratio{}, 0, 640, 0, nil, "scale=640:360:flags=bicubic:out_range=tv,setsar=1/1"},
		{"height alone", 1920, 1080, ratio{}, 0, 0, 360, nil, "scale=640:360:flags=bicubic:out_range=tv,setsar=1/1"},
		{"neither", 641, 361, ratio{}, 0, 0, 0, nil, "scale=642:362:flags=bicubic:out_range=tv,setsar=1/1"},
	} {
		t.Run(c.what, func(t *testing.T) {
			v := &picture{width: c.width, height: c.height, pixelAspect: c.pixel, rotation: c.rotation}
			d := checked(t, want{sizes: [][2]int{{c.outWidth, c.outHeight}}, groups: []string{"CMAF"}, h264: c.h264}).OutputGroups[0].Outputs[0].VideoDescription
			if got := v.geometry("AUTO", true, d).filters("tv"); got != c.filters {
				t.Errorf("%s\nwant %s", got, c.filters)
			}
		})
	}
}

func TestRatesOfUnevenSourcesAreSensible(t *testing.T) {
	for _, c := range []struct{ real, average, order, want string }{
		{"25/2", "25/2", "", "25/2"},
		{"30000/1001", "30000/1001", "progressive", "30000/1001"},
		{"25/2", "17/2", "", "25/2"},         // variable, and the real rate fits all frames
		{"1000/1", "29991/1000", "", "30/1"}, // a phone's clock
		{"90000/1", "23977/1000", "", "24000/1001"},
		{"50/1", "25/1", "tt", "25/1"}, // fields, not frames
		{"120/1", "120/1", "", "120/1"},
		{"0/0", "0/0", "", "30/1"},
		{"1000/1", "1000/1", "", "30/1"},
	} {
		st := ffStream{RealRate: c.real, AverageRate: c.average, FieldOrder: c.order}
		if got := st.rate().String(); got != c.want {
			t.Errorf("real %s, average %s: %s, want %s", c.real, c.average, got, c.want)
		}
	}
}

func TestLanguagesAreSpelledAsPlaylistsDo(t *testing.T) {
	for code, wanted := range map[string][2]string{
		"fra": {"fr", "French"}, "fre": {"fr", "French"}, "ENG": {"en", "English"}, "deu": {"de", "German"},
		"GER": {"de", "German"}, "haw": {"haw", "Hawaiian"}, "und": {"", ""}, "": {"", ""}, "zz?": {"", ""}, "pt-BR": {"pt-BR", "Brazilian Portuguese"},
	} {
		if tag(code) != wanted[0] || languageName(code) != wanted[1] {
			t.Errorf("%q: %q %q, want %q", code, tag(code), languageName(code), wanted)
		}
	}
	if !sameLanguage("fre", "fra") || sameLanguage("", "fra") {
		t.Error("languages compared wrongly")
	}
}

func TestAudioSelectors(t *testing.T) {
	src := &source{duration: 4, audio: []sound{{index: 3, channels: 1}, {index: 5, language: "fre", channels: 2, layout: "stereo"}}}
	for _, c := range []struct {
		what     string
		selector AudioSelector
		inputs   string
	}{
		{"nothing named", AudioSelector{}, "[0:3]pan"},
		{"by number", AudioSelector{SelectorType: "TRACK", Tracks: []int{2}}, "[0:5]"},
		{"by language", AudioSelector{SelectorType: "LANGUAGE_CODE", LanguageCode: "FRA"}, "[0:5]"},
		{"two tracks", AudioSelector{Tracks: []int{1, 2}}, "[0:3][0:5]amerge=inputs=2"},
		{"later", AudioSelector{Tracks: []int{2}, Offset: 250}, "[0:5]asetpts=PTS+250/1000/TB"},
	} {
		s := checked(t, want{tracks: first, groups: []string{"CMAF"}})
		s.Inputs[0].AudioSelectors["Audio Selector 1"] = c.selector
		p, err := newPlan(s, src, "s3://source/clip.mp4")
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if got := p.audio[0].graph(0); !strings.HasPrefix(got, strings.TrimSuffix(c.inputs, "pan")) {
			t.Errorf("%s: %s", c.what, got)
		}
	}
}

func TestASelectorThatFindsNothingFallsBackToTheDefault(t *testing.T) {
	s := checked(t, want{tracks: []int{1, 7}, groups: []string{"CMAF"}})
	p, err := newPlan(s, &source{duration: 4, audio: []sound{{index: 0, channels: 2, layout: "stereo"}}}, "s3://source/clip.mp4")
	if err != nil || len(p.audio) != 1 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestNamesFollowTheDestination(t *testing.T) {
	for _, c := range [][4]string{
		{"s3://b/x/name", "s3://s/in.mp4", "s3://b/x/", "name"},
		{"s3://b/x/", "s3://s/a/my clip.v2.mov", "s3://b/x/", "my clip.v2"},
		{"s3://b/x/name.m3u8", "s3://s/in.mp4", "s3://b/x/", "name.m3u8"},
	} {
		if folder, name := base(c[0], c[1]); folder != c[2] || name != c[3] {
			t.Errorf("%s: %s %s", c[0], folder, name)
		}
	}
}

func TestADASHManifestIsLongerThanItsMediaWhereItHasATimeline(t *testing.T) {
	for _, c := range []struct {
		timeline     string
		media, wants float64
	}{
		{"", 30.16, 30.161},
		{"ENABLED", 30.165333, 30.166},
		{"ENABLED", 30.1659999, 30.167},
		{"ENABLED", 4 * 0.04, 0.161},
		{"DISABLED", 30, 30},
		{"DISABLED", 30.0004, 30},
	} {
		g := &group{settings: &GroupSettings{WriteSegmentTimelineInRepresentation: c.timeline}}
		if got := g.presentationDuration(c.media); got != c.wants {
			t.Errorf("media of %v s with timeline %q: %v s, want %v s", c.media, c.timeline, got, c.wants)
		}
	}
}

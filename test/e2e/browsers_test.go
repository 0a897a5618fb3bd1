package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/browser"
	"github.com/vodstack/vodstack/test/clips"
)

// thorough are the clips that every player plays; the others play in hls.js
// only, where an encode's flaws at the end of a stream show first.
var thorough = []string{clips.Car.File, clips.Bottle.File, clips.Book.File, clips.Phone.File, clips.Languages.File, clips.SoundMP4.File, clips.Odd.File}

func browsers(t *testing.T, streams, groups []stream) {
	if len(streams) == 0 {
		t.Fatal("no video was published")
	}
	var plays []browser.Play
	for _, s := range streams {
		plays = append(plays, playsOf(s)...)
	}
	for _, s := range groups {
		plays = append(plays, groupsOf(s)...)
	}
	results, err := browser.Run(t.Context(), plays)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		t.Run(result.Name, func(t *testing.T) {
			if !result.OK {
				t.Errorf("%s\n%s", result.URL, strings.Join(result.Problems, "\n"))
			}
		})
	}
}

// playsOf are the players that a stream is tried in.
func playsOf(s stream) []browser.Play {
	hls, dash, mp4 := text(s.record, "hlsUrl"), text(s.record, "dashUrl"), texts(s.record["mp4Urls"])
	plays := []browser.Play{
		{Name: "hls.js", Player: browser.HLS, URL: hls, Expect: expect(s.clip)},
	}
	if slices.Contains(thorough, s.clip.File) {
		plays = append(plays,
			browser.Play{Name: "dash.js", Player: browser.DASH, URL: dash, Expect: expect(s.clip)},
			browser.Play{Name: "Shaka Player, HLS", Player: browser.Shaka, URL: hls, Expect: expect(s.clip)},
			browser.Play{Name: "Shaka Player, DASH", Player: browser.Shaka, URL: dash, Expect: expect(s.clip)},
			browser.Play{Name: "MP4", Player: browser.Native, URL: mp4[0], Expect: download(s.clip)},
		)
	}
	for i := range plays {
		plays[i].Name = fmt.Sprintf("%s in %s", s.clip.File, plays[i].Name)
	}
	if s.clip.File == clips.Car.File {
		plays = append(plays, visits(s, plays)...)
	}
	return plays
}

// groupsOf are the players for a video whose HLS and DASH are groups of their
// own, beside CMAF.
func groupsOf(s stream) []browser.Play {
	play := func(what, player, field string) browser.Play {
		return browser.Play{Name: s.clip.File + ", " + what, Player: player, URL: text(s.record, field), Expect: expect(s.clip)}
	}
	plays := []browser.Play{
		play("HLS group in hls.js", browser.HLS, "hlsUrl"),
		play("HLS group in Shaka Player", browser.Shaka, "hlsUrl"),
		play("DASH group in dash.js", browser.DASH, "dashUrl"),
		play("DASH group in Shaka Player", browser.Shaka, "dashUrl"),
	}
	if s.clip.Width > 0 {
		plays = append(plays, play("CMAF beside them in hls.js", browser.HLS, "cmafHlsUrl"))
	}
	return plays
}

// visits shows every rung of a long clip in turn, in the streaming players.
func visits(s stream, plays []browser.Play) []browser.Play {
	var found []browser.Play
	for _, p := range plays {
		if p.Player == browser.Native {
			continue
		}
		p.Name += ", rung after rung"
		p.VisitAll = true
		p.Expect.Size, p.Expect.FrameRate = "", 0
		p.Expect.Sizes = s.clip.Rungs
		found = append(found, p)
	}
	return found
}

func expect(clip clips.Clip) browser.Expect {
	e := browser.Expect{
		Levels: new(len(clip.Rungs)), Seconds: clip.Seconds, FrameRate: clip.FrameRate,
		Sound: len(clip.Sounds) > 0, SoundOnly: clip.Width == 0,
		// A clip of a few frames gives no time to see a change.
		Still: clip.Dark || clip.Seconds < 1,
	}
	if clip.Width > 0 {
		e.Size = clip.Rungs[0]
	}
	if len(clip.Sounds) > 1 {
		e.Sounds = new(len(clip.Sounds))
	}
	return e
}

// download is what the MP4 shows.
func download(clip clips.Clip) browser.Expect {
	e := expect(clip)
	e.Levels, e.Sounds = nil, nil
	e.Size = downloadSize(clip)
	return e
}

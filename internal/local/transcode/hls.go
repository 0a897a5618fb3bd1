package transcode

import (
	"fmt"
	"strings"

	"github.com/Eyevinn/hls-m3u8/m3u8"
)

// The playlist versions: 7 is what fragmented MP4 with independent segments
// asks for, 6 has target durations rounded to the nearest second.
const (
	fragmentVersion  = 7
	transportVersion = 6
)

// extinfDigits are those of the seconds in a playlist.
const extinfDigits = 6

func (g *group) mediaPlaylist(o *output, m *media) []byte {
	n := uint(len(m.segments))
	// The only error is a window larger than the list.
	list, _ := m3u8.NewMediaPlaylist(0, n)
	list.MediaType, list.SeqNo = m3u8.VOD, 1
	list.SetWritePrecision(extinfDigits)
	list.SetIndependentSegments(true)
	list.SetVersion(transportVersion)
	if g.kind != hlsGroup {
		list.SetVersion(fragmentVersion)
		list.SetDefaultMap(g.href(initName(o.stem, o.ext)), 0, 0)
	}
	for i, s := range m.segments {
		// The list was made large enough, so that appending cannot fail.
		_ = list.Append(g.href(segmentName(o.segmentStem(), o.ext, i+1)), float64(s.duration)/float64(m.timescale), "")
	}
	list.Close()
	return encoded(list.Encode())
}

func (g *group) masterPlaylist(made []*media) []byte {
	master := m3u8.NewMasterPlaylist()
	master.SetIndependentSegments(true)
	alternates, peaks := g.alternates(made)
	for i, o := range g.outputs {
		switch {
		case o.isAlternate():
		case o.video == nil:
			master.Append(g.href(o.stem+".m3u8"), nil, variantOf(made[i]))
		default:
			g.appendPicture(master, o, made[i], alternates, peaks)
		}
	}
	if len(master.Variants) == 0 {
		g.appendSoundOnly(master, alternates, peaks)
	}
	master.SetVersion(transportVersion)
	if g.kind != hlsGroup {
		master.SetVersion(fragmentVersion)
	}
	return encoded(master.Encode())
}

// renditions are the sound tracks by their audio group, in order.
type renditions struct {
	names []string
	of    map[string][]*m3u8.Alternative
}

// alternates also returns the medium with the highest bitrate of each group,
// which a variant's bandwidth has to count.
func (g *group) alternates(made []*media) (renditions, map[string]*media) {
	list, peaks := renditions{of: map[string][]*m3u8.Alternative{}}, map[string]*media{}
	for i, o := range g.outputs {
		if !o.isAlternate() {
			continue
		}
		name := o.audioGroup()
		if len(list.of[name]) == 0 {
			list.names = append(list.names, name)
		}
		list.of[name] = append(list.of[name], g.alternative(o, name, len(list.of[name])+1))
		if p := peaks[name]; p == nil || made[i].peak() > p.peak() {
			peaks[name] = made[i]
		}
	}
	for _, name := range list.names {
		distinct(list.of[name])
	}
	return list, peaks
}

func (g *group) alternative(o *output, name string, n int) *m3u8.Alternative {
	kind := o.role().AudioTrackType
	return &m3u8.Alternative{
		Type: "AUDIO", GroupId: name, Name: o.label(n), Language: tag(o.audio[0].language),
		Default:    kind == "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT" || kind == "" && n == 1,
		Autoselect: kind != "ALTERNATE_AUDIO_NOT_AUTO_SELECT",
		Channels:   &m3u8.Channels{Amount: o.audio[0].channels},
		URI:        g.href(o.stem + ".m3u8"),
	}
}

// distinct gives renditions of one name a number: names must differ within a
// group. A group has one default at most.
func distinct(list []*m3u8.Alternative) {
	seen := map[string]int{}
	hasDefault := false
	for _, a := range list {
		a.Name = strings.ReplaceAll(a.Name, `"`, "'")
		seen[a.Name]++
		if n := seen[a.Name]; n > 1 {
			a.Name = fmt.Sprintf("%s %d", a.Name, n)
		}
		a.Default = a.Default && !hasDefault
		hasDefault = hasDefault || a.Default
	}
}

func variantOf(all ...*media) m3u8.VariantParams {
	v := m3u8.VariantParams{Codecs: codecList(all...)}
	for _, m := range all {
		v.Bandwidth += uint32(m.peak())
		v.AverageBandwidth += uint32(m.average())
	}
	return v
}

// appendPicture adds a variant for every audio group that goes with the
// picture, or one when its sound is its own.
func (g *group) appendPicture(master *m3u8.MasterPlaylist, o *output, m *media, alt renditions, peaks map[string]*media) {
	sets := alt.names
	if named := o.role().AudioRenditionSets; named != "" {
		sets = nil
		for s := range strings.SplitSeq(named, ",") {
			if s = strings.TrimSpace(s); len(alt.of[s]) > 0 {
				sets = append(sets, s)
			}
		}
	}
	if len(o.audio) > 0 || len(sets) == 0 {
		sets = []string{""}
	}
	for _, set := range sets {
		v := variantOf(m)
		if set != "" {
			v = variantOf(m, peaks[set])
			v.Audio, v.Alternatives = set, alt.of[set]
		}
		v.FrameRate = o.video.rate.float()
		if g.settings.StreamInfResolution != "EXCLUDE" {
			v.Resolution = fmt.Sprintf("%dx%d", o.width, o.height)
		}
		master.Append(g.href(o.stem+".m3u8"), nil, v)
	}
}

// appendSoundOnly makes the alternates playable when there is no picture to
// go with: a variant per group, of its first track.
func (g *group) appendSoundOnly(master *m3u8.MasterPlaylist, alt renditions, peaks map[string]*media) {
	for _, name := range alt.names {
		v := variantOf(peaks[name])
		v.Audio, v.Alternatives = name, alt.of[name]
		master.Append(alt.of[name][0].URI, nil, v)
	}
}

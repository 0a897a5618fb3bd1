package transcode

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/Eyevinn/dash-mpd/mpd"
)

// The profiles of the service's "main profile" with segments.
const mainProfile = "urn:mpeg:dash:profile:isoff-main:2011"

// channelScheme numbers loudspeaker layouts: 1 mono, 2 stereo, 6 is 5.1.
const channelScheme = "urn:mpeg:mpegB:cicp:ChannelConfiguration"

// mpd writes the DASH manifest. All renditions begin at zero.
func (g *group) mpd(made []*media) ([]byte, error) {
	doc := mpd.NewMPD(mpd.STATIC_TYPE)
	doc.Profiles = mainProfile
	length, longest := 0.0, 0.0
	for _, m := range made {
		length = max(length, m.duration)
		for _, s := range m.segments {
			longest = max(longest, float64(s.duration)/float64(m.timescale))
		}
	}
	doc.MediaPresentationDuration = mpd.Seconds2DurPtrFloat64(g.presentationDuration(length))
	doc.MaxSegmentDuration = mpd.Seconds2DurPtr(int(math.Ceil(longest)))
	doc.MinBufferTime = mpd.Seconds2DurPtrFloat64(g.minBuffer())
	period := mpd.NewPeriod()
	period.Id, period.Start = "1", mpd.Seconds2DurPtr(0)
	for _, set := range g.adaptationSets(made) {
		period.AppendAdaptationSet(set)
	}
	doc.AppendPeriod(period)
	var b bytes.Buffer
	if _, err := doc.Write(&b, "  ", true); err != nil {
		return nil, fmt.Errorf("write MPD: %w", err)
	}
	return b.Bytes(), nil
}

// presentationDuration is a length of media as the manifest gives it: the next
// whole millisecond after it, in seconds.
//
// It must not be reached while media play. dash.js 5.2.1 compares the two every
// 200 ms, to five digits, and pauses the video at the end of the manifest
// (StreamController.js, _startPlaybackEndedTimerInterval; PlaybackController.js,
// _onPlaybackEnded). On a busy machine the browser's own "ended" is late, and
// then never comes: docs/adr/0021-the-end-of-a-dash-stream.md
//
// Without a timeline the number of segments follows from the length, and a
// millisecond could add one that is not there.
func (g *group) presentationDuration(length float64) float64 {
	if !g.writesTimeline() {
		return math.Round(length*1000) / 1000
	}
	// A hundredth of a millisecond is the last of the five digits.
	return (math.Floor(length*1000+0.01) + 1) / 1000
}

func (g *group) writesTimeline() bool {
	return g.settings.WriteSegmentTimelineInRepresentation != "DISABLED"
}

// minBuffer is in seconds; the default is two segments.
func (g *group) minBuffer() float64 {
	if g.settings.MinBufferTime > 0 {
		return float64(g.settings.MinBufferTime) / 1000
	}
	return float64(2 * g.settings.segmentLength())
}

// adaptationSets are one of all pictures of the same shape and one for each
// sound track.
func (g *group) adaptationSets(made []*media) []*mpd.AdaptationSetType {
	var sets []*mpd.AdaptationSetType
	var pictures *mpd.AdaptationSetType
	for i, o := range g.outputs {
		if o.video == nil {
			sets = append(sets, g.soundSet(o, made[i], len(sets)))
			continue
		}
		if pictures == nil {
			pictures = mpd.NewAdaptationSetWithParams("video", "video/mp4", true, 1)
			sets = append(sets, pictures)
		}
		pictures.MaxWidth = max(pictures.MaxWidth, uint32(o.width))
		pictures.MaxHeight = max(pictures.MaxHeight, uint32(o.height))
		pictures.AppendRepresentation(g.pictureRepresentation(o, made[i]))
	}
	for i, s := range sets {
		s.Id = mpd.Ptr(uint32(i + 1))
	}
	return sets
}

func (g *group) pictureRepresentation(o *output, m *media) *mpd.RepresentationType {
	rate := o.video.rate
	frames := rate.String()
	if rate.den == 1 {
		frames = fmt.Sprint(rate.num)
	}
	r := mpd.NewVideoRepresentation(o.stem, codecList(m), "", frames, g.bandwidth(o, m), o.width, o.height)
	r.Sar = mpd.RatioType(strings.ReplaceAll(o.video.pixelAspect.String(), "/", ":"))
	r.SegmentTemplate = g.template(o, m)
	return r
}

// bandwidth follows the group's setting: measured, or what was asked for.
func (g *group) bandwidth(o *output, m *media) int {
	if g.settings.MPDManifestBandwidthType == "MAX" && o.video.maxBitrate > 0 {
		return o.video.maxBitrate
	}
	return m.average()
}

func (g *group) soundSet(o *output, m *media, before int) *mpd.AdaptationSetType {
	set := mpd.NewAdaptationSetWithParams("audio", "audio/mp4", true, 1)
	set.Lang = tag(o.audio[0].language)
	role := "main"
	if before > 0 && g.soundBefore(o) {
		role = "alternate"
	}
	set.Roles = append(set.Roles, mpd.NewRole(role))
	set.Labels = append(set.Labels, &mpd.LabelType{Value: o.label(before)})
	r := mpd.NewAudioRepresentation(o.stem, codecList(m), "", m.average(), m.rate)
	r.AudioChannelConfigurations = append(r.AudioChannelConfigurations,
		mpd.NewDescriptor(channelScheme, fmt.Sprint(o.audio[0].channels), ""))
	r.SegmentTemplate = g.template(o, m)
	set.AppendRepresentation(r)
	return set
}

// soundBefore is true when another sound track comes before this one.
func (g *group) soundBefore(o *output) bool {
	for _, other := range g.outputs {
		if other == o {
			return false
		}
		if other.video == nil {
			return true
		}
	}
	return false
}

func (g *group) template(o *output, m *media) *mpd.SegmentTemplateType {
	t := mpd.NewSegmentTemplate()
	t.SetTimescale(m.timescale)
	t.StartNumber = mpd.Ptr(uint32(1))
	stem := strings.ReplaceAll(g.href(o.stem), "$", "$$")
	t.Initialization = stem + "init." + o.ext
	t.Media = stem + "_$Number%09d$." + o.ext
	if !g.writesTimeline() {
		t.Duration = mpd.Ptr(m.timescale * uint32(g.settings.segmentLength()))
		return t
	}
	t.SegmentTimeline = m.timeline()
	return t
}

// timeline joins segments of equal length that follow each other.
func (m *media) timeline() *mpd.SegmentTimelineType {
	line := mpd.NewSegmentTimeline()
	for i, s := range m.segments {
		if i > 0 {
			last := line.S[len(line.S)-1]
			follows := m.segments[i-1].start+m.segments[i-1].duration == s.start
			if last.D == s.duration && follows {
				last.R++
				continue
			}
		}
		line.S = append(line.S, &mpd.S{T: mpd.Ptr(s.start), D: s.duration})
	}
	return line
}

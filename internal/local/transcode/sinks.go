package transcode

import (
	"fmt"
	"slices"
	"strings"
)

// sink is one muxer: which encodes it takes and how it writes them.
type sink struct {
	video   []int // indexes of plan.video
	audio   []int // indexes of plan.audio
	options []option
	file    string
}

// option is one setting of a muxer.
type option struct{ name, value string }

func (p *plan) sinks() []sink {
	var sinks []sink
	for _, g := range p.groups {
		for _, o := range g.outputs {
			if o.frames == "" {
				sinks = append(sinks, p.sink(g, o))
			}
		}
	}
	return sinks
}

func (p *plan) sink(g *group, o *output) sink {
	s := sink{}
	if o.video != nil {
		s.video = []int{slices.Index(p.video, o.video)}
	}
	for _, a := range o.audio {
		s.audio = append(s.audio, slices.Index(p.audio, a))
	}
	switch g.kind {
	case fileGroup:
		s.options, s.file = mp4Options(o), o.id+".mp4"
	case hlsGroup:
		s.options, s.file = tsOptions(o, g.settings.segmentLength()), o.id+".m3u8"
	default:
		s.options, s.file = fragmentOptions(o, g.settings.segmentLength()), o.id+".m3u8"
	}
	return s
}

func mp4Options(o *output) []option {
	options := []option{{"f", "mp4"}}
	if o.ContainerSettings.MP4.MoovPlacement != "NORMAL" {
		options = append(options, option{"movflags", "+faststart"})
	}
	return options
}

func segmentOptions(kind string, seconds int) []option {
	return []option{{"f", "hls"}, {"hls_segment_type", kind}, {"hls_time", fmt.Sprint(seconds)},
		{"hls_playlist_type", "vod"}, {"hls_list_size", "0"}, {"start_number", "1"}, {"hls_flags", "independent_segments"}}
}

// tsOptions give the service's default PIDs. All streams begin a second
// late: that leaves room for negative decoding times without moving each
// rendition by as much as it happens to need, which would put sound and
// picture in files of their own out of sync.
func tsOptions(o *output, seconds int) []option {
	return append(segmentOptions("mpegts", seconds),
		option{"avoid_negative_ts", "disabled"}, option{"output_ts_offset", "1"},
		option{"hls_segment_options", "mpegts_pmt_start_pid=480:mpegts_start_pid=481:mpegts_service_id=1"},
		option{"hls_segment_filename", o.id + "_%05d.ts"})
}

// fragmentOptions write no edit lists and signed composition offsets: with
// edit lists the picture is late by the B-frame delay, and hls.js stalls
// just before the end. For the same reason AAC's priming packet is dropped;
// then sound and picture both begin at zero, exactly.
func fragmentOptions(o *output, seconds int) []option {
	options := append(segmentOptions("fmp4", seconds),
		option{"avoid_negative_ts", "disabled"},
		option{"hls_segment_options", "use_editlist=0:movflags=+negative_cts_offsets"},
		option{"hls_fmp4_init_filename", o.id + "init." + o.ext},
		option{"hls_segment_filename", o.id + "_%09d." + o.ext})
	if o.video == nil {
		options = append(options, option{"bsfs/a", `noise=drop=eq(n\,0)`})
	}
	return options
}

// slave is the sink as the tee muxer reads it. Its parser strips one layer
// of escapes when it splits slaves and one more when it splits options.
func (s sink) slave() string {
	var picked []string
	for _, v := range s.video {
		picked = append(picked, fmt.Sprintf("v:%d", v))
	}
	for _, a := range s.audio {
		picked = append(picked, fmt.Sprintf("a:%d", a))
	}
	options := append([]option{{"select", strings.Join(picked, ",")}, {"onfail", "abort"}}, s.options...)
	parts := make([]string, len(options))
	for i, o := range options {
		parts[i] = o.name + "=" + inOption.Replace(o.value)
	}
	return inSlave.Replace("[" + strings.Join(parts, ":") + "]" + s.file)
}

var (
	inOption = strings.NewReplacer(`\`, `\\`, `'`, `\'`, `:`, `\:`, `]`, `\]`)
	inSlave  = strings.NewReplacer(`\`, `\\`, `'`, `\'`, `|`, `\|`)
)

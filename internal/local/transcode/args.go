package transcode

import (
	"fmt"
	"strconv"
	"strings"
)

// args is ffmpeg's command line: one process that reads the source once,
// encodes every distinct picture and sound once, and writes all outputs. It
// runs in the scratch folder, so that all names in it are ours.
func (p *plan) args(input string) []string {
	args := []string{"-hide_banner", "-nostdin", "-y", "-v", "error", "-progress", "pipe:1", "-stats_period", "0.5", "-nostats"}
	args = append(args, inputArgs(input)...)
	if graph := p.pictureGraph(); graph != "" {
		args = append(args, "-filter_complex", graph)
	}
	for i, a := range p.audio {
		args = append(args, "-filter_complex", a.graph(i))
	}
	args = append(args, p.teeArgs()...)
	for i, c := range p.captures {
		args = append(args, c.captureArgs(i)...)
	}
	return args
}

// pictureGraph decodes the picture once, prepares it once for all outputs
// that want it prepared alike, and splits it.
func (p *plan) pictureGraph() string {
	type branch struct{ filters, label string }
	var order []string
	branches := map[string][]branch{}
	add := func(prep, filters, label string) {
		if len(branches[prep]) == 0 {
			order = append(order, prep)
		}
		branches[prep] = append(branches[prep], branch{filters, label})
	}
	for i, v := range p.video {
		add(v.prep, v.filters, fmt.Sprintf("[v%d]", i))
	}
	for i, c := range p.captures {
		add(c.prep, c.frames, fmt.Sprintf("[c%d]", i))
	}
	var graph []string
	for i, prep := range order {
		var pads strings.Builder
		var tails []string
		for j, b := range branches[prep] {
			pad := fmt.Sprintf("[p%d_%d]", i, j)
			pads.WriteString(pad)
			tails = append(tails, pad+b.filters+b.label)
		}
		head := fmt.Sprintf("[0:%d]%s,split=%d%s", p.source.video.index, prep, len(tails), pads.String())
		graph = append(append(graph, head), tails...)
	}
	return strings.Join(graph, ";")
}

func (a *audioEncode) graph(i int) string {
	var inputs strings.Builder
	for _, index := range a.inputs {
		fmt.Fprintf(&inputs, "[0:%d]", index)
	}
	return fmt.Sprintf("%s%s[a%d]", inputs.String(), a.filters, i)
}

// teeArgs encode the streams and hand them to all muxers. Sharing an encode
// this way costs nothing; encoding the MP4 again would cost as much as a
// rung.
func (p *plan) teeArgs() []string {
	sinks := p.sinks()
	if len(sinks) == 0 {
		return nil
	}
	var args []string
	for i, v := range p.video {
		args = append(args, "-map", fmt.Sprintf("[v%d]", i))
		args = append(args, perStream("v", i, append(v.codec, v.gop.args(v.segment, v.rate)...))...)
	}
	for i, a := range p.audio {
		args = append(args, "-map", fmt.Sprintf("[a%d]", i))
		args = append(args, perStream("a", i, a.codec)...)
		if a.language != "" {
			args = append(args, fmt.Sprintf("-metadata:s:a:%d", i), "language="+a.language)
		}
	}
	args = append(args, "-map_metadata", "-1", "-map_chapters", "-1", "-flags", "+cgop+global_header", "-max_muxing_queue_size", "9999")
	slaves := make([]string, len(sinks))
	for i, s := range sinks {
		slaves[i] = s.slave()
	}
	return append(args, "-f", "tee", strings.Join(slaves, "|"))
}

// perStream makes "-crf 23" into "-crf:v:1 23".
func perStream(kind string, i int, args []string) []string {
	out := make([]string, len(args))
	for n, a := range args {
		out[n] = a
		if n%2 == 0 {
			out[n] = strings.TrimSuffix(a, ":"+kind) + ":" + kind + ":" + strconv.Itoa(i)
		}
	}
	return out
}

func (o *output) captureArgs(i int) []string {
	c := o.VideoDescription.CodecSettings.FrameCapture
	args := []string{"-map", fmt.Sprintf("[c%d]", i), "-c:v", "mjpeg", "-q:v", strconv.Itoa(jpegScale(c))}
	if c != nil && c.MaxCaptures > 0 {
		args = append(args, "-frames:v", strconv.Itoa(c.MaxCaptures))
	}
	return append(args, "-start_number", "0", "-f", "image2", o.id+".%07d.jpg")
}

// jpegScale maps quality 1 to 100 to the encoder's scale of 12 to 2, where
// less is better. The default, 80, is 4.
func jpegScale(c *FrameCaptureSettings) int {
	if c == nil || c.Quality == 0 {
		return 4
	}
	return 2 + (100-c.Quality)/10
}

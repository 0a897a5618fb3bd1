package transcode

import (
	"fmt"
	"strings"
)

// plan is a job worked out for one source: what is encoded, once each, and
// what is written of it. It is pure data, made before ffmpeg starts.
type plan struct {
	source   *source
	video    []*videoEncode
	audio    []*audioEncode
	captures []*output
	groups   []*group
	uri      string
}

// group is an output group with its outputs.
type group struct {
	OutputGroup
	settings *GroupSettings
	kind     string
	folder   string // s3://bucket/…/
	name     string // what all its files begin with
	outputs  []*output
}

// output is one output and the encodes that it is made of.
type output struct {
	Output
	id    string // what its files are called in the scratch folder
	stem  string // what its files are called when they are published
	ext   string
	video *videoEncode
	audio []*audioEncode
	// frames is the filter chain of a frame capture.
	prep   string
	frames string
	width  int
	height int
}

// videoEncode is one encoded picture. Outputs with equal settings share it.
type videoEncode struct {
	prep          string // filters up to the split
	filters       string // filters of its own
	codec         []string
	gop           gop
	segment       int // seconds; 0 until an output that has segments uses it
	width, height int
	pixelAspect   ratio
	rate          ratio
	maxBitrate    int
}

// audioEncode is one encoded sound track.
type audioEncode struct {
	inputs   []int  // streams of the source, among all streams
	filters  string // after the inputs
	codec    []string
	language string // ISO 639-2, empty when not known
	channels int
	rate     int
}

func newPlan(s *Settings, src *source, uri string) (*plan, error) {
	p := &plan{source: src, uri: uri}
	for i, g := range s.OutputGroups {
		grp := &group{OutputGroup: g, settings: g.settings(), kind: g.kind()}
		grp.folder, grp.name = base(grp.settings.Destination, uri)
		p.groups = append(p.groups, grp)
		for j, o := range g.Outputs {
			out := &output{Output: o, id: fmt.Sprintf("%d-%d", i, j), stem: grp.name + o.NameModifier, ext: o.extension()}
			grp.outputs = append(grp.outputs, out)
			if err := p.add(s.Inputs[0], grp, out); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (p *plan) add(in InputSettings, g *group, o *output) error {
	if o.VideoDescription != nil {
		if p.source.video == nil {
			return fail(CodeNoVideo, "The input file has no video, which output %q needs.", o.stem)
		}
		p.addPicture(in, g, o)
	}
	for _, d := range o.AudioDescriptions {
		enc, err := p.newAudio(in, d)
		if err != nil {
			return err
		}
		o.audio = append(o.audio, p.shareAudio(enc))
	}
	return nil
}

func (p *plan) addPicture(in InputSettings, g *group, o *output) {
	d := o.VideoDescription
	if d.CodecSettings.Codec == "FRAME_CAPTURE" {
		c := d.CodecSettings.FrameCapture
		geo := p.source.video.geometry(in.VideoSelector.Rotate, p.source.rotates, d)
		o.prep = p.source.prep(in.VideoSelector.Rotate, d, p.source.video.rate)
		o.frames = captureRate(c) + "," + geo.filters("pc") + ",format=yuvj420p"
		o.width, o.height = geo.width, geo.height
		p.captures = append(p.captures, o)
		return
	}
	enc := p.source.newVideo(in.VideoSelector.Rotate, d)
	if g.kind != fileGroup {
		enc.segment = g.settings.segmentLength()
		enc.gop.exact = true
	}
	o.video = p.shareVideo(enc)
	o.width, o.height = o.video.width, o.video.height
}

// shareVideo finds an encode that serves as well. One without segments
// takes the key frames of one with segments.
func (p *plan) shareVideo(enc *videoEncode) *videoEncode {
	for _, other := range p.video {
		if !other.equal(enc) || other.segment != 0 && enc.segment != 0 && other.segment != enc.segment {
			continue
		}
		other.segment = max(other.segment, enc.segment)
		return other
	}
	p.video = append(p.video, enc)
	return enc
}

func (v *videoEncode) equal(o *videoEncode) bool {
	return v.prep == o.prep && v.filters == o.filters && v.gop.size == o.gop.size && v.gop.frames == o.gop.frames &&
		strings.Join(v.codec, " ") == strings.Join(o.codec, " ")
}

func (p *plan) shareAudio(enc *audioEncode) *audioEncode {
	for _, other := range p.audio {
		if fmt.Sprint(*other) == fmt.Sprint(*enc) {
			return other
		}
	}
	p.audio = append(p.audio, enc)
	return enc
}

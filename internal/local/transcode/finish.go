package transcode

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
)

// finish looks at what ffmpeg wrote, writes the manifests and lists it all.
func (p *plan) finish(dir, complaints string) (*Result, error) {
	if strings.Contains(complaints, "No space left on device") {
		return nil, failOfMachine(CodeDiskFull, noRoom)
	}
	result := &Result{}
	length := 0.0 // frame captures have none of their own; they come last
	for _, g := range p.groups {
		var made []*media
		for _, o := range g.outputs {
			m, err := o.inspect(dir, g)
			if err != nil {
				return nil, err
			}
			if err := p.verify(o, m, complaints); err != nil {
				return nil, err
			}
			made = append(made, m)
		}
		length = max(length, longest(made))
		detail, files, err := g.publish(dir, made, length)
		if err != nil {
			return nil, err
		}
		result.OutputGroupDetails = append(result.OutputGroupDetails, detail)
		result.Files = append(result.Files, files...)
	}
	return result, nil
}

// verify compares an output's length with the source's: a source that was
// cut off ends early without any error.
func (p *plan) verify(o *output, m *media, complaints string) error {
	expected := p.expected(o)
	if o.frames != "" || expected == 0 || !p.source.indexed {
		return nil
	}
	tolerance := max(0.5, expected*0.02)
	if strings.Contains(complaints, "partial file") {
		tolerance = 0.1
	}
	got := m.duration
	if m.picture > 0 {
		got = m.picture
	}
	if got < expected-tolerance {
		return fail(CodeTruncated, "The input file ends after %.1f of %.1f seconds; it is incomplete.", got, expected)
	}
	return nil
}

// expected is how long an output should be, in seconds; 0 when the source
// does not tell. Sound alone is compared with its own track only, since
// picture and sound of a file often differ in length.
func (p *plan) expected(o *output) float64 {
	if o.video != nil {
		if p.source.video.duration == 0 && len(p.source.audio) == 0 {
			return p.source.duration
		}
		return p.source.video.duration
	}
	for _, a := range o.audio {
		for _, s := range p.source.audio {
			if slices.Contains(a.inputs, s.index) && s.duration > 0 {
				return s.duration
			}
		}
	}
	if p.source.video == nil {
		return p.source.duration
	}
	return 0
}

// publish writes a group's manifests and names its files.
func (g *group) publish(dir string, made []*media, length float64) (OutputGroupDetail, []File, error) {
	detail := OutputGroupDetail{Type: g.kind}
	var files []File
	add := func(local, name string) {
		files = append(files, File{filepath.Join(dir, local), g.folder + name, contentType(name)})
	}
	for i, o := range g.outputs {
		m := made[i]
		o.addMedia(g.kind, m, add)
		detail.OutputDetails = append(detail.OutputDetails, o.detail(g, m, length))
	}
	manifests, err := g.manifests(dir, made)
	if err != nil {
		return detail, nil, err
	}
	for _, f := range manifests {
		add(f.local, f.name)
		if f.master {
			detail.PlaylistFilePaths = append(detail.PlaylistFilePaths, g.folder+f.name)
		}
	}
	return detail, files, nil
}

func (o *output) addMedia(kind string, m *media, add func(local, name string)) {
	switch {
	case o.frames != "":
		for _, f := range m.files {
			add(f, o.stem+strings.TrimSuffix(strings.TrimPrefix(f, o.id), "jpg")+o.ext)
		}
		return
	case kind == fileGroup:
		add(m.files[0], o.stem+"."+o.ext)
		return
	case kind != hlsGroup:
		add(initName(o.id, o.ext), initName(o.stem, o.ext))
	}
	for i, s := range m.segments {
		add(s.file, segmentName(o.segmentStem(), o.ext, i+1))
	}
}

func (o *output) segmentStem() string { return o.stem + o.OutputSettings.HLS.SegmentModifier }

// detail is the output in the COMPLETE event: a file group tells its files
// (of a frame capture the last still only), an HLS group the playlists of
// its outputs, the others nothing.
func (o *output) detail(g *group, m *media, length float64) OutputDetail {
	d := OutputDetail{DurationInMs: int64(math.Round(m.duration * 1000))}
	if o.width > 0 {
		d.VideoDetails = &VideoDetails{WidthInPx: o.width, HeightInPx: o.height, AverageBitrate: m.average()}
	}
	switch {
	case o.frames != "":
		last := m.files[len(m.files)-1]
		name := o.stem + strings.TrimSuffix(strings.TrimPrefix(last, o.id), "jpg") + o.ext
		d.OutputFilePaths = []string{g.folder + name}
		d.DurationInMs = int64(math.Round(length * 1000))
	case g.kind == fileGroup:
		d.OutputFilePaths = []string{g.folder + o.stem + "." + o.ext}
	case g.kind == hlsGroup:
		d.OutputFilePaths = []string{g.folder + o.stem + ".m3u8"}
	}
	return d
}

func longest(made []*media) float64 {
	length := 0.0
	for _, m := range made {
		length = max(length, m.duration)
	}
	return length
}

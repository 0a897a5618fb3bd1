package transcode

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/Eyevinn/mp4ff/mp4"
)

// media is what ffmpeg made for one output, read from the files themselves:
// exit code 0 is no proof of anything.
type media struct {
	duration  float64 // seconds
	picture   float64 // seconds of the picture alone, 0 where it is all
	codecs    []string
	timescale uint32
	segments  []segment
	size      int64 // bytes of media, without the initialization
	rate      int   // of sound, hertz
	files     []string
}

// segment is one segment's file. Start and duration are in units of the
// timescale.
type segment struct {
	file            string
	size            int64
	start, duration uint64
}

func (o *output) inspect(dir string, g *group) (*media, error) {
	switch {
	case o.frames != "":
		return inspectFrames(dir, o)
	case g.kind == fileGroup:
		return inspectMP4(dir, o.id+".mp4")
	}
	m := &media{timescale: tsTimescale}
	read := func(dir string, o *output) error { return m.readFragments(dir, o, g.splitLength()) }
	if g.kind == hlsGroup {
		read = m.readTransport
	}
	if err := read(dir, o); err != nil {
		return nil, err
	}
	if len(m.segments) == 0 {
		return nil, fail(CodeUnreadable, "Nothing of the input file could be decoded for output %q.", o.stem)
	}
	if err := m.mergeShortEnd(dir, g.settings.MinFinalSegmentLength); err != nil {
		return nil, err
	}
	for _, s := range m.segments {
		m.size += s.size
		m.duration += float64(s.duration) / float64(m.timescale)
	}
	return m, nil
}

// inspectFrames counts the stills of a frame capture.
func inspectFrames(dir string, o *output) (*media, error) {
	m := &media{}
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s.%07d.jpg", o.id, n)
		info, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("look at frame capture: %w", err)
		}
		m.files = append(m.files, name)
		m.size += info.Size()
	}
	if len(m.files) == 0 {
		return nil, fail(CodeUnreadable, "No frame of the input file could be captured for output %q.", o.stem)
	}
	return m, nil
}

// splitLength is that of a fragment in seconds, 0 where it is a segment.
func (g *group) splitLength() int {
	if g.settings.FragmentLength < g.settings.segmentLength() {
		return g.settings.FragmentLength
	}
	return 0
}

func (m *media) readFragments(dir string, o *output, split int) error {
	init, err := readMP4(filepath.Join(dir, o.id+"init."+o.ext))
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if err != nil || init.Init == nil || len(init.Init.Moov.Traks) != 1 {
		return nil // nothing was decoded; the caller says so
	}
	trak := init.Init.Moov.Trak
	m.timescale = trak.Mdia.Mdhd.Timescale
	m.codecs, m.rate = trackCodec(trak)
	fragment := uint32(1)
	for n := 1; ; n++ {
		name := segmentName(o.id, o.ext, n)
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if split > 0 {
			if fragment, err = splitSegment(path, init.Init, split, fragment); err != nil {
				return err
			}
		}
		f, err := readMP4(path)
		if err != nil {
			return err
		}
		s := fragmentTimes(f, init.Init.Moov.Mvex.Trex)
		s.file, s.size = name, int64(f.Size())
		if s.duration > 0 {
			m.segments = append(m.segments, s)
		}
	}
}

// fragmentTimes adds up the fragments of a segment.
func fragmentTimes(f *mp4.File, trex *mp4.TrexBox) segment {
	s := segment{}
	first := true
	for _, seg := range f.Segments {
		for _, frag := range seg.Fragments {
			for _, traf := range frag.Moof.Trafs {
				if first {
					s.start, first = traf.Tfdt.BaseMediaDecodeTime(), false
				}
				for _, trun := range traf.Truns {
					s.duration += trun.AddSampleDefaultValues(traf.Tfhd, trex)
				}
			}
		}
	}
	return s
}

// mergeShortEnd appends a last segment that is shorter than least seconds to
// the one before; players take the longer file as it is.
func (m *media) mergeShortEnd(dir string, least float64) error {
	n := len(m.segments)
	if n < 2 || float64(m.segments[n-1].duration)/float64(m.timescale) >= least {
		return nil
	}
	last, before := m.segments[n-1], &m.segments[n-2]
	data, err := os.ReadFile(filepath.Join(dir, last.file))
	if err != nil {
		return fmt.Errorf("merge last segment: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, before.file), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("merge last segment: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close(), os.Remove(filepath.Join(dir, last.file))); err != nil {
		return fmt.Errorf("merge last segment: %w", err)
	}
	before.size += last.size
	before.duration += last.duration
	m.segments = m.segments[:n-1]
	return nil
}

// average is in bits per second.
func (m *media) average() int {
	if m.duration == 0 {
		return 0
	}
	return int(float64(m.size) * 8 / m.duration)
}

// peak is the largest bitrate of a segment, in bits per second. Segments
// shorter than half the longest don't count, as the HLS specification has it.
func (m *media) peak() int {
	longest, peak := uint64(0), 0.0
	for _, s := range m.segments {
		longest = max(longest, s.duration)
	}
	for _, s := range m.segments {
		if s.duration*2 >= longest {
			peak = max(peak, float64(s.size)*8*float64(m.timescale)/float64(s.duration))
		}
	}
	return max(int(peak+0.5), m.average())
}

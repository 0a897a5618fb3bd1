package trackheader

import "encoding/binary"

// media reads a mdia box: its handler, then, for a picture, its samples.
func (f *file) media(mdia box, t *Track) error {
	var stbl box
	err := f.each(mdia.start, mdia.end, func(b box) (bool, error) {
		switch b.kind {
		case "hdlr":
			p, err := f.bytes(b.start, 12)
			if err == nil && len(p) == 12 {
				t.Kind = string(p[8:12])
			}
			return true, err
		case "minf":
			return true, f.goOn(f.each(b.start, b.end, func(b box) (bool, error) {
				switch {
				case b.kind == "stbl" && stbl.kind == "":
					stbl = b
				case b.kind == "dinf":
					return true, f.dataReferences(b)
				}
				return true, nil
			}))
		}
		return true, nil
	})
	if err != nil || t.Kind != Picture {
		return err
	}
	return f.samples(stbl, t)
}

// samples reads a picture's size, pixel aspect and number of frames.
func (f *file) samples(stbl box, t *Track) error {
	return f.each(stbl.start, stbl.end, func(b box) (bool, error) {
		switch b.kind {
		case "stsd":
			// version, flags and number of entries come first
			return true, f.each(b.start+8, b.end, func(entry box) (bool, error) {
				return false, f.entry(entry, t) // the first tells
			})
		case "stsz", "stz2":
			p, err := f.bytes(b.start, 12)
			if err == nil && len(p) == 12 {
				t.Samples = int(min(binary.BigEndian.Uint32(p[8:]), 1<<31-1))
			}
			return true, err
		}
		return true, nil
	})
}

// visualHeader is the length of what a visual sample entry has before its
// boxes; the picture's size is at 24 bytes.
const visualHeader = 78

func (f *file) entry(entry box, t *Track) error {
	p, err := f.bytes(entry.start, visualHeader)
	if err != nil {
		return err
	}
	if len(p) < visualHeader || entry.end-entry.start < visualHeader {
		return nil
	}
	t.Width, t.Height = int(binary.BigEndian.Uint16(p[24:])), int(binary.BigEndian.Uint16(p[26:]))
	pasp, err := f.child(box{start: entry.start + visualHeader, end: entry.end}, "pasp")
	if err != nil || pasp.kind == "" {
		return err
	}
	p, err = f.bytes(pasp.start, 8)
	if err == nil && len(p) == 8 {
		t.PixelAspect = aspect(binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:]))
	}
	return err
}

package trackheader

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// box is one box of the file: its kind, and where its content lies.
type box struct {
	kind       string
	start, end int64
}

// file reads boxes through one window and counts what it costs.
type file struct {
	r    io.ReaderAt
	size int64

	buf   []byte
	at    int64 // of buf in the file
	reads int
	boxes int

	malformed error // the first that was found and passed over
}

// bytes are up to n bytes at an offset, fewer at the file's end; they hold
// until the next call.
func (f *file) bytes(off int64, n int) ([]byte, error) {
	n = int(max(0, min(int64(n), f.size-off)))
	if off < f.at || off+int64(n) > f.at+int64(len(f.buf)) {
		if err := f.load(off); err != nil {
			return nil, err
		}
	}
	from := off - f.at
	have := int64(len(f.buf))
	return f.buf[min(from, have):min(from+int64(n), have)], nil
}

// load moves the window to an offset.
func (f *file) load(off int64) error {
	if f.reads++; f.reads > maxReads {
		return errHostile
	}
	if f.buf == nil {
		f.buf = make([]byte, 0, Window)
	}
	f.at, f.buf = off, f.buf[:max(0, min(Window, f.size-off))]
	n, err := f.r.ReadAt(f.buf, off)
	f.buf = f.buf[:n]
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %d bytes at %d: %w", Window, off, err)
	}
	return nil
}

// each calls fn for every box from start to end, until it says stop.
func (f *file) each(start, end int64, fn func(box) (more bool, err error)) error {
	end = min(end, f.size)
	for off := start; off+8 <= end; {
		if f.boxes++; f.boxes > maxBoxes {
			return errHostile
		}
		b, err := f.box(off, end)
		if err != nil {
			return err
		}
		if b.kind == "" {
			return nil
		}
		if more, err := fn(b); err != nil || !more {
			return err
		}
		off = b.end
	}
	return nil
}

// box reads the header of the box at an offset. A box that claims to reach
// over its parent's end is cut there: the rest is not in the file.
func (f *file) box(off, end int64) (box, error) {
	p, err := f.bytes(off, 16)
	if err != nil {
		return box{}, err
	}
	if len(p) < 8 {
		return box{}, nil
	}
	length, header := uint64(binary.BigEndian.Uint32(p)), int64(8)
	kind := string(p[4:8])
	switch {
	case length == 1 && len(p) == 16:
		length, header = binary.BigEndian.Uint64(p[8:]), 16
	case length == 0 && kind == "\x00\x00\x00\x00": // padding, as QuickTime ends a list
		return box{}, nil
	case length == 0:
		length = uint64(end - off)
	}
	if length < uint64(header) {
		return box{}, fmt.Errorf("%w: box %q at %d has an impossible length of %d", ErrMalformed, kind, off, length)
	}
	if length > uint64(end-off) {
		length = uint64(end - off)
	}
	return box{kind: kind, start: min(off+header, end), end: off + int64(length)}, nil
}

// child is the first box of a kind inside another; its kind is empty when
// there is none.
func (f *file) child(parent box, kind string) (box, error) {
	var found box
	err := f.each(parent.start, parent.end, func(b box) (bool, error) {
		if b.kind == kind {
			found = b
			return false, nil
		}
		return true, nil
	})
	return found, err
}

package trackheader

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"unicode/utf16"
)

// A Reference says that a file is no video but names others: a playlist, or a
// movie whose pictures lie elsewhere. Whoever encodes it reads those others,
// with its own permissions.
type Reference struct {
	What string // what the file is
}

// Error is a sentence about the file.
func (r *Reference) Error() string { return "the file is no video of its own: " + r.What }

// Unwrap makes it ErrMalformed, too: reading the file again gives the same.
func (r *Reference) Unwrap() error { return ErrMalformed }

// headBytes is as much of a file as tells what it is.
const headBytes = 4096

// texts are the beginnings of text files that name others. Each is what its
// readers look for; blanks, a byte order mark and, of XML, comments may stand
// in front.
var texts = []struct {
	begin *regexp.Regexp
	what  string
}{
	{regexp.MustCompile(`^#EXT`), "it is a HLS or M3U playlist"},                                         // RFC 8216, 4.3.1.1
	{regexp.MustCompile(`^<[?!A-Za-z]`), "it is XML, as DASH, Smooth Streaming, SMIL and IMF lists are"}, // ISO/IEC 23009-1, MS-SSTR, SMPTE ST 2067-3
	{regexp.MustCompile(`(?i)^\[(playlist|reference)\]`), "it is a PLS or ASX playlist"},
	{regexp.MustCompile(`^ffconcat\b`), "it is a concat script"},
	{regexp.MustCompile(`^v=0\s`), "it is a session description"}, // RFC 8866, 5.1
	{regexp.MustCompile(`(?i)^(ASF\s+http|RTSPtext|SMILtext)`), "it is a redirector of QuickTime or Windows Media"},
	{regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]{1,9}://`), "it is a list of addresses"},
}

// textReference recognises a text that names other files by its beginning.
func textReference(head []byte) error {
	if len(head) >= 8 && firstBoxes[string(head[4:8])] {
		return nil // a movie, the length of whose first box may look like text
	}
	text := bytes.TrimLeft(decoded(head), " \t\r\n\v\f")
	for _, kind := range texts {
		if kind.begin.Match(text) {
			return &Reference{kind.what}
		}
	}
	return nil
}

// decoded is the beginning of a file without its byte order mark, and in UTF-8
// where that says UTF-16.
func decoded(head []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	default:
		return bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	}
	var units []uint16
	for rest := head[2:]; len(rest) > 1; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return []byte(string(utf16.Decode(units)))
}

// isMovie tells whether a file begins as a box does: a length, then a kind of
// four printable characters. Other containers have a byte there that is none.
func isMovie(head []byte) bool {
	if len(head) < 8 {
		return false
	}
	for _, b := range head[4:8] {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return binary.BigEndian.Uint32(head) < 2 || binary.BigEndian.Uint32(head) >= 8
}

// firstBoxes are the kinds of boxes that movies begin with.
var firstBoxes = map[string]bool{
	"ftyp": true, "moov": true, "mdat": true, "free": true, "skip": true, "wide": true, "pnot": true, "uuid": true, "styp": true, "moof": true, "sidx": true,
}

// dataReferences looks where a track's media lie. Each track says so (QuickTime
// File Format, "Data reference atoms"; ISO/IEC 14496-12, 8.7.2).
func (f *file) dataReferences(dinf box) error {
	return f.each(dinf.start, dinf.end, func(dref box) (bool, error) {
		if dref.kind != "dref" {
			return true, nil
		}
		// version, flags and number of entries come first
		return true, f.each(dref.start+8, dref.end, func(entry box) (bool, error) {
			p, err := f.bytes(entry.start, 8)
			if err == nil && external(entry, p) {
				err = &Reference{"a track's media lie in another file"}
			}
			return true, err
		})
	})
}

// external tells whether an entry of a data reference, which begins with
// version and flags, is an address of another file. The flag 1 says that the
// media lie in this one; then a URL must not be there, while a Mac's alias may.
// Encoders that forget the flag write no address.
func external(entry box, p []byte) bool {
	const flags = 4
	if len(p) <= flags || entry.end-entry.start <= flags {
		return false
	}
	address := p[flags] != 0
	if entry.kind == "alis" || entry.kind == "rsrc" {
		return p[flags-1]&1 == 0 && entry.end-entry.start > flags
	}
	return address
}

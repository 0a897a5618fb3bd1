package trackheader

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

// reference is what a file refers to, empty where it is one of its own.
func reference(t *testing.T, file []byte) string {
	t.Helper()
	_, err := read(file)
	var found *Reference
	if !errors.As(err, &found) {
		return ""
	}
	if !errors.Is(err, ErrMalformed) || !strings.HasPrefix(found.Error(), "the file is no video of its own: ") {
		t.Errorf("error is %v", err)
	}
	return found.What
}

func inUTF16(text string, first, second int) []byte {
	var p []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		p = append(p, byte(unit>>first), byte(unit>>second))
	}
	return p
}

func TestATextThatNamesOtherFilesIsAReference(t *testing.T) {
	for text, says := range map[string]string{
		"#EXTM3U\n#EXT-X-VERSION:3\nhttps://elsewhere.example/secret.ts\n": "HLS",
		"#EXTINF:5,\nfile:///etc/passwd\n":                                 "HLS",
		`<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">`: "XML",
		`<MPD type="static">`:                                              "XML",
		`<SmoothStreamingMedia MajorVersion="2">`:                          "XML",
		`<smil><body><video src="x.mp4"/></body></smil>`:                   "XML",
		`<ASX version="3.0"><entry><ref href="mms://x"/></entry></ASX>`:    "XML",
		`<!-- a comment --><CompositionPlaylist>`:                          "XML",
		"[playlist]\nFile1=https://elsewhere.example/x\n":                  "PLS",
		"[Reference]\nRef1=http://elsewhere.example/x\n":                   "ASX",
		"ffconcat version 1.0\nfile 'x.mp4'\n":                             "concat",
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n":                              "session",
		"ASF http://elsewhere.example/x":                                   "Windows Media",
		"rtsptextrtsp://elsewhere.example/x":                               "QuickTime",
		"https://elsewhere.example/a.ts\nhttps://elsewhere.example/b.ts\n": "addresses",
		"s3://another-owner/video.mp4":                                     "addresses",
	} {
		for name, file := range map[string][]byte{
			"as it is":               []byte(text),
			"behind blank lines":     []byte("\r\n \t\n" + text),
			"behind a mark":          []byte("\xef\xbb\xbf" + text),
			"in UTF-16, big end":     inUTF16(text, 8, 0),
			"in UTF-16, little end":  inUTF16(text, 0, 8),
			"in front of a megabyte": append([]byte(text), make([]byte, 1<<20)...),
		} {
			if got := reference(t, file); !strings.Contains(got, says) {
				t.Errorf("%.30q %s: %q", text, name, got)
			}
		}
	}
}

// track is a sound track whose data reference has these entries.
func track(entries ...[]byte) []byte {
	return boxOf("trak", tkhd(0, 1, 1, 0), boxOf("mdia", hdlr(Sound), boxOf("minf",
		boxOf("dinf", boxOf("dref", words(0, uint32(len(entries))), bytes.Join(entries, nil))), boxOf("stbl"))))
}

func TestAMovieWhoseMediaLieElsewhereIsAReference(t *testing.T) {
	ftyp := boxOf("ftyp", []byte("qt  "))
	here := boxOf("url ", words(1))
	broken := boxOf("trak", boxOf("tkhd", words(0)))
	for name, moov := range map[string][]byte{
		"a reference movie":             boxOf("moov", boxOf("rmra", boxOf("rmda", boxOf("rdrf", words(0), []byte("url "), words(5), []byte("x.mov"))))),
		"beside tracks":                 boxOf("moov", track(here), boxOf("rmra")),
		"a compressed header":           boxOf("moov", boxOf("cmov", boxOf("dcom", []byte("zlib")))),
		"a URL":                         boxOf("moov", track(boxOf("url ", words(0), []byte("https://elsewhere.example/x\x00")))),
		"a URL that is said to be here": boxOf("moov", track(boxOf("url ", words(1), []byte("https://elsewhere.example/x\x00")))),
		"a URN":                         boxOf("moov", track(boxOf("urn ", words(0), []byte("urn:x\x00file:///etc/passwd\x00")))),
		"an alias":                      boxOf("moov", track(boxOf("alis", words(0), make([]byte, 160)))),
		"a resource":                    boxOf("moov", track(boxOf("rsrc", words(0), make([]byte, 160)))),
		"the second entry":              boxOf("moov", track(here, boxOf("url ", words(0), []byte("../x.mp4\x00")))),
		"the second track":              boxOf("moov", track(here), track(boxOf("url ", words(0), []byte("x\x00")))),
		"behind a broken track":         boxOf("moov", broken, track(boxOf("url ", words(0), []byte("x\x00")))),
		"a header that is too complex":  boxOf("moov", bytes.Repeat(track(here), maxTracks), track(boxOf("url ", words(0), []byte("x\x00")))),
		"behind too many boxes":         join(bytes.Repeat(boxOf("free"), maxBoxes), boxOf("moov", boxOf("rmra"))),
	} {
		if got := reference(t, join(ftyp, moov)); got == "" {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestAVideoOfItsOwnIsNoReference(t *testing.T) {
	large := boxOf("mdat")
	copy(large, "<MPD") // a length of a gigabyte
	for name, file := range map[string][]byte{
		"a flag and no address":       boxOf("moov", track(boxOf("url ", words(1)))),
		"neither flag nor address":    boxOf("moov", track(boxOf("url ", words(0), []byte{0}))),
		"no entry":                    boxOf("moov", track()),
		"a Mac's alias of this file":  boxOf("moov", track(boxOf("alis", words(1), make([]byte, 160)))),
		"no data information":         boxOf("moov", soundTrack(1)),
		"an mdat as long as a letter": large,
		"Matroska":                    []byte("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01"),
		"a transport stream":          bytes.Repeat(append([]byte{0x47, 0x40, 0, 0x10}, make([]byte, 184)...), 4),
		"AVI":                         []byte("RIFF\x00\x10\x00\x00AVI LIST"),
		"Ogg":                         []byte("OggS\x00\x02\x00\x00"),
		"FLAC":                        []byte("fLaC\x00\x00\x00\x22"),
		"MP3":                         []byte("ID3\x03\x00\x00\x00\x00\x0f\x76"),
		"MPEG audio":                  {0xff, 0xfb, 0x90, 0x64, 0, 0, 0, 0},
		"layer I, like a mark":        {0xff, 0xfe, 0x90, 0x64, 0, 0, 0, 0},
		"ASF":                         {0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11},
		"MXF":                         {0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01},
		"a program stream":            {0, 0, 1, 0xba, 0x44, 0, 4, 0},
		"nothing":                     nil,
		"a letter":                    []byte("#"),
	} {
		if got := reference(t, file); got != "" {
			t.Errorf("%s is refused: %s", name, got)
		}
	}
}

// What is no movie takes one read, whatever its name.
func TestAFileThatIsNoMovieIsReadOnce(t *testing.T) {
	c := &counted{size: 5 << 30, parts: map[int64][]byte{0: []byte("\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01")}}
	if _, err := Read(c, c.size); !errors.Is(err, ErrNoHeader) || c.reads != 1 {
		t.Errorf("%d reads, %v", c.reads, err)
	}
}

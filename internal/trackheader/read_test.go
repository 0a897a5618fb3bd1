package trackheader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/video"
)

// boxOf writes a box.
func boxOf(kind string, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), append([]byte(kind), body...)...)
}

// largeBox writes a box's header with a 64-bit length, and no content.
func largeBox(kind string, length uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte{0, 0, 0, 1}, kind...), length)
}

func words(values ...uint32) []byte {
	var p []byte
	for _, v := range values {
		p = binary.BigEndian.AppendUint32(p, v)
	}
	return p
}

func fixedPoint(x float64) uint32 { return uint32(int32(math.Round(x * 65536))) }

// tkhd is a track header of version 0 or 1 with the first row of a matrix.
func tkhd(version byte, id uint32, a, b float64) []byte {
	times := make([]byte, 8)
	if version == 1 {
		times = make([]byte, 16)
	}
	duration := make([]byte, len(times)/2)
	return boxOf("tkhd", []byte{version, 0, 0, 7}, times, words(id, 0), duration, make([]byte, 16),
		words(fixedPoint(a), fixedPoint(b), 0, fixedPoint(-b), fixedPoint(a), 0, 0, 0, 1<<30), make([]byte, 8))
}

func hdlr(kind string) []byte { return boxOf("hdlr", words(0, 0), []byte(kind), make([]byte, 13)) }

// entry is a visual sample entry.
func entry(width, height uint16, boxes ...[]byte) []byte {
	head := make([]byte, visualHeader)
	binary.BigEndian.PutUint16(head[24:], width)
	binary.BigEndian.PutUint16(head[26:], height)
	return boxOf("avc1", append([][]byte{head}, boxes...)...)
}

func pictureTrack(header []byte, frames uint32, sampleEntry []byte) []byte {
	return boxOf("trak", header, boxOf("mdia", hdlr(Picture), boxOf("minf", boxOf("stbl",
		boxOf("stsd", words(0, 1), sampleEntry), boxOf("stsz", words(0, 0, frames))))))
}

func soundTrack(id uint32) []byte {
	return boxOf("trak", tkhd(0, id, 1, 0), boxOf("mdia", hdlr(Sound)))
}

func movie(header []byte) []byte {
	return boxOf("moov", boxOf("mvhd", make([]byte, 100)),
		pictureTrack(header, 375, entry(720, 576, boxOf("avcC", make([]byte, 30)), boxOf("pasp", words(64, 45)))), soundTrack(2))
}

func read(p []byte) ([]Track, error) { return Read(bytes.NewReader(p), int64(len(p))) }

func TestTracksAreRead(t *testing.T) {
	want := Track{ID: 1, Kind: Picture, Rotation: 90, PixelAspect: video.Ratio{Num: 64, Den: 45}, Width: 720, Height: 576, Samples: 375}
	ftyp := boxOf("ftyp", []byte("isomiso2"))
	for name, file := range map[string][]byte{
		"from the front of the file":        join(ftyp, movie(tkhd(0, 1, 0, 1)), boxOf("mdat", make([]byte, 99))),
		"from its end":                      join(ftyp, boxOf("free"), boxOf("mdat", make([]byte, 300<<10)), movie(tkhd(0, 1, 0, 1))),
		"behind a box with a 64-bit length": join(ftyp, largeBox("mdat", 16+70000), make([]byte, 70000), movie(tkhd(0, 1, 0, 1))),
		"with 64-bit times":                 join(ftyp, movie(tkhd(1, 1, 0, 1))),
		"of a fragmented file":              join(ftyp, movie(tkhd(0, 1, 0, 1)), boxOf("moof"), boxOf("mdat"), boxOf("moof")),
		"without a file type, as QuickTime": join(boxOf("wide"), movie(tkhd(0, 1, 0, 1))),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := read(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 2 || got[0] != want {
				t.Errorf("got %+v", got)
			}
			if got[1].ID != 2 || got[1].Kind != Sound {
				t.Errorf("sound track %+v", got[1])
			}
		})
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestRotation(t *testing.T) {
	s := math.Sqrt2 / 2
	for _, c := range []struct {
		name string
		a, b float64
		want int
	}{
		{"upright", 1, 0, 0},
		{"a phone held upright", 0, 1, 90},
		{"upside down", -1, 0, 180},
		{"the other way", 0, -1, 270},
		{"scaled", 0, 2.5, 90},
		{"half a degree off", 0.0087, 1, 90},
		{"two degrees off is none", 0.035, 1, 0},
		{"askew is none", s, s, 0},
		{"no matrix at all", 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(movie(tkhd(0, 1, c.a, c.b)))
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Rotation != c.want {
				t.Errorf("got %d, want %d", got[0].Rotation, c.want)
			}
		})
	}
}

func TestAPixelAspectBeyondBeliefIsLeftOut(t *testing.T) {
	for _, p := range [][2]uint32{{0, 1}, {1, 0}, {1000, 1}, {1, 1000}, {1 << 31, 1 << 31}} {
		file := boxOf("moov", pictureTrack(tkhd(0, 1, 1, 0), 1, entry(720, 576, boxOf("pasp", words(p[0], p[1])))))
		got, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].PixelAspect != (video.Ratio{}) {
			t.Errorf("%v gives %v", p, got[0].PixelAspect)
		}
	}
}

func TestFilesWithoutAHeader(t *testing.T) {
	for name, file := range map[string][]byte{
		"empty":              {},
		"text":               []byte(strings.Repeat("this is not a video. ", 20)),
		"cut off in mdat":    join(boxOf("ftyp", []byte("isom")), largeBox("mdat", 5<<30), make([]byte, 1000)),
		"Matroska":           join([]byte{0x1a, 0x45, 0xdf, 0xa3}, make([]byte, 100)),
		"only a file type":   boxOf("ftyp", []byte("isom")),
		"a header of 7 byte": {0, 0, 0, 8, 'm', 'o', 'o'},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := read(file); !errors.Is(err, ErrMalformed) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	_, err := read(boxOf("ftyp", []byte("isom")))
	if !errors.Is(err, ErrNoHeader) {
		t.Errorf("got %v", err)
	}
}

func TestHostileFilesAreRefused(t *testing.T) {
	for name, file := range map[string][]byte{
		"an endless list of empty boxes": bytes.Repeat(boxOf("free"), maxBoxes+1),
		"a thousand tracks":              boxOf("moov", bytes.Repeat(boxOf("trak"), 1000)),
		"a box of no length":             join([]byte{0, 0, 0, 4}, []byte("moov")),
		"a 64-bit length of 3":           join(largeBox("free", 3), movie(tkhd(0, 1, 1, 0))),
		"a track header cut short":       boxOf("moov", boxOf("trak", boxOf("tkhd", words(0, 0, 0)))),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := read(file); !errors.Is(err, ErrMalformed) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// counted is a file of zeros with a few parts in it, that counts reads.
type counted struct {
	size  int64
	parts map[int64][]byte
	reads int
	bytes int
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	c.reads++
	if c.bytes = max(c.bytes, len(p)); off >= c.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), c.size-off))
	clear(p[:n])
	for at, part := range c.parts {
		for i, b := range part {
			if k := at + int64(i) - off; k >= 0 && k < int64(n) {
				p[k] = b
			}
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestAHeaderBehindFourGigabytesTakesAFewSmallReads(t *testing.T) {
	const mdat = 5 << 30
	m := movie(tkhd(0, 1, 0, -1))
	c := &counted{size: 28 + mdat + int64(len(m)), parts: map[int64][]byte{
		0:         boxOf("ftyp", []byte("isom")),
		12:        largeBox("mdat", 16+mdat),
		28 + mdat: m,
	}}
	got, err := Read(c, c.size)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Rotation != 270 {
		t.Errorf("got %+v", got[0])
	}
	if c.reads > 2 || c.bytes > Window {
		t.Errorf("%d reads of up to %d bytes", c.reads, c.bytes)
	}
}

// A day of video has sample tables of many megabytes between its tracks.
func TestLargeSampleTablesAreSkippedNotRead(t *testing.T) {
	const table = 100 << 20
	first := boxOf("trak", tkhd(0, 1, 0, 1), boxOf("mdia", hdlr(Picture), boxOf("minf", boxOf("stbl",
		boxOf("stsd", words(0, 1), entry(640, 360))))))
	head := join(largeBox("moov", 1<<40), first, largeBox("free", 16+table))
	second := soundTrack(2)
	size := int64(len(head)) + table + int64(len(second))
	c := &counted{size: size, parts: map[int64][]byte{0: head, int64(len(head)) + table: second}}
	got, err := Read(c, size)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || c.reads > 3 || c.bytes > Window {
		t.Errorf("%d tracks in %d reads of up to %d bytes", len(got), c.reads, c.bytes)
	}
}

func TestAFailedReadIsReported(t *testing.T) {
	gone := errors.New("the connection is gone")
	good := join(largeBox("moov", 1<<40), movie(tkhd(0, 1, 0, 1))[8:], largeBox("free", 16+Window), make([]byte, Window))
	for _, fails := range []int64{0, Window - 100} { // at once, and in the middle of a good header
		_, err := Read(readerAt(func(p []byte, off int64) (int, error) {
			if off >= fails {
				return 0, gone
			}
			return bytes.NewReader(good).ReadAt(p, off)
		}), 3*Window)
		if !errors.Is(err, gone) || errors.Is(err, ErrMalformed) {
			t.Errorf("from %d: got %v", fails, err)
		}
	}
}

type readerAt func(p []byte, off int64) (int, error)

func (f readerAt) ReadAt(p []byte, off int64) (int, error) { return f(p, off) }

// Whatever the bytes, Read returns soon, reads little, and gives rotations
// that the rest of the program knows.
func FuzzRead(f *testing.F) {
	f.Add(movie(tkhd(0, 1, 0, 1)))
	f.Add(join(boxOf("ftyp", []byte("isom")), largeBox("mdat", 1<<63), movie(tkhd(1, 1, -1, 0))))
	f.Add(boxOf("moov", boxOf("trak", boxOf("mdia", hdlr(Picture), boxOf("minf", boxOf("stbl", boxOf("stsd", words(0, 1, 0, 0))))))))
	f.Fuzz(func(t *testing.T, p []byte) {
		c := &counted{size: int64(len(p)), parts: map[int64][]byte{0: p}}
		tracks, err := Read(c, c.size)
		if c.reads > maxReads || c.bytes > Window {
			t.Errorf("%d reads of up to %d bytes", c.reads, c.bytes)
		}
		for _, track := range tracks {
			if r := track.Rotation; r != 0 && r != 90 && r != 180 && r != 270 {
				t.Errorf("rotation %d", r)
			}
			if track.Width < 0 || track.Height < 0 || track.Samples < 0 {
				t.Errorf("%+v", track)
			}
		}
		if err != nil && (tracks != nil || !errors.Is(err, ErrMalformed)) {
			t.Errorf("%d tracks and %v", len(tracks), err)
		}
	})
}

package transcode

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Eyevinn/mp4ff/mp4"
)

// aacCodec is AAC-LC in the manner of RFC 6381.
const aacCodec = "mp4a.40.2"

// readMP4 parses a file's boxes without its media.
func readMP4(name string) (*mp4.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open output: %w", err)
	}
	defer f.Close()
	parsed, err := mp4.DecodeFile(f, mp4.WithDecodeMode(mp4.DecModeLazyMdat))
	if err != nil {
		return nil, fmt.Errorf("read output %s: %w", filepath.Base(name), err)
	}
	// Without its media the parser does not notice that some is missing.
	info, err := f.Stat()
	if err != nil || info.Size() != int64(parsed.Size()) {
		return nil, fail(CodeInternal, "The encoder wrote an incomplete file of %d instead of %d bytes.", info.Size(), parsed.Size())
	}
	return parsed, nil
}

// trackCodec is a track's codec in the manner of RFC 6381, and its sample
// rate when it is sound.
func trackCodec(trak *mp4.TrakBox) ([]string, int) {
	stsd := trak.Mdia.Minf.Stbl.Stsd
	switch {
	case stsd.AvcX != nil && stsd.AvcX.AvcC != nil:
		c := stsd.AvcX.AvcC
		return []string{avcCodec(c.AVCProfileIndication, c.ProfileCompatibility, c.AVCLevelIndication)}, 0
	case stsd.Mp4a != nil:
		return []string{aacCodec}, int(stsd.Mp4a.SampleRate)
	}
	return nil, 0
}

func avcCodec(profile, compatibility, level byte) string {
	return fmt.Sprintf("avc1.%02x%02x%02x", profile, compatibility, level)
}

// inspectMP4 reads the header of a file for download.
func inspectMP4(dir, name string) (*media, error) {
	f, err := readMP4(filepath.Join(dir, name))
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, e
	}
	if err != nil || f.Moov == nil {
		return nil, fail(CodeUnreadable, "Nothing of the input file could be decoded for the MP4 output.")
	}
	m := &media{files: []string{name}, size: int64(f.Size())}
	for _, trak := range f.Moov.Traks {
		codecs, rate := trackCodec(trak)
		m.codecs = append(m.codecs, codecs...)
		m.rate = max(m.rate, rate)
		if ts := trak.Mdia.Mdhd.Timescale; ts > 0 && trak.Mdia.Hdlr.HandlerType == "vide" {
			m.picture = float64(trak.Mdia.Mdhd.Duration) / float64(ts)
		}
	}
	if h := f.Moov.Mvhd; h != nil && h.Timescale > 0 {
		m.duration = float64(h.Duration) / float64(h.Timescale)
	}
	if m.duration == 0 {
		return nil, fail(CodeUnreadable, "Nothing of the input file could be decoded for the MP4 output.")
	}
	return m, nil
}

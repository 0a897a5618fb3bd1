package transcode

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/Eyevinn/hls-m3u8/m3u8"
	"github.com/Eyevinn/mp4ff/avc"
)

// tsTimescale is that of transport streams, hertz.
const tsTimescale = 90000

// readTransport takes the times from ffmpeg's own playlist: a transport
// stream does not tell how long its last frame lasts.
func (m *media) readTransport(dir string, o *output) error {
	f, err := os.Open(filepath.Join(dir, o.id+".m3u8"))
	if err != nil {
		return nil // nothing was decoded; the caller says so
	}
	defer f.Close()
	list, kind, err := m3u8.DecodeFrom(f, true)
	if err != nil || kind != m3u8.MEDIA {
		return fmt.Errorf("read playlist of %s: %w", o.stem, err)
	}
	at := uint64(0)
	for n, entry := range list.(*m3u8.MediaPlaylist).GetAllSegments() {
		name := segmentName(o.id, o.ext, n+1)
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("look at segment: %w", err)
		}
		d := uint64(entry.Duration*tsTimescale + 0.5)
		m.segments = append(m.segments, segment{file: name, size: info.Size(), start: at, duration: d})
		at += d
	}
	if o.video != nil && len(m.segments) > 0 {
		m.codecs = append(m.codecs, transportAVC(filepath.Join(dir, m.segments[0].file)))
	}
	if len(o.audio) > 0 {
		m.codecs = append(m.codecs, aacCodec)
	}
	return nil
}

// transportAVC finds the first parameter set of a transport stream, which
// x264 puts into the first packet.
func transportAVC(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return ""
	}
	start := []byte{0, 0, 1, 0x60 | byte(avc.NALU_SPS)}
	at := bytes.Index(head, start)
	if at < 0 || at+7 > len(head) {
		return ""
	}
	return avcCodec(head[at+4], head[at+5], head[at+6])
}

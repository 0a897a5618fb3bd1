package transcode

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Eyevinn/mp4ff/mp4"
)

// splitSegment cuts the one fragment that ffmpeg writes into a segment into
// fragments of the given length in seconds. next is the number of the first
// fragment; the number after the last one is returned. (ffmpeg's own option
// loses data: its segmenter does not see the fragments in between.)
func splitSegment(path string, init *mp4.InitSegment, seconds int, next uint32) (uint32, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("split segment: %w", err)
	}
	file, err := mp4.DecodeFile(bytes.NewReader(data))
	if err != nil || len(file.Segments) != 1 {
		return 0, fmt.Errorf("split segment %s: not one segment: %w", filepath.Base(path), err)
	}
	seg := file.Segments[0]
	timescale := init.Moov.Trak.Mdia.Mdhd.Timescale
	fragments, err := seg.Fragmentify(uint64(timescale), init.Moov.Mvex.Trex, timescale*uint32(seconds))
	if err != nil {
		return 0, fmt.Errorf("split segment %s: %w", filepath.Base(path), err)
	}
	for _, f := range fragments {
		f.Moof.Mfhd.SequenceNumber = next
		next++
	}
	// The index says that there is one fragment, so it goes.
	seg.Fragments, seg.Sidx, seg.Sidxs, seg.EncOptimize = fragments, nil, nil, mp4.OptimizeTrun
	var out bytes.Buffer
	if err := seg.Encode(&out); err != nil {
		return 0, fmt.Errorf("split segment %s: %w", filepath.Base(path), err)
	}
	return next, os.WriteFile(path, out.Bytes(), 0o644)
}

package transcode

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/vodstack/vodstack/internal/trackheader"
)

// demuxers are the file formats that may be read. Formats that make ffmpeg
// open other files or addresses (playlists, concat lists, SDP) and those of
// single pictures, text and captions are left out on purpose: sources come
// from strangers. Of these, mov alone can open other files, which it does only
// when its option enable_drefs asks for it.
const demuxers = "gif,mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,mxf,gxf,dv,ivf," +
	"wav,w64,aiff,mp3,aac,ac3,eac3,flac,ogg,amr"

// maxPixels bounds a frame's memory; it is the service's largest picture,
// 8192×8192.
const maxPixels = 8192 * 8192

// probeTimeout bounds the work on a file that was made to take long.
const probeTimeout = 2 * time.Minute

// maxProbeOutput bounds ffprobe's answer, in bytes.
const maxProbeOutput = 16 << 20

// inputArgs make ffmpeg and ffprobe read one local file and nothing else.
func inputArgs(path string) []string {
	return []string{
		"-protocol_whitelist", "file", "-format_whitelist", demuxers,
		"-probesize", "20M", "-analyzeduration", "20M", "-max_pixels", strconv.Itoa(maxPixels),
		"-i", "file:" + path,
	}
}

// ffFile is ffprobe's answer, as far as it is read.
type ffFile struct {
	Streams []ffStream `json:"streams"`
	Format  struct {
		Name     string            `json:"format_name"`
		Duration string            `json:"duration"`
		BitRate  string            `json:"bit_rate"`
		Tags     map[string]string `json:"tags"`
	} `json:"format"`
}

// ffStream is one stream in ffprobe's answer.
type ffStream struct {
	Index          int               `json:"index"`
	CodecName      string            `json:"codec_name"`
	CodecType      string            `json:"codec_type"`
	Profile        string            `json:"profile"`
	Level          int               `json:"level"`
	Width          int               `json:"width"`
	Height         int               `json:"height"`
	SampleAspect   string            `json:"sample_aspect_ratio"`
	PixelFormat    string            `json:"pix_fmt"`
	ColorRange     string            `json:"color_range"`
	ColorSpace     string            `json:"color_space"`
	ColorTransfer  string            `json:"color_transfer"`
	ColorPrimaries string            `json:"color_primaries"`
	FieldOrder     string            `json:"field_order"`
	RealRate       string            `json:"r_frame_rate"`
	AverageRate    string            `json:"avg_frame_rate"`
	StartTime      string            `json:"start_time"`
	Duration       string            `json:"duration"`
	BitRate        string            `json:"bit_rate"`
	BitsPerRaw     string            `json:"bits_per_raw_sample"`
	BitsPerSample  int               `json:"bits_per_sample"`
	SampleRate     string            `json:"sample_rate"`
	Channels       int               `json:"channels"`
	ChannelLayout  string            `json:"channel_layout"`
	Disposition    map[string]int    `json:"disposition"`
	Tags           map[string]string `json:"tags"`
	SideData       []struct {
		Type     string  `json:"side_data_type"`
		Rotation float64 `json:"rotation"` // degrees, counter-clockwise
	} `json:"side_data_list"`
}

func (t *Transcoder) ffprobe(ctx context.Context, path string) (*ffFile, error) {
	if err := readable(path); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	args := append([]string{"-v", "error", "-of", "json", "-show_format", "-show_streams"}, inputArgs(path)...)
	cmd := exec.CommandContext(ctx, orDefault(t.FFprobe, "ffprobe"), args...)
	out, stderr := &tail{max: maxProbeOutput}, &tail{max: 4 << 10}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, stderr, 5*time.Second
	if err := cmd.Run(); err != nil {
		return nil, probeError(ctx, err, stderr.String())
	}
	file := &ffFile{}
	if err := json.Unmarshal(out.Bytes(), file); err != nil {
		return nil, fail(CodeUnreadable, "The input file cannot be described: %v", err)
	}
	return file, nil
}

func readable(path string) error {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fail(CodeInputMissing, "The input file does not exist.")
	case err != nil:
		return fail(CodeInternal, "The input file cannot be opened: %v", err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return fail(CodeInternal, "The input file cannot be opened: %v", err)
	case !info.Mode().IsRegular():
		return fail(CodeUnreadable, "The input is not a file.")
	case info.Size() == 0:
		return fail(CodeUnreadable, "The input file is empty.")
	}
	return ownVideo(f, info.Size())
}

// ownVideo refuses playlists, and movies whose media lie in other files, before
// ffmpeg sees them. What else is wrong with a file is ffmpeg's to say.
func ownVideo(f io.ReaderAt, size int64) error {
	_, err := trackheader.Read(f, size)
	if reference, found := errors.AsType[*trackheader.Reference](err); found {
		return fail(CodeUnreadable, "The input cannot be used: %v.", reference)
	}
	return nil
}

func probeError(ctx context.Context, err error, stderr string) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fail(CodeUnreadable, "The input file takes too long to read.")
	case ctx.Err() != nil:
		return fmt.Errorf("probe: %w", ctx.Err())
	case errors.Is(err, exec.ErrNotFound):
		return fail(CodeInternal, "ffprobe is not installed.")
	case strings.Contains(stderr, "moov atom not found"):
		return fail(CodeUnreadable, "The input file is incomplete or not a media file: it has no moov box.")
	}
	return fail(CodeUnreadable, "The input file is not a media file that can be read here.")
}

// isWebM looks for the EBML DocType, which ffprobe does not tell.
func isWebM(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, _ := f.Read(head)
	return bytes.Contains(head[:n], []byte("\x42\x82\x84webm"))
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// tail keeps the last max bytes written to it.
type tail struct {
	max int
	buf []byte
}

// Write keeps the end of what was written.
func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.max; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string { return string(t.buf) }

// Bytes is what was kept.
func (t *tail) Bytes() []byte { return t.buf }

// Package clips makes the test sources: shapes of video that phones, cameras
// and editors produce, and files that are no video at all, all from the real
// clips in media/ with ffmpeg.
package clips

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/vodstack/vodstack/test/rig"
)

// A Clip is one source and what is true of it.
type Clip struct {
	// File is its name, as it is uploaded.
	File string
	// Width and Height are displayed pixels, 0 when there is no picture.
	Width, Height int
	// Rungs are the sizes of its renditions, tallest first, as the ladder's
	// rule says: 2160, 1080, 720, 540, 360, 270, none larger than the
	// source, the source's own size on top unless a rung is within a tenth.
	Rungs []string
	// Seconds is its length.
	Seconds float64
	// FrameRate is in frames per second, 0 when it varies.
	FrameRate float64
	// Dark says that no frame of it shows anything.
	Dark bool
	// Sounds are the languages of its sound tracks, und where not told.
	Sounds []string
	// Channels of each sound track.
	Channels int

	// encode are ffmpeg's arguments between -y and the output's name; for
	// a second pass, {in} is the first pass's output.
	encode []string
	remux  []string
	// spoil changes the finished file, or makes it without ffmpeg.
	spoil func(path string) error
}

// A Maker makes clips in its folder, each once however often it is asked.
type Maker struct {
	Dir string

	mutex sync.Mutex
	made  map[string]error
}

// Make returns the path of the clip's file.
func (m *Maker) Make(clip Clip) (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	path := filepath.Join(m.Dir, clip.File)
	err, done := m.made[clip.File]
	if !done {
		err = clip.write(path)
		if m.made == nil {
			m.made = map[string]error{}
		}
		m.made[clip.File] = err
	}
	return path, err
}

func (c Clip) write(path string) error {
	if c.encode != nil {
		if err := c.encodeTo(path); err != nil {
			return fmt.Errorf("make %s: %w", c.File, err)
		}
	}
	if c.spoil != nil {
		if err := c.spoil(path); err != nil {
			return fmt.Errorf("spoil %s: %w", c.File, err)
		}
	}
	return nil
}

func (c Clip) encodeTo(path string) error {
	if c.remux == nil {
		return ffmpeg(append(c.encode, path)...)
	}
	first := filepath.Join(filepath.Dir(path), "first-pass-"+c.File)
	defer os.Remove(first)
	if err := ffmpeg(append(c.encode, first)...); err != nil {
		return err
	}
	return ffmpeg(append(append([]string{"-i", first}, c.remux...), path)...)
}

// ffmpeg runs in media/, so that recipes name the clips without a path.
func ffmpeg(args ...string) error {
	root, err := rig.Root()
	if err != nil {
		return err
	}
	cmd := exec.Command("ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...)
	cmd.Dir = filepath.Join(root, "media")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg: %w: %s", err, out)
	}
	return nil
}

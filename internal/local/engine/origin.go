package engine

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"github.com/vodstack/vodstack/internal/local/controlplane"
	"github.com/vodstack/vodstack/internal/local/delivery"
)

// origins are the buckets of what is deployed.
func (e *Engine) origins() []delivery.Origin {
	var origins []delivery.Origin
	for _, s := range e.stacks() {
		origins = append(origins, s.Origin)
	}
	return origins
}

// FindTools looks for what the engine runs, and says what is missing and
// what to do.
func FindTools(python string) (ffmpeg, ffprobe string, err error) {
	if err := controlplane.CheckInstalled(python); err != nil {
		return "", "", err
	}
	if ffmpeg, err = exec.LookPath("ffmpeg"); err != nil {
		return "", "", errors.New("ffmpeg is missing: type \"make setup\", or install it with your system's package manager")
	}
	if ffprobe, err = exec.LookPath("ffprobe"); err != nil {
		return "", "", errors.New("ffprobe is missing, which comes with ffmpeg: type \"make setup\", or install ffmpeg with your system's package manager")
	}
	return ffmpeg, ffprobe, nil
}

// explain says what to do about errors of the machine.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk is full: make room, then try again (%w)", err)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the engine's folder cannot be written: %w", err)
	default:
		return err
	}
}

package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vodstack/vodstack/internal/local/controlplane"
)

// answersFile is in the home while every part answers. It goes before the first
// part does, also where the disk takes no other note.
const answersFile = "engine.answers"

func (e *Engine) startAnswering() error {
	return os.WriteFile(filepath.Join(e.Home, answersFile), nil, 0o644)
}

// stopAnswering takes only its own sign away: an engine that was refused has
// never had the home's lock.
func (e *Engine) stopAnswering() {
	if e.lock == nil {
		return
	}
	if err := os.Remove(filepath.Join(e.Home, answersFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.Log.Error("that the engine stops cannot be noted", "error", err)
	}
}

// Answers tells an engine that runs from one that still starts or already
// stops. One of another build may know nothing of the sign.
func (c Control) Answers(home string) bool {
	if program, err := ProgramHash(); err != nil || program != c.Program {
		return true
	}
	_, err := os.Stat(filepath.Join(home, answersFile))
	return err == nil
}

// controlPlaneDir is in the home.
const controlPlaneDir = "control-plane"

// ControlPlaneRuns tells whether a control plane runs in a home: it may outlive
// an engine that was killed, to save its state.
func ControlPlaneRuns(home string) bool {
	return controlplane.Running(filepath.Join(home, controlPlaneDir))
}

// Unsaved is an error that says what is lost where the last engine of a home
// could not save everything when it stopped.
func Unsaved(home string) error {
	return controlplane.Unsaved(filepath.Join(home, controlPlaneDir))
}

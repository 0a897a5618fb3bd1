package controlplane

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// launch runs ministack with its state kept on disk while it runs; its own
// text says how.
//
//go:embed launch.py
var launch []byte

// unsavedMark is in Dir while the process runs, and afterwards until it has
// saved its state at a stop. It is made at the start, since a full disk takes
// no file at the stop.
const unsavedMark = "unsaved"

func (s *Server) launcher() string    { return filepath.Join(s.Dir, "launch.py") }
func (s *Server) snapshotDir() string { return filepath.Join(s.Dir, "snapshot") }

func (s *Server) prepareState() error {
	if err := os.WriteFile(s.launcher(), launch, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Dir, unsavedMark), nil, 0o600)
}

// noteSaved takes the mark away after a stop that saved the state: the
// process says by its exit code that it could not.
func (s *Server) noteSaved() {
	if s.err != nil || !s.cmd.ProcessState.Success() {
		s.Log.Warn("the control plane could not save its state; its last snapshot stays")
		return
	}
	if err := os.Remove(filepath.Join(s.Dir, unsavedMark)); err != nil {
		s.Log.Error("that the state is saved cannot be noted", "error", err)
	}
}

// Resume lets executions go on that ran when the last process ended. They call
// functions, and those call what else is on this machine: it has to answer by
// now.
func (s *Server) Resume() error {
	if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return fmt.Errorf("resume executions: %w", err)
	}
	return nil
}

// SavedUntil is when the last snapshot began: it has everything that the
// control plane had confirmed by then. It is zero before the first.
func (s *Server) SavedUntil() time.Time { return savedUntil(s.snapshotDir()) }

func savedUntil(snapshots string) time.Time {
	var manifest struct {
		Begun int64 `json:"begun"` // Unix time, nanoseconds
	}
	data, err := os.ReadFile(filepath.Join(snapshots, "manifest.json"))
	if err != nil || json.Unmarshal(data, &manifest) != nil || manifest.Begun == 0 {
		return time.Time{}
	}
	return time.Unix(0, manifest.Begun)
}

// Unsaved is an error that says what is lost when the control plane that ran
// in dir last could not save its state at its stop.
func Unsaved(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, unsavedMark)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	saved := "nothing of it was saved before"
	if until := savedUntil(filepath.Join(dir, "snapshot")); !until.IsZero() {
		saved = "it goes back to " + until.Local().Format("2006-01-02 15:04:05")
	}
	return fmt.Errorf("the control plane could not save its tables and queues: %s", saved)
}

// Running tells whether a control plane still runs in dir, if only to save its
// state at its end.
func Running(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, "snapshot", "lock"), os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

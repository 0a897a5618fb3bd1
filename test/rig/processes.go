package rig

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Process is a running program that belongs to an engine.
type Process struct {
	ID      int
	Command string
	Dir     string // where it works
}

// Is tells whether it runs this program.
func (p Process) Is(program string) bool {
	name, _, _ := strings.Cut(p.Command, " ")
	return filepath.Base(name) == program
}

// String is the process as `ps` would show it.
func (p Process) String() string { return fmt.Sprintf("%d %s", p.ID, p.Command) }

// Processes are those that were started for this engine: its folder is in
// their environment, their command line or is where they work.
func (e *Engine) Processes() ([]Process, error) {
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var found []Process
	for _, entry := range entries {
		id, _ := strconv.Atoi(filepath.Base(entry))
		command, running := commandLine(entry)
		if id == os.Getpid() || !running || !e.owns(entry, command) {
			continue
		}
		cwd, _ := os.Readlink(filepath.Join(entry, "cwd"))
		found = append(found, Process{ID: id, Command: command, Dir: cwd})
	}
	return found, nil
}

func (e *Engine) owns(entry, command string) bool {
	if strings.Contains(command, e.Home) {
		return true
	}
	if environ, err := os.ReadFile(filepath.Join(entry, "environ")); err == nil && bytes.Contains(environ, []byte(e.Home)) {
		return true
	}
	cwd, err := os.Readlink(filepath.Join(entry, "cwd"))
	return err == nil && strings.HasPrefix(cwd, e.Home)
}

// commandLine is empty, and running false, for a process that has ended and
// waits for its parent.
func commandLine(entry string) (command string, running bool) {
	line, err := os.ReadFile(filepath.Join(entry, "cmdline"))
	if err != nil || len(line) == 0 {
		return "", false
	}
	return strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " ")), true
}

// NothingLeft is an error that lists the engine's processes that still run. On
// a busy machine it takes a while for a process that was ended to be gone.
func (e *Engine) NothingLeft() error {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		left, err := e.Processes()
		if err != nil || len(left) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("vod down left %d processes running: %v", len(left), left)
		}
	}
}

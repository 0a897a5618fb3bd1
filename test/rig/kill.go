package rig

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// PID is the engine's own process, as its note in the home says; an error
// where none runs.
func (e *Engine) PID() (int, error) {
	text, err := os.ReadFile(filepath.Join(e.Home, "engine.json"))
	if err != nil {
		return 0, fmt.Errorf("read the engine's note: %w", err)
	}
	var note struct{ PID int }
	if err := json.Unmarshal(text, &note); err != nil {
		return 0, fmt.Errorf("read the engine's note: %w", err)
	}
	if _, running := commandLine(filepath.Join("/proc", strconv.Itoa(note.PID))); !running {
		return 0, fmt.Errorf("the engine's process %d has ended", note.PID)
	}
	return note.PID, nil
}

// ControlPlane is the process of the control plane.
func (e *Engine) ControlPlane() (Process, error) {
	engine, err := e.PID()
	if err != nil {
		return Process{}, err
	}
	processes, err := e.Processes()
	if err != nil {
		return Process{}, err
	}
	for _, p := range processes {
		if p.parent() == engine && strings.Contains(filepath.Base(p.program()), "python") {
			return p, nil
		}
	}
	return Process{}, fmt.Errorf("no control plane among %d processes of the engine", len(processes))
}

// FunctionProcesses are the processes that run a function, busy or idle.
func (e *Engine) FunctionProcesses(function string) ([]Process, error) {
	processes, err := e.Processes()
	if err != nil {
		return nil, err
	}
	var found []Process
	for _, p := range processes {
		if p.Is("bootstrap") && p.variable("AWS_LAMBDA_FUNCTION_NAME") == function {
			found = append(found, p)
		}
	}
	return found, nil
}

// Kill ends the process at once. One that has ended already is no error.
func (p Process) Kill() error {
	if err := syscall.Kill(p.ID, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
		return fmt.Errorf("kill %v: %w", p, err)
	}
	return nil
}

// Memory is what the process has in memory, in bytes.
func (p Process) Memory() (int64, error) {
	text, err := os.ReadFile(p.file("statm"))
	if err != nil {
		return 0, fmt.Errorf("read the memory of %v: %w", p, err)
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, fmt.Errorf("read the memory of %v: %q", p, text)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}

func (p Process) file(name string) string {
	return filepath.Join("/proc", strconv.Itoa(p.ID), name)
}

func (p Process) program() string {
	name, _, _ := strings.Cut(p.Command, " ")
	return name
}

// parent is 0 for a process that has ended.
func (p Process) parent() int {
	text, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return 0
	}
	// The name is in brackets and may have anything in it; the state and the
	// parent come after it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 {
		return 0
	}
	id, _ := strconv.Atoi(fields[1])
	return id
}

// variable is one of the process's environment, as it was started.
func (p Process) variable(name string) string {
	text, err := os.ReadFile(p.file("environ"))
	if err != nil {
		return ""
	}
	for entry := range strings.SplitSeq(string(text), "\x00") {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// Encoder is the ffmpeg of a job, if it runs: the job's folder is in its
// command line or is where it works.
func (e *Engine) Encoder(job string) (p Process, runs bool, err error) {
	processes, err := e.Processes()
	if err != nil {
		return Process{}, false, err
	}
	for _, p := range processes {
		if p.Is("ffmpeg") && strings.Contains(p.Command+p.Dir, job) {
			return p, true, nil
		}
	}
	return Process{}, false, nil
}

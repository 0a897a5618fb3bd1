package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vodstack/vodstack/internal/local/engine"
)

// ensureEngine starts the engine unless it runs. It tells whether it had to.
func (s *session) ensureEngine() error {
	control, running, err := engine.ReadControl(s.place.home)
	if err != nil {
		return err
	}
	if !running {
		return s.startEngine()
	}
	control, running, err = s.settled(control)
	if err != nil {
		return err
	}
	if !running {
		return s.startEngine()
	}
	program, err := engine.ProgramHash()
	if err != nil {
		return err
	}
	switch {
	case !control.Ports.Serves(s.place.ports):
		return fmt.Errorf("the local engine already runs on other ports (the control plane on %d): type \"make down\" first, or leave VOD_PORT as it was", control.Ports.ControlPlane)
	case control.Program != program:
		s.say("the engine is from another build: starting it again")
		if err := s.stopEngine(control); err != nil {
			return err
		}
		return s.startEngine()
	}
	return nil
}

// settled waits until the engine answers or has gone: one that starts or stops
// holds its folder, too.
func (s *session) settled(control engine.Control) (engine.Control, bool, error) {
	for deadline := time.Now().Add(stopPatience); ; time.Sleep(stopPoll) {
		control, running, err := engine.ReadControl(s.place.home)
		if err != nil || !running || control.Answers(s.place.home) {
			return control, running, err
		}
		switch {
		case s.ctx.Err() != nil:
			return control, running, errors.New("interrupted")
		case time.Now().After(deadline):
			return control, running, fmt.Errorf("the engine (process %d) has been starting or stopping for %s: try again, or end it with \"kill -9 %d\"",
				control.PID, stopPatience, control.PID)
		}
	}
}

// waitForOld waits for a control plane that outlives its engine, since it saves
// its state at its end.
func (s *session) waitForOld() error {
	for deadline := time.Now().Add(stopPatience); engine.ControlPlaneRuns(s.place.home); time.Sleep(stopPoll) {
		switch {
		case s.ctx.Err() != nil:
			return errors.New("interrupted")
		case time.Now().After(deadline):
			return fmt.Errorf("the control plane of an engine that was killed still runs after %s: end its process, which has %s in its command line",
				stopPatience, s.place.home)
		}
	}
	return nil
}

// startEngine runs the engine in the background and returns when every part
// answers.
func (s *session) startEngine() error {
	if _, _, err := engine.FindTools(s.place.python()); err != nil {
		return err
	}
	if err := s.waitForOld(); err != nil {
		return err
	}
	if err := s.place.ports.CheckFree(); err != nil {
		return err
	}
	s.say("starting the local engine")
	report, cmd, err := s.spawn()
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	// Whoever gives up while it starts leaves nothing behind.
	stop := context.AfterFunc(s.ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	said, err := bufio.NewReader(report).ReadString('\n')
	report.Close()
	text := strings.TrimSpace(said)
	if err == nil && text == ready {
		return cmd.Process.Release()
	}
	_ = cmd.Wait() // what it reported says more
	if s.ctx.Err() != nil {
		return errors.New("interrupted; the engine has stopped")
	}
	if text == "" {
		text = "it ended before it said why"
	}
	return fmt.Errorf("the engine does not start: %s (its log: %s)", text, s.place.log("engine"))
}

// spawn starts the engine as a process of its own session, which outlives
// this one and the terminal.
func (s *session) spawn() (*os.File, *exec.Cmd, error) {
	err := errors.Join(engine.MakePrivate(s.place.home), os.MkdirAll(filepath.Dir(s.place.log("engine")), 0o700))
	if err != nil {
		return nil, nil, err
	}
	log, err := os.OpenFile(s.place.log("engine"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer writer.Close()
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(program, "engine", "--report")
	cmd.Dir = s.place.root
	// Named in every process of the engine, so that it can be told whose
	// they are.
	cmd.Env = append(os.Environ(), "VOD_HOME="+s.place.home)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{writer}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		reader.Close()
		return nil, nil, err
	}
	return reader, cmd, nil
}

const (
	// stopPatience covers the control plane's own limit for saving its
	// state, and the deliveries in flight.
	stopPatience = 45 * time.Second
	stopPoll     = 50 * time.Millisecond
)

// stopEngine asks the engine to stop and waits until it has.
func (s *session) stopEngine(control engine.Control) error {
	if err := syscall.Kill(control.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the engine (process %d): %w", control.PID, err)
	}
	for deadline := time.Now().Add(stopPatience); time.Now().Before(deadline); time.Sleep(stopPoll) {
		if _, running, err := engine.ReadControl(s.place.home); err != nil || !running {
			return err
		}
	}
	s.say("the engine does not stop when asked: ending it")
	if err := syscall.Kill(control.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end the engine (process %d): %w", control.PID, err)
	}
	return nil
}

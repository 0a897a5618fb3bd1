package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/vodstack/vodstack/internal/local/engine"
	"github.com/vodstack/vodstack/internal/local/guard"
)

// engineCommand is the background process.
type engineCommand struct {
	Report bool `help:"Say ready, or why not, on file descriptor 3."`
}

const reportFile = 3

// ready is what the engine reports when every part answers.
const ready = "ready"

// Run keeps the engine until it is told to stop or a part dies.
func (c *engineCommand) Run(s *session) error {
	if c.Report {
		// Else the control plane inherits it, and the reader waits on.
		syscall.CloseOnExec(reportFile)
	}
	log := slog.New(slog.NewTextHandler(s.stderr, nil))
	ffmpeg, ffprobe, err := engine.FindTools(s.place.python())
	if err != nil {
		return c.report(err)
	}
	e := &engine.Engine{
		Root: s.place.root, Home: s.place.home, Ports: s.place.ports,
		Python: s.place.python(), FFmpeg: ffmpeg, Probe: ffprobe,
		Hosts: guard.ParseHosts(os.Getenv(guard.HostsVariable)), Log: log,
	}
	if err := e.Initialize(); err != nil {
		return c.report(err)
	}
	log.Info("the engine answers", "home", s.place.home, "ports", fmt.Sprint(s.place.ports))
	if err := c.report(nil); err != nil {
		e.Close()
		return err
	}
	var cause error
	select {
	case <-s.ctx.Done():
		log.Info("the engine was told to stop")
	case cause = <-e.Died():
		log.Error("the engine stops, since a part has ended", "error", cause)
		e.Fail(cause)
	}
	e.Close()
	return cause
}

// report tells the process that started this one how the start went.
func (c *engineCommand) report(failure error) error {
	if !c.Report {
		return failure
	}
	pipe := os.NewFile(reportFile, "report")
	defer pipe.Close()
	text := ready
	if failure != nil {
		text = strings.ReplaceAll(failure.Error(), "\n", " ")
	}
	if _, err := fmt.Fprintln(pipe, text); err != nil {
		return err
	}
	return failure
}

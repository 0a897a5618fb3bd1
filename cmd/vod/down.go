package main

import (
	"fmt"

	"github.com/vodstack/vodstack/internal/local/engine"
)

// downCommand stops the engine.
type downCommand struct{}

// Run returns when nothing of the engine is left.
func (downCommand) Run(s *session) error {
	control, running, err := engine.ReadControl(s.place.home)
	if err != nil {
		return err
	}
	if !running {
		s.say("the local engine is not running")
		return nil
	}
	if err := s.stopEngine(control); err != nil {
		return err
	}
	if err := engine.Unsaved(s.place.home); err != nil {
		return fmt.Errorf("the local engine has stopped, but %w; make room where %s is, then type \"make up\": uploads that were confirmed since are taken in again", err, s.place.home)
	}
	s.say("the local engine has stopped; its videos, tables and URLs come back with \"make up\"")
	return nil
}

package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// fill takes all room on the home's small disk, and returns what gives it
// back.
func (tr *trial) fill() (room func() error, err error) {
	if tr.house.noDisk != nil {
		return nil, fmt.Errorf("%w: %w", errNotRun, tr.house.noDisk)
	}
	ballast := filepath.Join(filepath.Dir(tr.house.engine.Home), "ballast")
	file, err := os.Create(ballast)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	block := make([]byte, 1<<20)
	for size := len(block); size > 0; {
		_, err := file.Write(block[:size])
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 2 // until not a byte fits
		case err != nil:
			return nil, err
		}
	}
	return func() error { return os.Remove(ballast) }, nil
}

// diskFullWhileEncoding fills the disk when jobs run, and makes room ten
// seconds later.
func diskFullWhileEncoding(tr *trial) error {
	if tr.house.noDisk != nil {
		return fmt.Errorf("%w: %w", errNotRun, tr.house.noDisk)
	}
	const videos = 3
	for range videos {
		if _, err := tr.send(clips.Car); err != nil {
			return err
		}
	}
	if _, err := tr.encoding(tr.videos[0]); err != nil {
		return err
	}
	room, err := tr.fill()
	if err != nil {
		return err
	}
	tr.pause(10 * time.Second)
	tr.healed = time.Now()
	tr.note("%d videos, no room for 10 s", videos)
	return room()
}

// secondsThatMayBeLost are the last ones before a stop that could not save.
const secondsThatMayBeLost = 5 * time.Second

// downOnAFullDisk stops an engine that cannot save, and starts it again with
// room. What it says meanwhile is its own affair; nothing may be lost.
func downOnAFullDisk(tr *trial) error {
	if tr.house.noDisk != nil {
		return fmt.Errorf("%w: %w", errNotRun, tr.house.noDisk)
	}
	const before, since = 6, 4
	if err := tr.sendMany(clips.Second, before, atOnce).wait(); err != nil {
		return err
	}
	// What is seconds old may be lost, since down says so; what has ended
	// before may not.
	if found := tr.patiently(settlePatience, func() []string { return tr.unsettled(map[string]bool{}) }); len(found) > 0 {
		return fmt.Errorf("before the harm: %s", found[0])
	}
	tr.pause(secondsThatMayBeLost)
	room, err := tr.fill()
	if err != nil {
		return err
	}
	said, downErr := tr.house.engine.Down(tr.ctx)
	err = room()
	if downErr == nil {
		tr.note("down said nothing against it")
	} else {
		tr.note("down said so")
	}
	if err != nil {
		return err
	}
	if err := tr.house.up(tr.ctx); err != nil {
		return fmt.Errorf("up after down had said %q (%w): %w", said, downErr, err)
	}
	tr.healed = time.Now()
	if err := tr.sendMany(clips.Second, since, atOnce).wait(); err != nil {
		return err
	}
	tr.note("%d uploads before, %d after", before, since)
	return nil
}

// ffmpegKilled kills the encoders of some jobs at random moments.
func ffmpegKilled(tr *trial) error {
	const videos = 4
	for range videos {
		v, err := tr.send(clips.Car)
		if err != nil {
			return err
		}
		r, err := tr.encoding(v)
		if err != nil {
			return err
		}
		var p rig.Process
		err = tr.until("its ffmpeg", time.Minute, func() (done bool, err error) {
			p, done, err = tr.house.engine.Encoder(r.EncodeJobID)
			return done, err
		})
		if err != nil {
			return err
		}
		tr.pause(tr.moment(500 * time.Millisecond))
		if err := p.Kill(); err != nil {
			return err
		}
	}
	tr.healed = time.Now()
	tr.note("%d killed", videos)
	return nil
}

package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// stateVersion goes up when an older program could not read the state any
// more.
const stateVersion = 1

// Control is the engine's note about itself, in its home.
type Control struct {
	Version int    `json:"version"`
	PID     int    `json:"pid"`
	Root    string `json:"root"` // the repository it belongs to
	Ports   Ports  `json:"ports"`
	Region  string `json:"region"`
	// Program is a hash of the program that runs, so that a newer build
	// is noticed.
	Program string `json:"program"`
	// Failure is why it ended by itself, in a sentence.
	Failure string `json:"failure,omitempty"`
}

const (
	controlFile = "engine.json"
	lockFile    = "engine.lock"
)

// ErrNotRunning means that there is no engine in this home.
var ErrNotRunning = errors.New("the local engine is not running: type \"make up\"")

// ReadControl returns the note in home, and whether its engine runs.
func ReadControl(home string) (Control, bool, error) {
	var c Control
	data, err := os.ReadFile(filepath.Join(home, controlFile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("the engine's note: %w", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, false, fmt.Errorf("%s is damaged (%w): remove it, then type \"make up\"", filepath.Join(home, controlFile), err)
	}
	if c.Version > stateVersion {
		return c, false, fmt.Errorf("%s was made by a newer vodstack: update this clone, or remove the folder to start anew", home)
	}
	return c, locked(home), nil
}

// Running returns the note of an engine that runs, or says why there is
// none.
func Running(home string) (Control, error) {
	c, running, err := ReadControl(home)
	if err != nil {
		return c, err
	}
	if running {
		return c, nil
	}
	if c.Failure != "" {
		return c, fmt.Errorf("the local engine has stopped by itself: %s; type \"make up\" to start it again", c.Failure)
	}
	return c, ErrNotRunning
}

// ProgramHash identifies the program that calls it.
func ProgramHash() (string, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", fmt.Errorf("this program: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", fmt.Errorf("this program: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (c Control) write(home string) error {
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(home, controlFile), append(data, '\n'))
}

// lock takes the home for this process. The system lets go of it however
// the process ends, so a note that was left behind fools nobody.
func lock(home string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(home, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another engine runs in %s", home)
	}
	return f, nil
}

func locked(home string) bool {
	f, err := os.OpenFile(filepath.Join(home, lockFile), os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil
}

// identityPath answers on the ports of delivery, API and page with the
// engine's root, so that a second clone can tell whose port it is.
const identityPath = "/.well-known/vodstack"

// ownerOf returns the repository whose engine listens on a port, or empty.
// Any of an engine's ports may be the one that is asked for, so the
// delivery port is looked for next to it.
func ownerOf(port int) string {
	client := &http.Client{Timeout: time.Second}
	for candidate := port; candidate <= port+3; candidate++ {
		if owner := identity(client, candidate); owner != "" {
			return owner
		}
	}
	return ""
}

func identity(client *http.Client, port int) string {
	resp, err := client.Get("http://" + address(port) + identityPath)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var c Control
	if resp.StatusCode != http.StatusOK || json.NewDecoder(resp.Body).Decode(&c) != nil {
		return ""
	}
	return c.Root
}

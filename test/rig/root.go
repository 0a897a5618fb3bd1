// Package rig is what the end-to-end tests and the benchmarks stand on: an
// engine of their own, and the clients and questions that they ask it.
package rig

import (
	"errors"
	"os"
	"path/filepath"
)

// Root is the repository's folder: the nearest one above the working folder
// with a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("not inside the repository: no go.mod above the working folder")
		}
		dir = parent
	}
}

package engine

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	// secretKeyFile holds the home's secret key, in text.
	secretKeyFile  = "secret-key"
	secretKeyBytes = 30 // 40 letters, as many as a key of AWS has
	// others are the permissions of everybody but the owner.
	others = 0o077
)

// MakePrivate makes the home if it is missing, and readable by its owner
// only. Whatever this process and its children write from now on is private,
// too: one process has one engine.
func MakePrivate(home string) error {
	syscall.Umask(others)
	info, err := os.Stat(home)
	if errors.Is(err, fs.ErrNotExist) {
		return os.MkdirAll(home, 0o700)
	}
	if err != nil {
		return err
	}
	if info.Mode().Perm()&others == 0 {
		return nil
	}
	// A home of an older build, or one that the caller made. The folder
	// itself comes first, so that nobody enters meanwhile.
	if err := os.Chmod(home, info.Mode().Perm()&^others); err != nil {
		return err
	}
	return filepath.WalkDir(home, closeToOthers)
}

// closeToOthers takes the permissions of everybody but the owner away.
func closeToOthers(path string, entry fs.DirEntry, err error) error {
	if err != nil || entry.Type()&fs.ModeSymlink != 0 {
		return err
	}
	info, err := entry.Info()
	if err != nil || info.Mode().Perm()&others == 0 {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()&^others)
}

// SecretKey returns the secret key of a home that an engine has run in.
func SecretKey(home string) (string, error) {
	path := filepath.Join(home, secretKeyFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no secret key in %s yet: type \"make up\"", home)
	}
	if err != nil {
		return "", fmt.Errorf("the secret key: %w", err)
	}
	key := strings.TrimSpace(string(data))
	// Nobody may sign with the half of a key.
	if len(key) < base64.RawURLEncoding.EncodedLen(secretKeyBytes) {
		return "", fmt.Errorf("%s is damaged: remove it, then type \"make down\" and \"make up\"", path)
	}
	return key, nil
}

// ensureSecretKey makes the home's secret key at the first start, and returns
// it.
func ensureSecretKey(home string) (string, error) {
	path := filepath.Join(home, secretKeyFile)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return SecretKey(home)
	}
	random := make([]byte, secretKeyBytes)
	_, _ = rand.Read(random) // never fails
	if err := writeWhole(path, []byte(base64.RawURLEncoding.EncodeToString(random)+"\n")); err != nil {
		return "", fmt.Errorf("the secret key: %w", err)
	}
	return SecretKey(home)
}

// writeWhole writes a file for its owner only, which is there whole or not at
// all.
func writeWhole(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // nothing is there any more when all went well
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

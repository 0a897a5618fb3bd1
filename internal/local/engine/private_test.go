package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAHomeHasASecretKeyOfItsOwn(t *testing.T) {
	home, other := t.TempDir(), t.TempDir()
	if _, err := SecretKey(home); err == nil || !strings.Contains(err.Error(), "make up") {
		t.Errorf("before the first start: %v", err)
	}
	key, err := ensureSecretKey(home)
	if err != nil || len(key) != 40 {
		t.Fatalf("the key is %q %v", key, err)
	}
	if again, err := ensureSecretKey(home); err != nil || again != key {
		t.Errorf("the next start has another key: %q %v", again, err)
	}
	if read, err := SecretKey(home); err != nil || read != key {
		t.Errorf("others read %q %v", read, err)
	}
	if key2, err := ensureSecretKey(other); err != nil || key2 == key {
		t.Errorf("another home has %q %v", key2, err)
	}
	info, err := os.Stat(filepath.Join(home, "secret-key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file is %v %v", info.Mode(), err)
	}
}

func TestAnEmptyKeyIsNoKey(t *testing.T) {
	for _, damaged := range []string{"", "\n", "test", strings.Repeat("x", 39)} {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, "secret-key"), []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := ensureSecretKey(home); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q counts as the key %q %v", damaged, key, err)
		}
	}
}

// An older build left everything readable by all users of the machine.
func TestAnExistingHomeIsClosedToOtherUsers(t *testing.T) {
	home := filepath.Join(t.TempDir(), "deep", ".vod")
	outside := filepath.Join(t.TempDir(), "outside")
	for _, file := range []string{outside, filepath.Join(home, "s3", "objects", "b", "video.mp4"), filepath.Join(home, "control-plane", "bootstrap")} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(file, nil, 0o700), os.Chmod(filepath.Dir(file), 0o755), os.Chmod(file, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := MakePrivate(home); err != nil {
		t.Fatal(err)
	}
	onlyOwners(t, home)
	if info, err := os.Stat(filepath.Join(home, "control-plane", "bootstrap")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("a program's mode is %v %v", info.Mode(), err)
	}
	if info, err := os.Stat(outside); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("a file outside has changed: %v %v", info.Mode(), err)
	}
}

func TestANewHomeIsClosedToOtherUsers(t *testing.T) {
	home := filepath.Join(t.TempDir(), "deep", ".vod")
	if err := MakePrivate(home); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "later"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	onlyOwners(t, home)
}

// onlyOwners reports everything that others may read, write or enter.
func onlyOwners(t *testing.T, home string) {
	t.Helper()
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

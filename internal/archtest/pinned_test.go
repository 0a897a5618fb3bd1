package archtest_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named are the files of a name in the repository.
func named(t *testing.T, name string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && skipped[entry.Name()] {
			return filepath.SkipDir
		}
		if err == nil && entry.Name() == name {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s: %v", name, err)
	}
	return paths
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pinnedPackage is a package with its version, for all systems or some, and
// the hashes of its files.
var pinnedPackage = regexp.MustCompile(`^[A-Za-z0-9._-]+==[A-Za-z0-9.]+( ; [^\\]+?)?( --hash=sha256:[0-9a-f]{64})+$`)

func TestEveryPythonPackageIsPinnedByTheHashesOfItsFiles(t *testing.T) {
	for _, path := range named(t, "requirements.txt") {
		text := regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(read(t, path), "")
		text = regexp.MustCompile(` *\\\n *`).ReplaceAllString(text, " ")
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if !pinnedPackage.MatchString(line) {
				t.Errorf("%s: %.100s has no version, or no hashes", path, line)
			}
		}
	}
}

func TestPipInstallsByHashWhereverItIsCalled(t *testing.T) {
	calls := 0
	for _, path := range append(named(t, "Makefile"), named(t, "README.md")...) {
		for _, line := range strings.Split(read(t, path), "\n") {
			if strings.Contains(line, "pip install") {
				calls++
				if !strings.Contains(line, "--require-hashes") {
					t.Errorf("%s: %s", path, line)
				}
			}
		}
	}
	if calls < 2 {
		t.Errorf("%d calls were found", calls)
	}
}

func TestEveryNodePackageIsPinnedByItsHash(t *testing.T) {
	for _, path := range named(t, "package-lock.json") {
		var lock struct {
			Packages map[string]struct {
				Integrity string
				Link      bool
				InBundle  bool
			}
		}
		if err := json.Unmarshal([]byte(read(t, path)), &lock); err != nil {
			t.Fatal(err)
		}
		for name, locked := range lock.Packages {
			if name != "" && !locked.Link && !locked.InBundle && locked.Integrity == "" {
				t.Errorf("%s: %s has no hash", path, name)
			}
		}
	}
}

package archtest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// forbidden are words that have no place in what is shipped. They are put
// together here so that this file has none of them.
var forbidden = []struct {
	why     string
	pattern *regexp.Regexp
}{
	{"work left for later", regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)},
	{"a path of one machine", regexp.MustCompile(`(^|[\s"'` + "`" + `(=:])/(wo` + `rk|ro` + `ot|ho` + `me)/[a-z]`)},
	{"a package registry by name", regexp.MustCompile(`https?://(proxy\.golang|registry\.np` + `mjs|files\.pythonho` + `sted|pypi)\.`)},
}

// skipped are folders that are not ours or not shipped.
var skipped = map[string]bool{
	".git": true, "node_modules": true, "cdk.out": true, "dist": true, "bin": true, ".tools": true, ".vod": true, ".venv": true, ".serverless": true, "testdata": true, "media": true,
}

// shipped are the kinds of files that are read.
var shipped = map[string]bool{
	".go": true, ".json": true, ".md": true, ".js": true, ".py": true, ".sh": true, ".html": true, ".css": true, ".yml": true, "": true,
}

func TestNothingShippedHasForbiddenWords(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if skipped[entry.Name()] {
				return filepath.SkipDir
			}
			return nil
		}
		if !shipped[filepath.Ext(path)] || entry.Name() == "package-lock.json" {
			return nil
		}
		return checkWords(t, path)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkWords(t *testing.T, path string) error {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(text), "\n") {
		for _, word := range forbidden {
			if word.pattern.MatchString(line) {
				t.Errorf("%s:%d has %s: %s", strings.TrimPrefix(path, "../../"), i+1, word.why, strings.TrimSpace(line))
			}
		}
	}
	return nil
}

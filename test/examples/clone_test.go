package examples

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// made are the folders and files that an example's commands leave behind.
var made = map[string]bool{".serverless": true, "cdk.out": true, "outputs.json": true, "video.json": true, "row.json": true, "videos.db": true, "__pycache__": true}

// installed is what an example has installed once, and what to type if it has
// not been.
var installed = map[string]string{
	"serverless/node_modules": "npm ci",
	"python/.venv":            "python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.txt",
}

// makeClone makes a folder that looks like the repository to the examples, so
// that what they write doesn't meet what a developer tried there: copies of
// the examples, links to what they use.
func makeClone(root, clone string) error {
	if err := os.MkdirAll(filepath.Join(clone, "examples"), 0o755); err != nil {
		return err
	}
	for _, name := range []string{"bin", "media", "node_modules", "package.json"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(clone, name)); err != nil {
			return err
		}
	}
	for name, command := range installed {
		from, to := filepath.Join(root, "examples", name), filepath.Join(clone, "examples", name)
		if _, err := os.Stat(from); err != nil {
			return fmt.Errorf("examples/%s is missing: type %q in examples/%s", name, command, filepath.Dir(name))
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Symlink(from, to); err != nil {
			return err
		}
	}
	return copyExamples(filepath.Join(root, "examples"), filepath.Join(clone, "examples"))
}

func copyExamples(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		_, linked := installed[filepath.ToSlash(name)]
		switch {
		case entry.IsDir() && (linked || made[entry.Name()]):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		case made[entry.Name()]:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), text, 0o644)
	})
}

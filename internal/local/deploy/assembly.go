package deploy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// assembly is a folder as the CDK writes it for one stack.
type assembly struct {
	dir   string
	stack string
}

func (a assembly) templateFile() string { return a.stack + ".template.json" }

// template reads the stack's template.
func (a assembly) template() ([]byte, error) {
	return os.ReadFile(filepath.Join(a.dir, a.templateFile()))
}

// replaceTemplate puts another template in place, with its own hash in
// the lists of assets: under the old hash the command line would take the
// old upload for this one.
func (a assembly) replaceTemplate(template []byte) error {
	old, err := a.templateHash()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(template)
	for _, name := range []string{a.stack + ".assets.json", "manifest.json"} {
		if err := replaceInFile(filepath.Join(a.dir, name), old, hex.EncodeToString(sum[:])); err != nil {
			return fmt.Errorf("cloud assembly: %w", err)
		}
	}
	return os.WriteFile(filepath.Join(a.dir, a.templateFile()), template, 0o600)
}

// templateHash finds the template among the assets.
func (a assembly) templateHash() (string, error) {
	data, err := os.ReadFile(filepath.Join(a.dir, a.stack+".assets.json"))
	if err != nil {
		return "", fmt.Errorf("cloud assembly: %w", err)
	}
	var assets struct {
		Files map[string]struct {
			Source struct{ Path string }
		}
	}
	if err := json.Unmarshal(data, &assets); err != nil {
		return "", fmt.Errorf("cloud assembly: %s.assets.json: %w", a.stack, err)
	}
	for hash, file := range assets.Files {
		if file.Source.Path == a.templateFile() {
			return hash, nil
		}
	}
	return "", fmt.Errorf("cloud assembly: %s.assets.json has no %s", a.stack, a.templateFile())
}

func replaceInFile(path, old, replacement string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(data, []byte(old)) {
		return fmt.Errorf("%s does not name the template's hash %s", path, old)
	}
	return os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(replacement)), 0o600)
}

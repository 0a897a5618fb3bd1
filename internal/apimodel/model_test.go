package apimodel

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func TestModel(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("every operation's shapes are in the model, and all that they reach", func(t *testing.T) {
		for name, op := range m.Operations {
			for _, shape := range []string{op.Input, op.Output} {
				if shape == "" || m.Shapes[shape] == nil {
					t.Errorf("%s: shape %q is missing", name, shape)
				}
			}
		}
		for name, s := range m.Shapes {
			for _, ref := range references(s) {
				if m.Shapes[ref] == nil {
					t.Errorf("%s refers to %s, which is missing", name, ref)
				}
			}
		}
	})
	t.Run("every pattern of the service is compiled", func(t *testing.T) {
		n := 0
		for name, s := range m.Shapes {
			if s.Pattern != "" {
				n++
				if s.pattern == nil {
					t.Errorf("%s: pattern is not checked", name)
				}
			}
		}
		if n < 40 {
			t.Errorf("only %d patterns: the model has lost some", n)
		}
	})
	t.Run("a pattern that Go cannot compile is an error that names its shape", func(t *testing.T) {
		_, err := parse([]byte(`{"shapes":{"Odd":{"type":"string","pattern":"(?=x)"}}}`))
		if err == nil || !strings.Contains(err.Error(), "Odd") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no sentence of the documentation is in the model", func(t *testing.T) {
		if strings.Contains(string(modelFile), "documentation") || strings.Contains(string(modelFile), "Specify") {
			t.Error("model.json carries prose")
		}
	})
}

func references(s *Shape) []string {
	var refs []string
	for _, ref := range []string{s.Member, s.Key, s.Value} {
		if ref != "" {
			refs = append(refs, ref)
		}
	}
	for _, m := range s.Members {
		refs = append(refs, m.Shape)
	}
	return refs
}

// The model is compared with the botocore of the repository's Python
// environment, or, before that is made, with the version pinned for it.
func TestModelIsWhatBotocoreSays(t *testing.T) {
	python, err := filepath.Abs(filepath.Join(root, ".tools", "venv", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err == nil {
		if out, err := exec.Command(python, "reduce.py", "--check").CombinedOutput(); err != nil {
			t.Errorf("reduce.py --check: %v\n%s", err, out)
		}
		return
	}
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	pins, err := os.ReadFile(filepath.Join(root, "requirements.txt"))
	if err != nil {
		t.Fatalf("no Python environment and no pins to compare with: %v", err)
	}
	pin := regexp.MustCompile(`(?m)^botocore==(\S+)`).FindSubmatch(pins)
	if pin == nil {
		t.Fatal("requirements.txt does not pin botocore")
	}
	if string(pin[1]) != m.Botocore {
		t.Errorf("model.json is of botocore %s, requirements.txt pins %s: run reduce.py", m.Botocore, pin[1])
	}
}

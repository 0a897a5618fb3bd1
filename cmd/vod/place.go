package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/vodstack/vodstack/internal/local/engine"
)

// place is where this clone's things are. It does not depend on the folder
// that a command is typed in.
type place struct {
	root  string // the repository
	home  string // the engine's state
	stack string
	ports engine.Ports
}

// defaultStack is the stack's name, as the contract has it.
const defaultStack = "vod"

// stackName is what CloudFormation allows.
var stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)

func findPlace(getenv func(string) string) (place, error) {
	root, err := findRoot(getenv("VOD_ROOT"))
	if err != nil {
		return place{}, err
	}
	p := place{root: root, home: filepath.Join(root, ".vod"), stack: defaultStack}
	if home := getenv("VOD_HOME"); home != "" {
		if p.home, err = filepath.Abs(home); err != nil {
			return place{}, err
		}
	}
	if stack := getenv("VOD_STACK"); stack != "" {
		if !stackName.MatchString(stack) {
			return place{}, errors.New("VOD_STACK is " + stack + ": a stack's name has letters, digits and hyphens, and begins with a letter")
		}
		p.stack = stack
	}
	p.ports, err = engine.ChoosePorts(getenv)
	return p, err
}

// findRoot looks for the repository above this program, which is bin/vod in
// it.
func findRoot(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return "", err
	}
	for dir := filepath.Dir(program); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "cdk.json")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("this program is not in its repository: run bin/vod from a clone, or set VOD_ROOT to one")
		}
	}
}

func (p place) python() string { return filepath.Join(p.root, ".tools", "venv", "bin", "python") }
func (p place) cdk() string    { return filepath.Join(p.root, "node_modules", ".bin", "cdk") }
func (p place) app() string    { return filepath.Join(p.root, "bin", "infra") }
func (p place) log(name string) string {
	return filepath.Join(p.home, "logs", name+".log")
}

// functions is the folder of the functions that this machine can run.
func (p place) functions() string {
	return filepath.Join(p.root, "dist", "lambdas", runtime.GOARCH)
}

// architecture is this machine's, in the stack's words.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

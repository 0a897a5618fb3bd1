package examples

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readme are the commands of an example's README by the word that follows
// "sh" at the top of each block: "here" for this machine, "aws", "remove",
// and none for what is typed in either place.
type readme map[string]string

func readReadme(t *testing.T, example string) readme {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(world.clone, "examples", example, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := readme{}
	for i, part := range strings.Split("\n"+string(text), "\n```") {
		if i%2 == 0 {
			continue // between two blocks
		}
		head, block, _ := strings.Cut(part, "\n")
		kind, where, _ := strings.Cut(head, " ")
		if kind != "sh" || commands[where] != "" {
			t.Fatalf("%s: a block begins with %q: want sh, and each kind once", example, head)
		}
		commands[where] = block + "\n"
	}
	for _, where := range []string{"here", "aws", "", "remove"} {
		if commands[where] == "" {
			t.Fatalf("%s: the README has no block \"sh %s\"", example, where)
		}
	}
	return commands
}

// A shell is a terminal in the clone: what a block exports, and the folder
// that it goes to, last for the next one.
type shell struct {
	stdin  *os.File
	stdout *bufio.Reader
	stderr *os.File
}

const done = "-- this block is done --"

// openShell has nothing of this process's own AWS settings; those of the
// engine are only its ports and its folder.
func openShell(t *testing.T) *shell {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-eu", "-o", "pipefail")
	cmd.Dir = world.clone
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "VOD_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, world.stack.Engine.Variables()...)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	s := &shell{stdin: write, stderr: stderr}
	cmd.Stdin, cmd.Stderr = read, s.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdout = bufio.NewReader(stdout)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	t.Cleanup(func() {
		write.Close()
		_ = cmd.Wait()
		stderr.Close()
	})
	return s
}

// run types a block and returns what it prints; the first command that fails
// ends the test.
func (s *shell) run(t *testing.T, block string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "block")
	if err := os.WriteFile(file, []byte(block), 0o644); err != nil {
		t.Fatal(err)
	}
	// From a file, so that no command reads the next one as its input.
	if _, err := s.stdin.WriteString(". " + file + " </dev/null; echo; echo '" + done + "'\n"); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for {
		line, err := s.stdout.ReadString('\n')
		if strings.TrimSpace(line) == done {
			return said.String()
		}
		said.WriteString(line)
		if err != nil {
			complaints, _ := os.ReadFile(s.stderr.Name())
			t.Fatalf("a command failed (%v) of\n%s\nit said:\n%s\n%s", err, block, said.String(), complaints)
		}
	}
}

func TestEveryExampleHasAReadmeOfOneScreen(t *testing.T) {
	for _, example := range []string{"serverless", "python", "cdk"} {
		text, err := os.ReadFile(filepath.Join(world.clone, "examples", example, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > 55 {
			t.Errorf("%s has %d lines, more than a screen", example, lines)
		}
		readReadme(t, example)
	}
}

//go:build !race

package vodstack

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sources are what the stack is made of.
var sources = []string{"go.mod", "go.sum", "cdk.json", "infra", "internal", "lambdas"}

// TestTwoClonesGiveTheSameAssembly copies the sources into two folders, at
// two commits, builds everything in each, and compares every file of the
// cloud assemblies: templates, and assets by their hashes. Otherwise a diff
// would show changes where nothing has changed.
func TestTwoClonesGiveTheSameAssembly(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the stack and the functions twice")
	}
	first, second := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "a-longer", "path", "other")
	copySources(t, "../..", first)
	copySources(t, first, second)
	one, other := assemble(t, first), assemble(t, second, "second")
	if !slices.Equal(slices.Sorted(maps.Keys(one)), slices.Sorted(maps.Keys(other))) {
		t.Fatalf("one has %v\nthe other %v", slices.Sorted(maps.Keys(one)), slices.Sorted(maps.Keys(other)))
	}
	var assets int
	for name, content := range one {
		if !bytes.Equal(content, other[name]) {
			t.Errorf("%s differs", name)
		}
		if strings.HasPrefix(name, "asset.") {
			assets++
		}
	}
	if assets != len(everyFunction) {
		t.Errorf("%d assets, want one per function", assets)
	}
}

// assemble commits, builds and synthesizes; extra is what else the
// repository's history has.
func assemble(t *testing.T, folder string, extra ...string) map[string][]byte {
	t.Helper()
	in(t, folder, nil, "git", "init", "--quiet")
	for _, message := range append([]string{"first"}, extra...) {
		in(t, folder, nil, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", "--message", message)
	}
	for _, name := range everyFunction {
		in(t, folder, []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64"}, "go", "build", "-p", "2", "-trimpath", "-buildvcs=false",
			"-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", filepath.Join("dist", "lambdas", "arm64", name, "bootstrap"), "./lambdas/"+name)
	}
	in(t, folder, nil, "go", "build", "-p", "2", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", "bin/infra", "./infra")
	in(t, folder, []string{"CDK_OUTDIR=cdk.out", "CDK_CONTEXT_JSON=" + asJSON(flags(t))}, "bin/infra")
	return contents(t, filepath.Join(folder, "cdk.out"))
}

func copySources(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		in(t, from, nil, "cp", "-R", name, to)
	}
}

// in runs a program in a folder.
func in(t *testing.T, folder string, env []string, name string, args ...string) {
	t.Helper()
	if !filepath.IsAbs(name) && strings.Contains(name, "/") {
		name = filepath.Join(folder, name)
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s in %s: %v\n%s", name, strings.Join(args, " "), folder, err, out)
	}
}

func contents(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

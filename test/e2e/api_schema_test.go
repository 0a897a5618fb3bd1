package e2e

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// madeUpRequests lets schemathesis call the running API with what the served
// document allows and with what it forbids, and judge every answer by the
// document. It works as one owner with a JWT, whose videos are nobody else's.
func madeUpRequests(t *testing.T) {
	t.Parallel()
	c := person(t, "schemathesis")
	dir := t.TempDir()
	document := filepath.Join(dir, "openapi.json")
	if err := os.WriteFile(document, []byte(c.get(t, "/openapi.json").Text), 0o600); err != nil {
		t.Fatal(err)
	}
	seed := os.Getenv("SCHEMATHESIS_SEED")
	if seed == "" {
		seed = "4" // the same requests in every run; another seed makes others
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(world.root, ".tools", "test-venv", "bin", "schemathesis"),
		"--config-file", filepath.Join(world.root, "test", "schemathesis.toml"),
		"run", document, "--checks", "all", "--url", c.URL, "--header", "Authorization: Bearer "+c.Token, "--seed", seed,
	)
	cmd.Dir = dir // it keeps its database there
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "NO_COLOR=1", "COLUMNS=160"}
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		t.Errorf("schemathesis: %v\n%s", err, strings.ReplaceAll(output.String(), c.Token, "TOKEN"))
		return
	}
	t.Log(summary(output.String()))
	// It has not broken anything for the rest.
	if answer := c.do(t, http.MethodPost, "/videos", request(clips.Tiny, 1000, nil)); answer.Status != http.StatusCreated {
		t.Errorf("after it a video cannot be created: %s", answer)
	}
}

// summary is the end of what it says.
func summary(output string) string {
	if at := strings.LastIndex(output, "SUMMARY"); at >= 0 {
		return output[at:]
	}
	return output
}

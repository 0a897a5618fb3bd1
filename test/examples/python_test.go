package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sqliteRow is a video of the application of examples/python.
type sqliteRow struct {
	S3Key          string `json:"s3key"`
	Status         string
	GUID           string
	HLSURL         string `json:"hls_url"`
	DASHURL        string `json:"dash_url"`
	PlaceholderURL string `json:"placeholder_url"`
	DurationMs     int    `json:"duration_ms"`
	Error          string
}

func TestAPythonApplicationFollowsItsVideo(t *testing.T) {
	t.Parallel()
	commands := readReadme(t, "python")
	terminal := openShell(t)
	terminal.run(t, commands["here"])
	said := terminal.run(t, commands[""])

	_, shown, ok := strings.Cut(said, "\n[")
	if !ok {
		t.Fatalf("it shows no rows:\n%s", said)
	}
	var rows []sqliteRow
	if err := json.Unmarshal([]byte("["+shown), &rows); err != nil || len(rows) != 1 {
		t.Fatalf("%v in the rows:\n[%s", err, shown)
	}
	row := rows[0]
	if row.Status != "Complete" || row.DurationMs < 30_000 || row.DurationMs > 30_500 {
		t.Errorf("the row is %+v, want it Complete and of about 30 s", row)
	}
	for _, url := range []string{row.HLSURL, row.DASHURL, row.PlaceholderURL} {
		fetch(t, url)
	}
	t.Run("a late or repeated message never moves a row back", pythonOrders)
	t.Run("a URL takes the file that was announced and no other", func(t *testing.T) {
		const sign = `.venv/bin/python -c 'import app; print(app.presigned_url("video/9d0f7c52-6d0b-4d8e-8f5b-0d1f6a3b7c11/media.mp4", "video/mp4", %d))'` + "\n"
		takesNoOther(t, strings.TrimSpace(terminal.run(t, fmt.Sprintf(sign, announced))))
	})
	t.Run("setup may be done twice", func(t *testing.T) { terminal.run(t, ".venv/bin/python app.py setup\n") })
	terminal.run(t, commands["remove"])
}

// pythonOrders has the application itself handle the messages, on a database
// in memory.
func pythonOrders(t *testing.T) {
	const key, guid = "video/7d4f0a49-7b5c-4c0f-9f4a-2c2a4f0f7a10/media.mp4", "a2b3c1de-3a3b-5f7a-8a53-3b0f0bb9a001"
	for _, story := range stories(key, guid) {
		all := orders(story.messages)
		for i, row := range handled(t, key, all) {
			failed := row.Status == "Error"
			if row.Status != story.status || row.GUID != story.guid || (row.HLSURL != "") != story.playable || (row.Error != "") != failed {
				t.Errorf("%s, in the order %v: the row ends as %+v", story.name, told(all[i]), row)
			}
		}
	}
}

// handled are the rows that each order of the messages leads to.
func handled(t *testing.T, key string, orders [][]map[string]any) (rows []sqliteRow) {
	t.Helper()
	input, err := json.Marshal(map[string]any{"key": key, "orders": orders})
	if err != nil {
		t.Fatal(err)
	}
	program, err := filepath.Abs(filepath.Join("testdata", "handle.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(world.clone, "examples", "python", ".venv", "bin", "python"), program)
	cmd.Dir = filepath.Join(world.clone, "examples", "python")
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("handle.py: %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &rows); err != nil || len(rows) != len(orders) {
		t.Fatalf("%d rows of %d (%v): %s", len(rows), len(orders), err, out)
	}
	return rows
}

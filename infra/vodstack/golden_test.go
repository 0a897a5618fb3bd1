//go:build !race

package vodstack

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
)

const goldenFile = "testdata/template.golden.json"

// TestTheTemplateIsTheGoldenOne compares resource by resource, so that a
// failure names what has changed. After a change that is meant:
// go test ./infra/vodstack -run Golden -update, and read the diff.
func TestTheTemplateIsTheGoldenOne(t *testing.T) {
	got := sections(t, with(t, full).file)
	if *update {
		write(t, got)
	}
	want := sections(t, goldenFile)
	for _, section := range slices.Sorted(maps.Keys(want)) {
		for _, id := range union(got[section], want[section]) {
			g, w := pretty(t, got[section][id]), pretty(t, want[section][id])
			if g != w {
				t.Errorf("%s %s differs from %s\ngot  %s\nwant %s", section, id, goldenFile, g, w)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("sections are %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// sections are a template's resources, outputs and so on, each by its id.
func sections(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	parts := map[string]map[string]any{}
	for name, part := range whole {
		if m, ok := part.(map[string]any); ok {
			parts[name] = m
			continue
		}
		parts[name] = map[string]any{"": part}
	}
	return parts
}

func write(t *testing.T, parts map[string]map[string]any) {
	t.Helper()
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(goldenFile, []byte(pretty(t, parts)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func union(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func pretty(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

package contract

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// section is the part of docs/contract.md under a heading, without it.
func section(t *testing.T, heading string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(page), "\n## ")[1:] {
		if title, text, _ := strings.Cut(part, "\n"); strings.HasPrefix(title, heading) {
			return text
		}
	}
	t.Fatalf("docs/contract.md has no section %q", heading)
	return ""
}

// paragraph is the one of a text that begins with a few words.
func paragraph(t *testing.T, text, begins string) string {
	t.Helper()
	for _, p := range strings.Split(text, "\n") {
		if strings.HasPrefix(p, begins) {
			return p
		}
	}
	t.Fatalf("docs/contract.md has no paragraph that begins with %q", begins)
	return ""
}

// table is the table of a text: its rows of cells, without the head.
func table(text string) (rows [][]string) {
	for _, line := range strings.Split(text, "\n") {
		cells, isRow := strings.CutPrefix(line, "| ")
		if !isRow {
			continue
		}
		row := strings.Split(strings.TrimSuffix(cells, "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows[1:]
}

var inCode = regexp.MustCompile("`([A-Za-z][A-Za-z0-9-]*)(?:\\[\\])?`")

// names are the identifiers of a text that are set as code, but for values, as
// in `name`: `value`.
func names(text string) (all []string) {
	for _, at := range inCode.FindAllStringSubmatchIndex(text, -1) {
		if !strings.HasSuffix(text[:at[0]], "`: ") {
			all = append(all, text[at[2]:at[3]])
		}
	}
	return all
}

var shaped = regexp.MustCompile("`(\\w+)(?:\\[\\])?` \\{([^}]*)\\}")

// shapes are the objects of a text, as in `name` {`one`, `two`}.
func shapes(text string) map[string][]string {
	all := map[string][]string{}
	for _, m := range shaped.FindAllStringSubmatch(text, -1) {
		all[m[1]] = names(m[2])
	}
	return all
}

// withoutShapes is a text without what is in braces.
func withoutShapes(text string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(text, "")
}

// tagsOf are the JSON names of a struct's fields, embedded ones included.
func tagsOf[T any]() []string {
	return keys(fieldNames(reflect.TypeFor[T](), map[string]bool{}))
}

func keys[V any](m map[string]V) (all []string) {
	for name := range m {
		all = append(all, name)
	}
	return all
}

// same compares the names of the page with those of the code.
func same(t *testing.T, what string, page, code []string) {
	t.Helper()
	only := func(in, out []string) []string {
		rest := slices.DeleteFunc(slices.Clone(in), func(name string) bool { return slices.Contains(out, name) })
		slices.Sort(rest)
		return slices.Compact(rest)
	}
	if promised := only(page, code); len(promised) > 0 {
		t.Errorf("%s: docs/contract.md promises %q, which the code does not have", what, promised)
	}
	if forgotten := only(code, page); len(forgotten) > 0 {
		t.Errorf("%s: the code has %q, which docs/contract.md does not say", what, forgotten)
	}
}

func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(some, name) })
}

// readJSON reads a file of the repository.
func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile("../../" + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// attributeTypes are DynamoDB's types of a struct's fields by their JSON
// names, as the adapter writes them.
func attributeTypes(t reflect.Type, types map[string]string) map[string]string {
	for f := range t.Fields() {
		if f.Anonymous {
			attributeTypes(f.Type, types)
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			types[name] = attributeType(f.Type)
		}
	}
	return types
}

func attributeType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return "M"
	case t.Kind() == reflect.Pointer:
		return attributeType(t.Elem())
	case t.Kind() == reflect.Slice:
		return "L"
	case t.Kind() == reflect.Bool:
		return "BOOL"
	case t.Kind() == reflect.String:
		return "S"
	}
	return "N"
}

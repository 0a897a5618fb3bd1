package contract_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

func TestEveryCodeOfTheAPIIsPublishedOnceWithAllItsExplanations(t *testing.T) {
	seen := map[contract.Code]bool{}
	for _, c := range contract.APICodes {
		if seen[c.Code] || c.Title == "" || c.Meaning == "" || c.Client == "" || c.Status < 400 || c.Status > 599 {
			t.Errorf("%s is listed twice or without explanation", c.Code)
		}
		if strings.ContainsAny(c.Meaning+c.Client, "|\n") {
			t.Errorf("%s breaks the table", c.Code)
		}
		seen[c.Code] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "apicodes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && !seen[contract.Code(strings.Trim(value.Value, `"`))] {
				t.Errorf("%s is declared and not published", value.Value)
			}
		}
		return true
	})
}

func TestAProblemHasAllThatAClientNeeds(t *testing.T) {
	text, err := json.Marshal(contract.Problemf(contract.CodeFileTooLarge, "size is %d", 7).In("size"))
	want := `{"type":"urn:vodstack:error:FileTooLarge","title":"The file is too large","status":422,"detail":"size is 7","code":"FileTooLarge","field":"size"}`
	if err != nil || string(text) != want {
		t.Errorf("problem is %s, %v", text, err)
	}
}

func TestAProblemOfAnUnknownCodeIsAnInternalOne(t *testing.T) {
	if p := contract.Problemf("Nonsense", "x"); p.Status != 500 {
		t.Errorf("status is %d", p.Status)
	}
}

package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// What is longer than this wants another cut.
const (
	longestFile     = 300 // lines
	longestFunction = 60  // lines, from its signature to its end
)

func TestFilesAndFunctionsStayShort(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			checkLengths(t, filepath.Join(p.Dir, name), p.ImportPath+"/"+name)
		}
	}
}

func checkLengths(t *testing.T, path, shown string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Errorf("%s: %v", shown, err)
		return
	}
	if lines := set.File(file.Pos()).LineCount(); lines > longestFile {
		t.Errorf("%s has %d lines, more than %d", shown, lines, longestFile)
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; lines > longestFunction {
			t.Errorf("%s: %s has %d lines, more than %d", shown, f.Name.Name, lines, longestFunction)
		}
	}
}

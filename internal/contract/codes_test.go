package contract_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
)

func TestTheErrorsPageIsMadeOfTheListThatTheCodeUses(t *testing.T) {
	testkit.Golden(t, "../../docs/errors.md", contract.ErrorsDoc())
}

func TestEveryCodeIsPublishedOnceWithAllItsExplanations(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Code") && spec.Names[0].Name != "Codes" {
			constants++
		}
		return true
	})
	seen := map[contract.Code]bool{}
	for _, c := range contract.Codes {
		if seen[c.Code] || c.Meaning == "" || c.Uploader == "" || c.Operator == "" {
			t.Errorf("%s is listed twice or without explanation", c.Code)
		}
		if strings.ContainsAny(c.Meaning+c.Uploader+c.Operator, "|\n") {
			t.Errorf("%s breaks the table", c.Code)
		}
		seen[c.Code] = true
	}
	if len(seen) != constants {
		t.Errorf("%d codes are published, %d are declared", len(seen), constants)
	}
}

func TestEveryErrorHasANameThatTheStateMachineOrThePageKnows(t *testing.T) {
	for name, err := range map[string]error{
		"EmptySource":  fmt.Errorf("look: %w", contract.Failf(contract.CodeEmptySource, "empty")),
		"Throttled":    fmt.Errorf("probe: %w", contract.ErrThrottled),
		"Unavailable":  errors.Join(contract.ErrUnavailable, errors.New("x")),
		"AccessDenied": contract.ErrDenied,
		"Internal":     errors.New("odd"),
	} {
		if got := contract.ErrorName(err); got != name {
			t.Errorf("name of %v is %s, want %s", err, got, name)
		}
		if _, ok := contract.Explain(contract.Code(name)); !ok {
			t.Errorf("%s is not published", name)
		}
	}
}

func TestAJobsEndIsAFailureWithAPublishedCode(t *testing.T) {
	for status, codes := range map[string]map[int]contract.Code{
		contract.JobComplete: {0: ""},
		contract.JobCanceled: {0: contract.CodeJobCanceled},
		contract.JobError: {
			1010: contract.CodeSourceUnreadable, 1030: contract.CodeSourceUnreadable, 1040: contract.CodeJobRefused,
			1076: contract.CodeSourceUnreadable, 1401: contract.CodeAccessDenied, 1404: contract.CodeSourceGone,
			1999: contract.CodeJobFailed, 0: contract.CodeJobFailed, -7: contract.CodeJobFailed,
		},
	} {
		for number, code := range codes {
			failure := contract.JobDetail{JobID: "j", Status: status, ErrorCode: number, ErrorMessage: "because"}.Failure()
			if code == "" {
				if failure != nil {
					t.Errorf("%s is a failure: %v", status, failure)
				}
				continue
			}
			if failure == nil || failure.Code != code {
				t.Errorf("%s %d is %v, want %s", status, number, failure, code)
			}
		}
	}
}

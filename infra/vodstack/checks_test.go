//go:build !race

package vodstack

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shapes are synthesized by the checks below, every one of them.
var shapes = map[string]map[string]any{"default": byDefault, "local": locally, "full": full, "JWT": withJWT, "open": openly}

func TestCDKNagFindsNothingThatIsNotExplained(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			for _, line := range nagReport(t, with(t, shape)) {
				if line.Compliance != "Compliant" && line.Compliance != "Suppressed" && line.Compliance != "N/A" {
					t.Errorf("%s %s: %s (%s)", line.RuleID, line.ResourceID, line.RuleInfo, line.Compliance)
				}
			}
		})
	}
}

func TestEveryExceptionFromCDKNagIsStillNeededAndHasAReason(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			a := with(t, shape)
			needed := map[string]int{}
			for _, line := range nagReport(t, a) {
				if line.Compliance == "Suppressed" {
					needed[line.RuleID]++
				}
			}
			for id, r := range a.template.Resources {
				rules, _ := at(r.Metadata, "cdk_nag/rules_to_suppress").([]any)
				for _, rule := range rules {
					name, reason := fmt.Sprint(at(rule, "id")), fmt.Sprint(at(rule, "reason"))
					if needed[name]--; needed[name] < 0 {
						t.Errorf("%s: %s is accepted, but cdk-nag doesn't complain of it", id, name)
					}
					if len(reason) < 20 {
						t.Errorf("%s: the reason for %s is %q", id, name, reason)
					}
				}
			}
		})
	}
}

// nagLine is a line of cdk-nag's report.
type nagLine struct {
	RuleID     string `json:"ruleId"`
	ResourceID string `json:"resourceId"`
	Compliance string `json:"compliance"`
	RuleInfo   string `json:"ruleInfo"`
}

func nagReport(t *testing.T, a assembly) []nagLine {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(a.folder, "AwsSolutions-*-NagReport.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("cdk-nag wrote %v (%v)", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var report struct{ Lines []nagLine }
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Lines) < 50 {
		t.Fatalf("cdk-nag looked at %d things only", len(report.Lines))
	}
	return report.Lines
}

// The second region is one that has to be opted into.
func TestCfnLintHasNothingToSay(t *testing.T) {
	lint := tool(t, "../../.tools/venv/bin/cfn-lint", "cfn-lint")
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			out, err := exec.Command(lint, "--regions", "eu-central-1", "af-south-1", "--template", with(t, shape).file).CombinedOutput()
			if err != nil {
				t.Errorf("cfn-lint: %v\n%s", err, out)
			}
		})
	}
}

func TestTheStateMachineInTheTemplateIsValid(t *testing.T) {
	validator := tool(t, "../../node_modules/.bin/asl-validator", "asl-validator")
	definition := resolved(with(t, byDefault).template.the(t, "PipelineStateMachine").Properties["DefinitionString"])
	file := filepath.Join(t.TempDir(), "definition.asl.json")
	if err := os.WriteFile(file, []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(validator, "--json-path", file).CombinedOutput(); err != nil {
		t.Errorf("asl-validator: %v\n%s", err, out)
	}
	var parsed struct{ StartAt string }
	if err := json.Unmarshal([]byte(definition), &parsed); err != nil || parsed.StartAt != "Plan" {
		t.Errorf("starts at %q (%v)", parsed.StartAt, err)
	}
}

// stateTimeout is a state's TimeoutSeconds.
func stateTimeout(t *testing.T, definition, state string) float64 {
	t.Helper()
	var machine struct {
		States map[string]struct{ TimeoutSeconds float64 }
	}
	if err := json.Unmarshal([]byte(definition), &machine); err != nil {
		t.Fatal(err)
	}
	return machine.States[state].TimeoutSeconds
}

// resolved does Fn::Join, with an ARN in place of everything that only a
// deploy knows.
func resolved(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if at(v, "Ref") == "AWS::Partition" {
		return "aws"
	}
	join, ok := at(v, "Fn::Join/1").([]any)
	if !ok {
		return "arn:aws:lambda:eu-central-1:123456789012:function:f"
	}
	var text strings.Builder
	for _, part := range join {
		text.WriteString(resolved(part))
	}
	return text.String()
}

// tool finds a program where the Makefile installs it, or on the path.
func tool(t *testing.T, installed, name string) string {
	t.Helper()
	if path, err := filepath.Abs(installed); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s isn't installed: make setup does it", name)
	}
	return path
}

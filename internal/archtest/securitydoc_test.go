package archtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedTest is a test as docs/security.md names it: folder, dot, function.
var namedTest = regexp.MustCompile("`([a-z0-9_/]+)\\.((?:Test|Fuzz)\\w+)`")

// testsOf are the test functions of a folder.
func testsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range files {
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(\w+ \*testing\.[TF]\)`).FindAllStringSubmatch(read(t, file), -1) {
			found[m[1]] = true
		}
	}
	return found
}

func TestEveryTestThatTheSecurityPageNamesExists(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "security.md"))
	names := namedTest.FindAllStringSubmatch(page, -1)
	if len(names) < 30 {
		t.Errorf("the page names %d tests", len(names))
	}
	for _, name := range names {
		if !testsOf(t, name[1])[name[2]] {
			t.Errorf("docs/security.md names %s in %s, which has no such test", name[2], name[1])
		}
	}
	// One that is named in another way is not looked for above.
	for _, word := range regexp.MustCompile("`[^`\\n]*\\b(?:Test|Fuzz)[A-Z]\\w+[^`\\n]*`").FindAllString(page, -1) {
		if !namedTest.MatchString(word) && !strings.HasPrefix(word, "`go test ") {
			t.Errorf("docs/security.md names %s; want `folder.Test`", word)
		}
	}
}

func TestEveryClaimOfTheSecurityPageHasATest(t *testing.T) {
	page := read(t, filepath.Join("..", "..", "docs", "security.md"))
	_, rest, _ := strings.Cut(page, "\n## Who is kept from what\n")
	tables, _, found := strings.Cut(rest, "\n## ")
	rows := 0
	for _, line := range strings.Split(tables, "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| Kept from |") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		if len(cells) != 3 || !namedTest.MatchString(cells[2]) {
			t.Errorf("this row has not its three cells, or no test: %s", line)
		}
	}
	if !found || rows < 20 {
		t.Errorf("%d rows were found", rows)
	}
}

// stored is what the template keeps, and for how long.
type stored struct {
	Type       string
	Properties struct {
		MessageRetentionPeriod           int
		RetentionInDays                  int
		PointInTimeRecoverySpecification struct {
			PointInTimeRecoveryEnabled bool
			RecoveryPeriodInDays       int
		}
		LifecycleConfiguration struct {
			Rules []struct {
				AbortIncompleteMultipartUpload struct{ DaysAfterInitiation int }
				ExpirationInDays               int
			}
		}
	}
}

func TestTheSecurityPageTellsTheTemplatesTimes(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "infra", "vodstack", "testdata", "template.golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct{ Resources map[string]stored }
	if err := json.Unmarshal(text, &template); err != nil || len(template.Resources) == 0 {
		t.Fatalf("%d resources: %v", len(template.Resources), err)
	}
	page := read(t, filepath.Join("..", "..", "docs", "security.md"))
	_, page, _ = strings.Cut(page, "\n## What deletion leaves\n")
	page, _, _ = strings.Cut(page, "\n## ")
	told := func(id, row string, days int) {
		t.Helper()
		for _, line := range strings.Split(page, "\n") {
			if strings.HasPrefix(line, "| "+row) && strings.Contains(line, fmt.Sprintf("| %d days", days)) {
				return
			}
		}
		t.Errorf("%s keeps for %d days; no row %q says so", id, days, row)
	}
	for id, resource := range template.Resources {
		p := resource.Properties
		switch resource.Type {
		case "AWS::SQS::Queue":
			told(id, "SQS queues", p.MessageRetentionPeriod/86400)
		case "AWS::Logs::LogGroup":
			told(id, "logs of functions", p.RetentionInDays)
		case "AWS::DynamoDB::Table":
			days := p.PointInTimeRecoverySpecification.RecoveryPeriodInDays
			if days == 0 && p.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled {
				days = 35 // DynamoDB's default: botocore's model of UpdateContinuousBackups says so
			}
			told(id, "point-in-time recovery", days)
		case "AWS::S3::Bucket":
			for _, rule := range p.LifecycleConfiguration.Rules {
				if days := rule.AbortIncompleteMultipartUpload.DaysAfterInitiation; days > 0 {
					told(id, "parts of an upload", days)
				}
				if rule.ExpirationInDays > 0 {
					told(id, "logs of functions", rule.ExpirationInDays)
				}
			}
		}
	}
}

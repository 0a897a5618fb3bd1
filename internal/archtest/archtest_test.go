package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/vodstack/vodstack"

// pkg is what go list tells of a package without building it.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

// packages are all packages of the module; node_modules has Go files too.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports",
		"./cmd/...", "./infra/...", "./internal/...", "./lambdas/...", "./test/...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// within is a package's path below the module; ok is false for others.
func within(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, module+"/")
}

func under(path string, folders ...string) bool {
	for _, folder := range folders {
		if path == folder || strings.HasPrefix(path, folder+"/") {
			return true
		}
	}
	return false
}

// mayImport says for each folder which of our own folders it may import. What
// is not listed may import nothing of ours. STYLE: the arrows of the picture.
var mayImport = []struct {
	folder string
	may    []string
}{
	{"internal/video", nil},
	{"internal/trackheader", []string{"internal/video"}},
	{"internal/apimodel", nil},
	{"internal/jpegluma", nil},
	{"internal/contract", []string{"internal/video"}},
	{"internal/encoding", []string{"internal/video"}},
	{"internal/workflow", []string{"internal/video"}},
	{"internal/inbox", nil},
	{"internal/step", []string{"internal/contract", "internal/inbox", "internal/encoding", "internal/workflow", "internal/video", "internal/trackheader", "internal/jpegluma"}},
	{"internal/adapter/awsbase", []string{"internal/contract"}},
	{"internal/adapter", []string{"internal/adapter/awsbase", "internal/contract", "internal/encoding", "internal/workflow", "internal/video"}},
	{"internal/testkit", []string{"internal/contract", "internal/encoding", "internal/video"}},
	{"internal/library", []string{"internal/contract", "internal/inbox", "internal/workflow", "internal/video"}},
	{"internal/httpapi/apidoc", nil},
	{"internal/httpapi", []string{"internal/library", "internal/step", "internal/contract", "internal/workflow", "internal/video"}},
	{"lambdas", []string{"internal/step", "internal/library", "internal/httpapi", "internal/adapter", "internal/contract", "internal/encoding", "internal/workflow", "internal/video"}},
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, p := range packages(t) {
		path, ok := within(p.ImportPath)
		if !ok {
			continue
		}
		for _, rule := range mayImport {
			if !under(path, rule.folder) {
				continue
			}
			for _, imported := range p.Imports {
				if ours, ok := within(imported); ok && !under(ours, append(rule.may, path)...) {
					t.Errorf("%s imports %s", path, ours)
				}
			}
			break
		}
	}
}

func TestNobodyImportsInfraAndOnlyInfraImportsTheCDK(t *testing.T) {
	for _, p := range packages(t) {
		path, _ := within(p.ImportPath)
		if under(path, "infra") {
			continue
		}
		for _, imported := range p.Imports {
			ours, ok := within(imported)
			if ok && under(ours, "infra") {
				t.Errorf("%s imports %s", path, ours)
			}
			for _, cdk := range []string{"github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go", "github.com/cdklabs"} {
				if under(imported, cdk) {
					t.Errorf("%s imports %s", path, imported)
				}
			}
		}
	}
}

func TestAdaptersNeverImportEachOther(t *testing.T) {
	for _, p := range packages(t) {
		path, _ := within(p.ImportPath)
		for _, imported := range p.Imports {
			ours, _ := within(imported)
			if under(path, "internal/adapter") && under(ours, "internal/adapter") && ours != "internal/adapter/awsbase" {
				t.Errorf("%s imports %s", path, ours)
			}
		}
	}
}

// pure are the folders that never see a cloud service's client; the SDK's
// plain types of MediaConvert are words, not a client.
var pure = []string{"internal/video", "internal/trackheader", "internal/contract", "internal/encoding", "internal/workflow", "internal/step", "internal/library", "internal/httpapi"}

func TestTheLogicNeverSeesAClient(t *testing.T) {
	for _, p := range packages(t) {
		path, _ := within(p.ImportPath)
		if !under(path, pure...) {
			continue
		}
		for _, imported := range p.Imports {
			types := under(imported, "github.com/aws/aws-sdk-go-v2/service/mediaconvert/types")
			if imported == "net/http" && !under(path, "internal/httpapi") || under(imported, "github.com/aws") && !types {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	}
}

//go:build !race

package vodstack

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/vodstack/vodstack/infra/config"
)

// assembly is one synthesis of the stack.
type assembly struct {
	template template
	folder   string // the cloud assembly, with cdk-nag's report
	file     string // the template in it
}

// A template is what CloudFormation gets.
type template struct {
	Resources  map[string]awsResource
	Conditions map[string]any
	Mappings   map[string]map[string]map[string]any
	Outputs    map[string]struct {
		Value  any
		Export struct{ Name string }
	}
}

type awsResource struct {
	Type                string
	Properties          map[string]any
	Metadata            map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// synthesized keeps one assembly per shape: a synthesis takes seconds.
var synthesized = map[string]assembly{}

// with synthesizes the stack with context as one would give it by -c.
func with(t *testing.T, context map[string]any) assembly {
	t.Helper()
	shape, err := json.Marshal(context)
	if err != nil {
		t.Fatal(err)
	}
	if done, ok := synthesized[string(shape)]; ok {
		return done
	}
	folder, err := os.MkdirTemp("", "vodstack-synth-")
	if err != nil {
		t.Fatal(err)
	}
	atEnd = append(atEnd, folder)
	done := synthesize(t, folder, context)
	synthesized[string(shape)] = done
	return done
}

// atEnd are the folders that TestMain removes.
var atEnd []string

func synthesize(t *testing.T, folder string, context map[string]any) assembly {
	t.Helper()
	all := flags(t)
	maps.Copy(all, context)
	// A finding of cdk-nag fails the test that reads its report, not every
	// synthesis.
	all["@aws-cdk/core:annotationsInValidationReport"] = false
	cfg, err := config.Load(all)
	if err != nil {
		t.Fatal(err)
	}
	app := NewApp(folder, all)
	stack, err := New(app, cfg, stubs(t))
	if err != nil {
		t.Fatal(err)
	}
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Verbose: new(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	app.Synth(nil)

	done := assembly{folder: folder, file: filepath.Join(folder, cfg.StackName+".template.json")}
	text, err := os.ReadFile(done.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &done.template); err != nil {
		t.Fatal(err)
	}
	return done
}

// flags are cdk.json's feature flags, which the CDK command line would hand
// over.
func flags(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Context
}

// everyFunction are the folders of lambdas/, each a function of the stack.
var everyFunction = []string{"ingest", "plan", "encode", "jobstate", "publish", "fail", "api", "videoevents", "sweep"}

// stubs are binaries that never change, so that goldens change with the
// stack only.
func stubs(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range everyFunction {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name, "bootstrap"), []byte(name+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The shapes that differ most: what a new user gets, what a development
// machine gets, and everything that can be switched on.
var (
	byDefault = map[string]any{}
	locally   = map[string]any{"stage": "local", "architecture": "x86_64", "deliveryBaseUrl": "http://127.0.0.1:4569"}
	full      = map[string]any{
		"adminEmail": "admin@example.com", "alarmEmail": "alarm@example.com",
		"domainName": "media.example.com", "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1f2e3d4c",
		"corsOrigins": "https://app.example.com", "mediaConvertQueueArn": "arn:aws:mediaconvert:eu-west-1:123456789012:queues/videos",
		"archiveSource": "GLACIER", "outputs": "CMAF,HLS,DASH,MP4",
	}
)

// ofType are the logical ids of all resources of a type, sorted.
func (t template) ofType(kind string) []string {
	var ids []string
	for id, r := range t.Resources {
		if r.Type == kind {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	return ids
}

// the is the resource with a logical id.
func (t template) the(test *testing.T, id string) awsResource {
	test.Helper()
	r, ok := t.Resources[id]
	if !ok {
		test.Fatalf("no resource %s; there are %s", id, strings.Join(slices.Sorted(maps.Keys(t.Resources)), ", "))
	}
	return r
}

// at walks into properties by a path such as "Code/S3Key" or "Targets/0/Arn".
func at(value any, path string) any {
	for _, step := range strings.Split(path, "/") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i := int(step[0] - '0')
			if i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// text is a value as JSON, to look for names in.
func asJSON(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(out)
}

// refersTo says whether a value names a resource of the template.
func refersTo(v any, id string) bool { return strings.Contains(asJSON(v), `"`+id+`"`) }

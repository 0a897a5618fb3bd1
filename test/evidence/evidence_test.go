package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/test/rig"
)

// recordedVariable names the folder of a run that has ended; rig's is that of
// one under way.
const recordedVariable = "VOD_TEST_RECORDED"

// TestTheRecordedRun checks what `make test` has just recorded.
func TestTheRecordedRun(t *testing.T) {
	folder := os.Getenv(recordedVariable)
	if folder == "" {
		t.Skipf("%s names no folder of a recorded run", recordedVariable)
	}
	runs, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(runs) == 0 {
		t.Fatalf("no run was recorded in %s: %v", folder, err)
	}
	faults, summary := check(t, "explained.json", runs...)
	t.Log(summary)
	for _, fault := range faults {
		t.Error(fault)
	}
}

// check returns the faults that check.py finds.
func check(t *testing.T, explained string, runs ...string) (faults []string, summary string) {
	t.Helper()
	python := filepath.Join("..", "..", ".tools", "venv", "bin", "python")
	cmd := exec.Command(python, append([]string{"check.py", explained}, runs...)...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || out.Len() == 0) {
		t.Fatalf("check.py: %v (\"make test\" installs what it needs)\n%s", err, talk.String())
	}
	return strings.FieldsFunc(out.String(), func(r rune) bool { return r == '\n' }), strings.TrimSpace(talk.String())
}

// sample is a small run, of which all is allowed and every permission used.
// Tests change it.
type sample struct {
	template  map[string]any
	calls     []rig.RecordedCall
	explained explanations
}

type explanations struct {
	Unused map[string]string `json:"unused"`
	Timing map[string]string `json:"timing"`
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{explained: explanations{Unused: map[string]string{}, Timing: map[string]string{}}}
	read(t, "testdata/run/template.json", &s.template)
	data, err := os.ReadFile("testdata/run/calls.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var call rig.RecordedCall
		if err := json.Unmarshal(line, &call); err != nil {
			t.Fatal(err)
		}
		s.calls = append(s.calls, call)
	}
	return s
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// faults are what the check finds in the sample as it is now.
func (s *sample) faults(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	run := filepath.Join(dir, "vodmeta")
	if err := os.CopyFS(run, os.DirFS("testdata/run")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(run, "template.json"), s.template)
	write(t, filepath.Join(dir, "explained.json"), s.explained)
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, call := range s.calls {
		if err := encoder.Encode(call); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(run, "calls.jsonl"), lines.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	faults, _ := check(t, filepath.Join(dir, "explained.json"), run)
	return faults
}

func write(t *testing.T, file string, value any) {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// call is the function's first call whose method and URI or target begin so.
func (s *sample) call(t *testing.T, function, method, of string) *rig.RecordedCall {
	t.Helper()
	for i, c := range s.calls {
		if c.Function == function && c.Method == method && (strings.Contains(c.URI, of) || strings.Contains(c.Headers["x-amz-target"], of)) {
			return &s.calls[i]
		}
	}
	t.Fatalf("the sample has no %s of %s with %s", method, function, of)
	return nil
}

// body changes the members of a call's JSON body.
func body(t *testing.T, call *rig.RecordedCall, change func(map[string]any)) {
	t.Helper()
	members := map[string]any{}
	if err := json.Unmarshal([]byte(call.Body), &members); err != nil {
		t.Fatal(err)
	}
	change(members)
	data, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	call.Body = string(data)
}

// statements are those of a role's policy that has this logical id.
func (s *sample) statements(policy string) []any {
	resources := s.template["Resources"].(map[string]any)
	return resources[policy].(map[string]any)["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any)
}

// forbid takes an action out of all statements of a policy.
func (s *sample) forbid(policy, action string) {
	for _, statement := range s.statements(policy) {
		fields := statement.(map[string]any)
		fields["Action"] = slices.DeleteFunc(fields["Action"].([]any), func(a any) bool { return a == action })
	}
}

func wantFaults(t *testing.T, faults []string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, w) }) {
			t.Errorf("no fault says %q", w)
		}
	}
	if len(faults) != len(want) || t.Failed() {
		t.Errorf("%d faults, want %d:\n%s", len(faults), len(want), strings.Join(faults, "\n"))
	}
}

const (
	apiPolicy     = "ApiRoleDefaultPolicyCFEBAD31"
	encodePolicy  = "EncodeRoleDefaultPolicyF39917C5"
	encoderPolicy = "EncoderRoleDefaultPolicy6E3A82AC"
	publishPolicy = "PublishRoleDefaultPolicy9257B12D"
	sweepPolicy   = "SweepRoleDefaultPolicy221E6CF3"
)

func TestTheSampleIsWithoutFault(t *testing.T) {
	wantFaults(t, newSample(t).faults(t))
}

func TestACallThatNoStatementAllowsIsAFault(t *testing.T) {
	s := newSample(t)
	s.forbid(publishPolicy, "s3:PutObjectVersionTagging") // a version's tags
	s.forbid(publishPolicy, "sns:Publish")                // the query protocol
	s.forbid(sweepPolicy, "dynamodb:Query")               // an index, and a table
	s.forbid(encodePolicy, "iam:PassRole")                // by CreateJob
	s.forbid(apiPolicy, "s3:PutObject")                   // by a client with a presigned URL, and in parts
	s.forbid(encoderPolicy, "s3:GetObject")               // by MediaConvert itself
	s.forbid(sweepPolicy, "logs:PutLogEvents")            // by Lambda itself
	s.forbid(sweepPolicy, "sqs:ReceiveMessage")           // by Lambda's poller
	faults := s.faults(t)
	for _, w := range []string{
		"function publish: s3:PutObjectTagging: s3:PutObjectVersionTagging on arn:aws:s3:::vodmeta-sourcebucket-",
		"function publish: sns:Publish: sns:Publish on arn:aws:sns:",
		"function sweep: dynamodb:Query: dynamodb:Query on arn:aws:dynamodb:eu-central-1:000000000000:table/",
		"function encode: mediaconvert:CreateJob: iam:PassRole on arn:aws:iam::000000000000:role/",
		"function api: s3:PutObject: s3:PutObject on arn:aws:s3:::vodmeta-sourcebucket-",
		"function api: s3:CreateMultipartUpload: s3:PutObject on arn:aws:s3:::vodmeta-sourcebucket-",
		"MediaConvert reads a job's input: s3:GetObject on arn:aws:s3:::vodmeta-sourcebucket-",
		"Lambda writes the log of sweep: logs:PutLogEvents on arn:aws:logs:",
		"Lambda polls the queue of sweep: sqs:ReceiveMessage on arn:aws:sqs:",
	} {
		if !slices.ContainsFunc(faults, func(f string) bool {
			return strings.HasPrefix(f, w) && strings.HasSuffix(f, ": no statement allows it")
		}) {
			t.Errorf("no fault begins with %q:\n%s", w, strings.Join(faults, "\n"))
		}
	}
}

func TestAStatementThatDeniesIsAFault(t *testing.T) {
	s := newSample(t)
	resources := s.template["Resources"].(map[string]any)
	policy := resources[publishPolicy].(map[string]any)["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)
	policy["Statement"] = append(policy["Statement"].([]any), map[string]any{"Effect": "Deny", "Action": []any{"sns:Publish"}, "Resource": "*"})
	wantFaults(t, s.faults(t),
		"sns:Publish on arn:aws:sns:eu-central-1:000000000000:",
		"publish: sns:Publish on NotificationTopic: no run has used it")
}

func TestAConditionThatDoesNotHoldIsAFault(t *testing.T) {
	s := newSample(t)
	for _, statement := range s.statements(encodePolicy) {
		if fields := statement.(map[string]any); fields["Condition"] != nil {
			fields["Condition"] = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ec2.amazonaws.com"}}
		}
	}
	wantFaults(t, s.faults(t), "iam:PassRole on arn:aws:iam::", "encode: iam:PassRole on EncoderRole")
}

func TestAPermissionIsUsedOrExplained(t *testing.T) {
	s := newSample(t)
	publish := s.statements(publishPolicy)[1].(map[string]any)
	publish["Action"] = append(publish["Action"].([]any), "dynamodb:DeleteItem", "dynamodb:Scan", "dynamodb:PutItem", "dynamodb:DescribeTable")
	s.explained.Unused = map[string]string{
		"publish: dynamodb:Scan on TrackingTable":    "Why it is there.",
		"publish: dynamodb:PutItem on TrackingTable": "Because.",
		"publish: dynamodb:GetItem on TrackingTable": "It is said to be never used.",
		"publish: dynamodb:Query on TrackingTable":   "It is not granted any more.",
	}
	s.explained.Timing = map[string]string{
		"publish: dynamodb:UpdateItem on TrackingTable":    "May be used, or not.",
		"publish: dynamodb:DescribeTable on TrackingTable": "May be used, or not.",
	}
	wantFaults(t, s.faults(t),
		"publish: dynamodb:DeleteItem on TrackingTable: no run has used it",
		"publish: dynamodb:PutItem on TrackingTable: has no reason",
		"publish: dynamodb:GetItem on TrackingTable: is explained in explained.json, and was used",
		"publish: dynamodb:Query on TrackingTable: is explained in explained.json, and no longer granted")
}

func TestARequestThatTheModelDoesNotHaveIsAFault(t *testing.T) {
	s := newSample(t)
	body(t, s.call(t, "EncodeFunction", "POST", "/jobs"), func(job map[string]any) {
		settings := job["settings"].(map[string]any)
		settings["outputColour"] = "red"                                  // no member
		job["priority"] = 77                                              // more than 50
		job["statusUpdateInterval"] = "SECONDS_11"                        // no value of the enum
		job["role"] = 5                                                   // no text
		settings["timecodeConfig"] = map[string]any{"anchor": "midnight"} // not by the pattern
	})
	body(t, s.call(t, "PublishFunction", "POST", "UpdateItem"), func(update map[string]any) {
		delete(update, "TableName") // required
	})
	s.call(t, "SweepFunction", "GET", "list-type=2").URI += "&colour=red"
	s.call(t, "ApiFunction", "HEAD", "/").Headers["x-amz-colour"] = "red"
	topic := s.call(t, "PublishFunction", "POST", "/")
	for i, c := range s.calls {
		if strings.HasPrefix(c.Body, "Action=Publish") {
			topic = &s.calls[i]
		}
	}
	topic.Body += "&MessageColour=red"
	tags := s.call(t, "PublishFunction", "PUT", "tagging")
	tags.Body = strings.Replace(tags.Body, "<TagSet>", "<Colour>red</Colour><TagSet>", 1)
	faults := s.faults(t)
	for _, w := range []string{
		"function encode: mediaconvert:CreateJob: settings.outputColour is not in the model",
		"function encode: mediaconvert:CreateJob: CreateJob.Priority is 77, more than 50",
		"function encode: mediaconvert:CreateJob: CreateJob.StatusUpdateInterval is 'SECONDS_11', which is none of SECONDS_10",
		"function encode: mediaconvert:CreateJob: CreateJob.Role is 5, not text",
		"function encode: mediaconvert:CreateJob: CreateJob.Settings.TimecodeConfig.Anchor is 'midnight', which does not match",
		"function publish: dynamodb:UpdateItem: UpdateItem.TableName is required, and missing",
		"function sweep: s3:ListObjectsV2: ListObjectsV2 has the query parameter colour, which the model does not",
		"function api: s3:HeadObject: HeadObject has the header x-amz-colour, which the model does not",
		"function publish: sns:Publish: Publish has the parameter MessageColour, which the model does not",
		"function publish: s3:PutObjectTagging: Tagging.Colour is not in the model",
	} {
		if !slices.ContainsFunc(faults, func(f string) bool { return strings.HasPrefix(f, w) }) {
			t.Errorf("no fault begins with %q:\n%s", w, strings.Join(faults, "\n"))
		}
	}
}

func TestWhatClientsDoToAPresignedURLIsNotTheFunctionsFault(t *testing.T) {
	s := newSample(t)
	put := *s.call(t, "ApiFunction", "PUT", "X-Amz-Signature")
	preflight, changed, naked := put, put, put
	preflight.Method, preflight.Status = "OPTIONS", 200
	changed.Method, changed.Status = "DELETE", 403
	naked.URI, _, _ = strings.Cut(put.URI, "?")
	naked.Status = 403
	s.calls = append(s.calls, preflight, changed, naked)
	wantFaults(t, s.faults(t))
	naked.Status = 200
	s.calls = append(s.calls, naked)
	wantFaults(t, s.faults(t), "function api: PUT "+naked.URI+" was not signed, and carried out")
}

func TestACallThatNobodyHasLookedUpIsAFault(t *testing.T) {
	s := newSample(t)
	call := s.call(t, "PublishFunction", "POST", "UpdateItem")
	call.Headers["x-amz-target"], call.Body = "DynamoDB_20120810.DescribeTable", `{"TableName":"any"}`
	if faults := s.faults(t); !slices.Contains(faults, "function publish: dynamodb:DescribeTable: actions.py does not say which permissions it needs") {
		t.Errorf("faults are\n%s", strings.Join(faults, "\n"))
	}
}

func TestAFunctionOfWhichNothingWasRecordedIsAFault(t *testing.T) {
	s := newSample(t)
	s.calls = slices.DeleteFunc(s.calls, func(c rig.RecordedCall) bool { return c.Function == "SweepFunction" })
	if faults := s.faults(t); !slices.Contains(faults, "function sweep: no call of it was recorded") {
		t.Errorf("faults are\n%s", strings.Join(faults, "\n"))
	}
}

func TestEveryServiceThatFunctionsCallIsRecorded(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../../lambdas/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		dir, service := path.Split(strings.TrimSpace(line))
		if dir == "github.com/aws/aws-sdk-go-v2/service/" {
			called[strings.ToUpper(service)] = true
		}
	}
	if got := slices.Sorted(maps.Keys(called)); !slices.Equal(got, rig.RecordedServices) {
		t.Errorf("functions call %v, recorded are %v", got, rig.RecordedServices)
	}
}

//go:build !race

package vodstack

import (
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/infra/config"
)

func TestEveryFunctionGetsItsEnvironment(t *testing.T) {
	want := map[string]string{
		"IngestFunction":   "SOURCE_BUCKET=SourceBucket STACK_NAME=vod STATE_MACHINE_ARN=PipelineStateMachine TRIGGER=VideoFile VIDEO_TABLE_NAME=VideoTable",
		"PlanFunction":     "DELIVERY_HOST=Distribution DESTINATION_BUCKET=DestinationBucket ENCODING_OPTIONS=… MAX_DURATION_MINUTES=720 MAX_PIXELS=35389440 MEDIACONVERT_QUEUE_ARN=mediaconvert:queues/Default MEDIACONVERT_ROLE_ARN=EncoderRole SOURCE_BUCKET=SourceBucket STACK_NAME=vod TABLE_NAME=TrackingTable TOPIC_ARN=NotificationTopic VIDEO_TABLE_NAME=VideoTable",
		"EncodeFunction":   "ENCODE_DEADLINE_MINUTES=720 QUEUE_DEADLINE_MINUTES=20160 RUNNING_JOB_TABLE_NAME=RunningJobTable STACK_NAME=vod TABLE_NAME=TrackingTable",
		"JobStateFunction": "RUNNING_JOB_TABLE_NAME=RunningJobTable STACK_NAME=vod TABLE_NAME=TrackingTable",
		"PublishFunction":  "DELIVERY_BASE=https://Distribution DESTINATION_BUCKET=DestinationBucket QUEUE_URL=ResultQueue SOURCE_BUCKET=SourceBucket STACK_NAME=vod TABLE_NAME=TrackingTable TOPIC_ARN=NotificationTopic",
		"FailFunction":     "QUEUE_URL=ResultQueue RUNNING_JOB_TABLE_NAME=RunningJobTable SOURCE_BUCKET=SourceBucket STACK_NAME=vod TABLE_NAME=TrackingTable TOPIC_ARN=NotificationTopic WORK_QUEUE_URL=WorkQueue",
		"ApiFunction": "API_AUTH=IAM API_BASE_URL= API_OPTIONS=archiveSource,frameCapture,inputRotate ARCHIVE_SOURCE=DISABLED HISTORY_TABLE_NAME=VideoHistoryTable MAX_ENCODES=100 MAX_OPEN_UPLOADS=100 RUNNING_JOB_TABLE_NAME=RunningJobTable SOURCE_BUCKET=SourceBucket STACK_NAME=vod STATE_MACHINE_ARN=PipelineStateMachine " +
			"UPLOAD_MAX_BYTES=53687091200 UPLOAD_SINGLE_MAX_BYTES=67108864 UPLOAD_TYPES=video/*,audio/*,application/mxf,application/octet-stream UPLOAD_URL_SECONDS=3600 " +
			"VIDEO_TABLE_NAME=VideoTable WORK_QUEUE_URL=WorkQueue",
		"VideoEventsFunction": "DELIVERY_BASE=https://Distribution HISTORY_TABLE_NAME=VideoHistoryTable STACK_NAME=vod TABLE_NAME=TrackingTable UNKNOWN_QUEUE_URL=UnknownVideosQueue VIDEO_TABLE_NAME=VideoTable WORK_QUEUE_URL=WorkQueue",
		"SweepFunction":       "DESTINATION_BUCKET=DestinationBucket DISTRIBUTION_ID=Distribution HISTORY_TABLE_NAME=VideoHistoryTable RUNNING_JOB_TABLE_NAME=RunningJobTable SOURCE_BUCKET=SourceBucket STACK_NAME=vod STATE_MACHINE_ARN=PipelineStateMachine TABLE_NAME=TrackingTable VIDEO_TABLE_NAME=VideoTable WORK_QUEUE_URL=WorkQueue",
	}
	tpl := with(t, byDefault).template
	if ids := tpl.ofType("AWS::Lambda::Function"); len(ids) != len(want) {
		t.Errorf("functions are %v: one that isn't ours?", ids)
	}
	for id, environment := range want {
		var lines []string
		for name, value := range at(tpl.the(t, id).Properties, "Environment/Variables").(map[string]any) {
			if name == "ENCODING_OPTIONS" {
				value = "…"
			}
			lines = append(lines, name+"="+short(value))
		}
		sort.Strings(lines)
		if got := strings.Join(lines, " "); got != environment {
			t.Errorf("%s has\n  %s\nwant\n  %s", id, got, environment)
		}
	}
}

func TestFunctionsRunOnArmFromABinaryAndLogToAGroupOfTheirOwn(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::Lambda::Function") {
		p := tpl.Resources[id].Properties
		if p["Runtime"] != "provided.al2023" || asJSON(p["Architectures"]) != `["arm64"]` {
			t.Errorf("%s runs on %v %v", id, p["Runtime"], p["Architectures"])
		}
		group, _ := at(p, "LoggingConfig/LogGroup/Ref").(string)
		if tpl.the(t, group).Properties["RetentionInDays"] != 90.0 {
			t.Errorf("%s logs to %q, which never forgets", id, group)
		}
	}
}

func TestTheMakefileBuildsEveryFunctionOfTheStack(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if line := "\nFUNCTIONS := " + strings.Join(everyFunction, " ") + "\n"; !strings.Contains(string(makefile), line) {
		t.Errorf("the Makefile doesn't have the line %s", strings.TrimSpace(line))
	}
	folders, err := os.ReadDir("../../lambdas")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !slices.Contains(everyFunction, folder.Name()) {
			t.Errorf("lambdas/%s is no function of the stack", folder.Name())
		}
	}
	if n := len(with(t, byDefault).template.ofType("AWS::Lambda::Function")); n != len(everyFunction) || n != len(folders) {
		t.Errorf("the stack has %d functions, lambdas/ %d folders, want %d", n, len(folders), len(everyFunction))
	}
}

func TestAFunctionThatIsNotBuiltIsNamed(t *testing.T) {
	cfg, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(NewApp(t.TempDir(), nil), cfg, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "function ingest isn't built (make build does it)") {
		t.Errorf("error %v", err)
	}
}

func TestAFunctionGivesUpBeforeTheStateMachineDoes(t *testing.T) {
	tpl := with(t, byDefault).template
	definition := resolved(tpl.the(t, "PipelineStateMachine").Properties["DefinitionString"])
	for id, state := range map[string]string{"PlanFunction": "Plan", "PublishFunction": "Publish", "FailFunction": "Fail"} {
		own := tpl.the(t, id).Properties["Timeout"].(float64)
		if limit := stateTimeout(t, definition, state); own >= limit {
			t.Errorf("%s runs %v s, but %s waits %v s", id, own, state, limit)
		}
	}
}

func TestEveryFunctionFedByEventsHasBothNets(t *testing.T) {
	tpl := with(t, byDefault).template
	for function, lost := range map[string]string{"JobStateFunction": "JobStateLostQueue", "FailFunction": "FailLostQueue", "SweepFunction": "SweepLostQueue"} {
		target, rule := targetOf(t, tpl, function)
		if short(at(target, "DeadLetterConfig/Arn")) != lost || at(target, "RetryPolicy/MaximumRetryAttempts") != 185.0 {
			t.Errorf("%s: what %s cannot deliver is lost: %s", function, rule, asJSON(target))
		}
		config := tpl.the(t, strings.TrimSuffix(function, "Function")+"Retries").Properties
		if short(config["FunctionName"]) != function || short(at(config, "DestinationConfig/OnFailure/Destination")) != lost || config["MaximumRetryAttempts"] != 2.0 {
			t.Errorf("%s: events that it fails on are lost: %s", function, asJSON(config))
		}
		if !mayInvoke(tpl, rule, function) {
			t.Errorf("%s may not invoke %s", rule, function)
		}
		if !maySend(tpl, rule, lost) {
			t.Errorf("%s may not put what it cannot deliver into %s", rule, lost)
		}
	}
	target, rule := targetOf(t, tpl, "UploadsQueue")
	if rule != "IngestEvents" || short(at(target, "DeadLetterConfig/Arn")) != "IngestLostQueue" || at(target, "RetryPolicy/MaximumRetryAttempts") != 185.0 {
		t.Errorf("what %s cannot put into the queue is lost: %s", rule, asJSON(target))
	}
	for _, queue := range []string{"UploadsQueue", "IngestLostQueue"} {
		if !maySend(tpl, rule, queue) {
			t.Errorf("%s may not put events into %s", rule, queue)
		}
	}
	if rules := tpl.ofType("AWS::Events::Rule"); len(rules) != 4 {
		t.Errorf("rules are %v", rules)
	}
}

func TestRulesSeeExactlyWhatIsOurs(t *testing.T) {
	tpl := with(t, byDefault).template
	for id, want := range map[string]string{
		"IngestEvents":   `{"detail":{"bucket":{"name":[{"Ref":"SourceBucket"}]}},"detail-type":["Object Created"],"source":["aws.s3"]}`,
		"JobStateEvents": `{"detail":{"status":["COMPLETE","ERROR","CANCELED","STATUS_UPDATE"],"userMetadata":{"workflow":["vod"]}},"detail-type":["MediaConvert Job State Change"],"source":["aws.mediaconvert"]}`,
		"FailEvents":     `{"detail":{"stateMachineArn":[{"Ref":"PipelineStateMachine"}],"status":["FAILED","TIMED_OUT","ABORTED"]},"detail-type":["Step Functions Execution Status Change"],"source":["aws.states"]}`,
	} {
		if got := asJSON(tpl.the(t, id).Properties["EventPattern"]); got != want {
			t.Errorf("%s matches %s, want %s", id, got, want)
		}
	}
	if p := tpl.the(t, "SweepEvents").Properties; p["ScheduleExpression"] != "rate(1 minute)" || p["EventPattern"] != nil {
		t.Errorf("SweepEvents is %s", asJSON(p))
	}
}

func TestThereIsNoCustomResource(t *testing.T) {
	for name, shape := range shapes {
		for id, r := range with(t, shape).template.Resources {
			if strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource" || r.Type == "AWS::CDK::Metadata" {
				t.Errorf("%s: %s is a %s", name, id, r.Type)
			}
		}
	}
}

// targetOf is the one rule's target that is a function or a queue.
func targetOf(t *testing.T, tpl template, function string) (any, string) {
	t.Helper()
	for _, id := range tpl.ofType("AWS::Events::Rule") {
		for _, target := range list(tpl.Resources[id].Properties["Targets"]) {
			if short(at(target, "Arn")) == function {
				return target, id
			}
		}
	}
	t.Fatalf("no rule feeds %s", function)
	return nil, ""
}

func mayInvoke(tpl template, rule, function string) bool {
	return slices.ContainsFunc(tpl.ofType("AWS::Lambda::Permission"), func(id string) bool {
		p := tpl.Resources[id].Properties
		return short(p["FunctionName"]) == function && short(p["SourceArn"]) == rule && p["Principal"] == "events.amazonaws.com"
	})
}

func maySend(tpl template, rule, queue string) bool {
	return slices.ContainsFunc(tpl.ofType("AWS::SQS::QueuePolicy"), func(id string) bool {
		return slices.ContainsFunc(policyOf(tpl, id), func(s any) bool {
			return at(s, "Effect") == "Allow" && at(s, "Action") == "sqs:SendMessage" && short(at(s, "Resource")) == queue &&
				short(at(s, "Condition/ArnEquals/aws:SourceArn")) == rule
		})
	})
}

func policyOf(tpl template, id string) []any {
	return list(at(tpl.Resources[id].Properties, "PolicyDocument/Statement"))
}

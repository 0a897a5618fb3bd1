//go:build !race

package vodstack

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// A statement is one line of who may do what, with names in place of ARNs.
type statement struct {
	role, action, resource string
	condition              any
}

// statements flattens all policies of roles: one per role, action and
// resource.
func statements(tpl template) []statement {
	var all []statement
	for _, id := range tpl.ofType("AWS::IAM::Policy") {
		p := tpl.Resources[id].Properties
		for _, s := range at(p, "PolicyDocument/Statement").([]any) {
			for _, action := range list(at(s, "Action")) {
				for _, resource := range list(at(s, "Resource")) {
					all = append(all, statement{short(at(p, "Roles/0")), action.(string), short(resource), at(s, "Condition")})
				}
			}
		}
	}
	return all
}

// homeARN is what an ARN of this account begins with.
var homeARN = regexp.MustCompile(`^arn:AWS::Partition:([a-z-]+):(AWS::Region)?:AWS::AccountId:`)

// list is what may be one or many in a policy.
func list(v any) []any {
	if many, ok := v.([]any); ok {
		return many
	}
	return []any{v}
}

// short writes Ref, GetAtt and Join as a person would: SourceBucket/*.
func short(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	if ref, ok := at(v, "Ref").(string); ok {
		return trimHash(ref)
	}
	if attribute, ok := at(v, "Fn::GetAtt").([]any); ok {
		return trimHash(attribute[0].(string))
	}
	if parts, ok := at(v, "Fn::Join/1").([]any); ok {
		var joined []string
		for _, part := range parts {
			joined = append(joined, short(part))
		}
		return homeARN.ReplaceAllString(strings.Join(joined, at(v, "Fn::Join/0").(string)), "$1:")
	}
	return fmt.Sprint(v)
}

// trimHash cuts the hash that CDK adds to a logical id.
func trimHash(id string) string {
	if n := len(id) - 8; n > 0 && strings.Trim(id[n:], "0123456789ABCDEF") == "" {
		return id[:n]
	}
	return id
}

// TestEveryRoleMayDoExactlyThis is the whole list of what the stack's roles
// may do. A new line is a decision to be read by someone.
func TestEveryRoleMayDoExactlyThis(t *testing.T) {
	want := map[string][]string{
		"IngestRole": {
			"dynamodb:GetItem VideoTable",
			"logs:CreateLogStream IngestLogs", "logs:PutLogEvents IngestLogs",
			"sqs:DeleteMessage UploadsQueue", "sqs:GetQueueAttributes UploadsQueue", "sqs:ReceiveMessage UploadsQueue",
			"states:StartExecution PipelineStateMachine",
		},
		"PlanRole": {
			"dynamodb:GetItem TrackingTable", "dynamodb:GetItem VideoTable", "dynamodb:PutItem TrackingTable", "dynamodb:UpdateItem TrackingTable",
			"logs:CreateLogStream PlanLogs", "logs:PutLogEvents PlanLogs",
			"mediaconvert:GetJobTemplate mediaconvert:jobTemplates/*", "mediaconvert:Probe *",
			"s3:GetObject SourceBucket/*", "s3:GetObjectVersion SourceBucket/*", "s3:ListBucket SourceBucket",
			"sns:Publish NotificationTopic",
		},
		"EncodeRole": {
			"dynamodb:GetItem TrackingTable", "dynamodb:UpdateItem RunningJobTable", "dynamodb:UpdateItem TrackingTable",
			"iam:PassRole EncoderRole",
			"logs:CreateLogStream EncodeLogs", "logs:PutLogEvents EncodeLogs",
			"mediaconvert:CancelJob mediaconvert:jobs/*",
			"mediaconvert:CreateJob mediaconvert:jobTemplates/*", "mediaconvert:CreateJob mediaconvert:presets/*", "mediaconvert:CreateJob mediaconvert:queues/Default",
			"mediaconvert:GetJob mediaconvert:jobs/*", "mediaconvert:SearchJobs *",
			"states:SendTaskFailure PipelineStateMachine", "states:SendTaskSuccess PipelineStateMachine",
		},
		"JobStateRole": {
			"dynamodb:GetItem RunningJobTable", "dynamodb:GetItem TrackingTable", "dynamodb:UpdateItem RunningJobTable", "dynamodb:UpdateItem TrackingTable",
			"logs:CreateLogStream JobStateLogs", "logs:PutLogEvents JobStateLogs", "sqs:SendMessage JobStateLostQueue",
			"states:SendTaskFailure PipelineStateMachine", "states:SendTaskSuccess PipelineStateMachine",
		},
		"PublishRole": {
			"dynamodb:GetItem TrackingTable", "dynamodb:UpdateItem TrackingTable",
			"logs:CreateLogStream PublishLogs", "logs:PutLogEvents PublishLogs",
			"s3:GetObject DestinationBucket/*/thumbnails/*", "s3:GetObject SourceBucket/*",
			"s3:GetObjectTagging SourceBucket/*", "s3:GetObjectVersionTagging SourceBucket/*",
			"s3:ListBucket DestinationBucket", "s3:ListBucket SourceBucket",
			"s3:PutObjectTagging SourceBucket/*", "s3:PutObjectVersionTagging SourceBucket/*",
			"sns:Publish NotificationTopic", "sqs:SendMessage ResultQueue",
		},
		"FailRole": {
			"dynamodb:DeleteItem RunningJobTable", "dynamodb:GetItem RunningJobTable", "dynamodb:GetItem TrackingTable", "dynamodb:PutItem TrackingTable", "dynamodb:UpdateItem TrackingTable",
			"logs:CreateLogStream FailLogs", "logs:PutLogEvents FailLogs",
			"mediaconvert:CancelJob mediaconvert:jobs/*", "mediaconvert:SearchJobs *",
			"s3:GetObject SourceBucket/*", "s3:ListBucket SourceBucket",
			"sns:Publish NotificationTopic", "sqs:SendMessage FailLostQueue", "sqs:SendMessage ResultQueue", "sqs:SendMessage WorkQueue",
		},
		"ApiRole": {
			"dynamodb:GetItem RunningJobTable", "dynamodb:GetItem VideoTable", "dynamodb:PutItem VideoTable",
			"dynamodb:Query VideoHistoryTable", "dynamodb:Query VideoTable/index/ownerId-createdAt-index", "dynamodb:Query VideoTable/index/ownerStatus-createdAt-index",
			"logs:CreateLogStream ApiLogs", "logs:PutLogEvents ApiLogs",
			"s3:AbortMultipartUpload SourceBucket/video/*", "s3:GetObject SourceBucket/video/*", "s3:ListBucket SourceBucket",
			"s3:ListMultipartUploadParts SourceBucket/video/*", "s3:PutObject SourceBucket/video/*",
			"sqs:SendMessage WorkQueue", "states:StartExecution PipelineStateMachine",
		},
		"VideoEventsRole": {
			"dynamodb:GetItem TrackingTable", "dynamodb:GetItem VideoTable", "dynamodb:PutItem VideoHistoryTable", "dynamodb:PutItem VideoTable",
			"dynamodb:Query VideoTable/index/s3key-index", "dynamodb:Query VideoTable/index/vodGuid-index",
			"logs:CreateLogStream VideoEventsLogs", "logs:PutLogEvents VideoEventsLogs",
			"sqs:DeleteMessage VideoEventsQueue", "sqs:GetQueueAttributes VideoEventsQueue", "sqs:ReceiveMessage VideoEventsQueue",
			"sqs:SendMessage UnknownVideosQueue", "sqs:SendMessage WorkQueue",
		},
		"SweepRole": {
			"cloudfront:CreateInvalidation cloudfront:distribution/Distribution",
			"dynamodb:BatchWriteItem VideoHistoryTable", "dynamodb:DeleteItem RunningJobTable", "dynamodb:DeleteItem TrackingTable", "dynamodb:GetItem TrackingTable", "dynamodb:GetItem VideoTable", "dynamodb:PutItem VideoTable",
			"dynamodb:Query VideoHistoryTable", "dynamodb:Query VideoTable/index/pendingWork-dueAt-index",
			"logs:CreateLogStream SweepLogs", "logs:PutLogEvents SweepLogs",
			"mediaconvert:CancelJob mediaconvert:jobs/*", "mediaconvert:GetJob mediaconvert:jobs/*",
			"s3:AbortMultipartUpload SourceBucket/video/*", "s3:DeleteObject DestinationBucket/*", "s3:DeleteObject SourceBucket/video/*", "s3:DeleteObjectVersion SourceBucket/video/*",
			"s3:GetObject SourceBucket/video/*", "s3:ListBucket DestinationBucket", "s3:ListBucket SourceBucket", "s3:ListBucketMultipartUploads SourceBucket", "s3:ListBucketVersions SourceBucket",
			"sqs:DeleteMessage WorkQueue", "sqs:GetQueueAttributes WorkQueue", "sqs:ReceiveMessage WorkQueue", "sqs:SendMessage SweepLostQueue", "sqs:SendMessage WorkQueue",
			"states:DescribeExecution states:execution:PipelineStateMachine:*", "states:StartExecution PipelineStateMachine",
		},
		"EncoderRole": {
			"s3:GetBucketLocation SourceBucket", "s3:GetObject SourceBucket/*", "s3:ListBucket SourceBucket", "s3:PutObject DestinationBucket/*",
		},
		"PipelineRole": {
			"lambda:InvokeFunction EncodeFunction", "lambda:InvokeFunction FailFunction", "lambda:InvokeFunction PlanFunction", "lambda:InvokeFunction PublishFunction",
			"logs:CreateLogDelivery *", "logs:DeleteLogDelivery *", "logs:DescribeLogGroups *", "logs:DescribeResourcePolicies *",
			"logs:GetLogDelivery *", "logs:ListLogDeliveries *", "logs:PutResourcePolicy *", "logs:UpdateLogDelivery *",
			"xray:GetSamplingRules *", "xray:GetSamplingTargets *", "xray:PutTelemetryRecords *", "xray:PutTraceSegments *",
		},
	}
	got := map[string][]string{}
	for _, s := range statements(with(t, byDefault).template) {
		got[s.role] = append(got[s.role], s.action+" "+s.resource)
	}
	for role := range got {
		sort.Strings(got[role])
		if !slices.Equal(got[role], want[role]) {
			t.Errorf("%s may\n  %s\nwant\n  %s", role, strings.Join(got[role], "\n  "), strings.Join(want[role], "\n  "))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d roles may do something, want %d", len(got), len(want))
	}
}

func TestAStarStandsOnlyWhereAnActionKnowsNoResources(t *testing.T) {
	// From AWS's service authorization reference: none of these needs a
	// resource; a search is for jobs, which it has no type for.
	forced := []string{"mediaconvert:Probe", "mediaconvert:SearchJobs"}
	for _, prefix := range []string{"xray:", "logs:"} {
		for _, s := range statements(with(t, byDefault).template) {
			if s.role == "PipelineRole" && strings.HasPrefix(s.action, prefix) {
				forced = append(forced, s.action)
			}
		}
	}
	for name, shape := range shapes {
		for _, s := range statements(with(t, shape).template) {
			if strings.Contains(s.action, "*") {
				t.Errorf("%s: %s may %s", name, s.role, s.action)
			}
			if s.resource == "*" && !slices.Contains(forced, s.action) {
				t.Errorf("%s: %s may %s on everything", name, s.role, s.action)
			}
		}
	}
}

func TestOnlyEncodeMayPassARoleAndOnlyTheEncodersToMediaConvert(t *testing.T) {
	var found int
	for _, s := range statements(with(t, full).template) {
		if s.action != "iam:PassRole" {
			continue
		}
		found++
		if s.role != "EncodeRole" || s.resource != "EncoderRole" {
			t.Errorf("%s may pass %s", s.role, s.resource)
		}
		if got := at(s.condition, "StringEquals/iam:PassedToService"); got != "mediaconvert.amazonaws.com" {
			t.Errorf("the role may be passed to %v", got)
		}
	}
	if found != 1 {
		t.Errorf("%d statements about PassRole, want 1", found)
	}
}

func TestJobsGoToTheConfiguredQueueOnly(t *testing.T) {
	const queue = "arn:aws:mediaconvert:eu-west-1:123456789012:queues/videos"
	var queues []string
	for _, s := range statements(with(t, full).template) {
		if s.action == "mediaconvert:CreateJob" && strings.Contains(s.resource, "queues/") {
			queues = append(queues, s.resource)
		}
	}
	if !slices.Equal(queues, []string{queue}) {
		t.Errorf("jobs may go to %v, want %s", queues, queue)
	}
	for name, shape := range shapes {
		tpl := with(t, shape).template
		named := short(at(tpl.the(t, "PlanFunction").Properties, "Environment/Variables/MEDIACONVERT_QUEUE_ARN"))
		if !slices.ContainsFunc(statements(tpl), func(s statement) bool {
			return s.role == "EncodeRole" && s.action == "mediaconvert:CreateJob" && s.resource == named
		}) {
			t.Errorf("%s: jobs name the queue %q, which they may not go to", name, named)
		}
	}
}

func TestMediaConvertMayUseItsRoleForJobsOfThisAccountOnly(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::IAM::Role") {
		trust := list(at(tpl.Resources[id].Properties, "AssumeRolePolicyDocument/Statement"))
		service := at(trust[0], "Principal/Service")
		if len(trust) != 1 || service == nil {
			t.Errorf("%s: trust is %s", id, asJSON(trust))
		}
		if service != "lambda.amazonaws.com" && asJSON(at(trust[0], "Condition/StringEquals/aws:SourceAccount")) != `{"Ref":"AWS::AccountId"}` {
			t.Errorf("%s: %s may use it for anyone", id, service)
		}
	}
}

func TestNoRoleHasAPolicyThatIsNotWrittenHere(t *testing.T) {
	tpl := with(t, full).template
	for _, id := range tpl.ofType("AWS::IAM::Role") {
		p := tpl.Resources[id].Properties
		if p["ManagedPolicyArns"] != nil || p["Policies"] != nil {
			t.Errorf("%s: %s %s", id, asJSON(p["ManagedPolicyArns"]), asJSON(p["Policies"]))
		}
	}
}

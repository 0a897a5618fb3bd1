//go:build !race

package vodstack

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A call is what the template has somebody do to a resource with a policy of
// its own. A service needs to be let in by that policy, a role of this account
// by either: its own permissions are looked up here, too.
type call struct {
	who    string // cloudwatch.amazonaws.com, or a role's logical id
	action string
	on     string // the resource, or what is in it
	from   string // the service's aws:SourceArn
}

func (c call) String() string {
	return fmt.Sprintf("%s may not %s on %s from %q", c.who, c.action, c.on, c.from)
}

// byService says whether a service calls, and not a role.
func (c call) byService() bool { return strings.HasSuffix(c.who, ".amazonaws.com") }

func TestEveryServiceThatTheTemplateCountsOnIsLetIn(t *testing.T) {
	for name, shape := range shapes {
		tpl := with(t, shape).template
		if got := len(calls(tpl)); got < 30 {
			t.Errorf("%s: only %d calls found", name, got)
		}
		for _, problem := range refusals(tpl) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// TestEveryStatementThatLetsAServiceInIsNeeded takes each statement out, one
// after the other: a service must then be shut out. So none is let in that has
// no business, and the test above notices when one is missing.
func TestEveryStatementThatLetsAServiceInIsNeeded(t *testing.T) {
	tpl := with(t, full).template
	var taken int
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		r := tpl.Resources[id]
		if r.Type == "AWS::Lambda::Permission" {
			less := template{Resources: maps.Clone(tpl.Resources)}
			delete(less.Resources, id)
			taken++
			if len(refusals(less)) == 0 {
				t.Errorf("without %s everything still works", id)
			}
			continue
		}
		if !slices.Contains(policyTypes, r.Type) {
			continue
		}
		for i, s := range policyOf(tpl, id) {
			if at(s, "Principal/Service") == nil {
				continue
			}
			taken++
			if len(refusals(without(t, tpl, id, i))) == 0 {
				t.Errorf("without statement %d of %s everything still works: %s", i, id, asJSON(s))
			}
		}
	}
	if taken < 15 {
		t.Errorf("only %d statements let a service in", taken)
	}
}

func TestAServiceIsLetInForThisAccountOnly(t *testing.T) {
	for name, shape := range shapes {
		tpl := with(t, shape).template
		for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
			if !slices.Contains(policyTypes, tpl.Resources[id].Type) {
				continue
			}
			for _, s := range policyOf(tpl, id) {
				if at(s, "Principal/Service") != nil && !strings.Contains(strings.ToLower(asJSON(at(s, "Condition"))), `"aws:source`) {
					t.Errorf("%s: %s lets %s in for anybody", name, id, at(s, "Principal/Service"))
				}
			}
		}
		for _, id := range tpl.ofType("AWS::Lambda::Permission") {
			if tpl.Resources[id].Properties["SourceArn"] == nil {
				t.Errorf("%s: %s lets a service in for anybody", name, id)
			}
		}
	}
}

// TestNothingHasTwoPolicies: the second replaces the first, whichever
// CloudFormation makes last.
func TestNothingHasTwoPolicies(t *testing.T) {
	for name, shape := range shapes {
		tpl := with(t, shape).template
		seen := map[string]string{}
		for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
			if !slices.Contains(policyTypes, tpl.Resources[id].Type) {
				continue
			}
			for _, guarded := range guardedBy(tpl.Resources[id]) {
				if other, ok := seen[guarded]; ok {
					t.Errorf("%s: %s has the policies %s and %s", name, guarded, other, id)
				}
				seen[guarded] = id
			}
		}
	}
}

// TestTheTopicsKeyIsThatOfTheAccountAndServicesPublishWithoutOne holds what
// newNotifications and newAlarmTopic say about keys.
func TestTheTopicsKeyIsThatOfTheAccountAndServicesPublishWithoutOne(t *testing.T) {
	tpl := with(t, full).template
	if got := tpl.the(t, "NotificationTopic").Properties["KmsMasterKeyId"]; got != "alias/aws/sns" {
		t.Errorf("the topic's key is %s", asJSON(got))
	}
	for _, c := range calls(tpl) {
		if c.action == "sns:Publish" && c.byService() == (c.on == "NotificationTopic") {
			t.Errorf("%s publishes to %s", c.who, c.on)
		}
	}
}

func TestADenialWinsOverEveryPermission(t *testing.T) {
	tpl := with(t, full).template
	policy := tpl.Resources[tpl.ofType("AWS::SNS::TopicPolicy")[0]].Properties
	insecure := list(at(policy, "PolicyDocument/Statement"))[0]
	topic := short(at(policy, "Topics/0"))
	everywhere := map[string]any{"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*"}
	for _, c := range []struct {
		statement any
		hits      bool
	}{{insecure, false}, {everywhere, true}} {
		if got := hits(c.statement, call{"cloudwatch.amazonaws.com", "sns:Publish", topic, "cloudwatch:alarm:a"}); got != c.hits {
			t.Errorf("%s hits: %v, want %v", asJSON(c.statement), got, c.hits)
		}
	}
}

// policyTypes are the resources that are a policy of another one.
var policyTypes = []string{"AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"}

// guardedBy are the resources that a policy is about.
func guardedBy(r awsResource) []string {
	var all []string
	for _, property := range []string{"Queues", "Topics", "Bucket"} {
		if r.Properties[property] == nil {
			continue
		}
		for _, one := range list(r.Properties[property]) {
			all = append(all, short(one))
		}
	}
	return all
}

// refusals are the calls that would be refused, and what else would keep them
// from working.
func refusals(tpl template) []string {
	guards := guards(tpl)
	own := map[string]bool{}
	for _, s := range statements(tpl) {
		own[s.role+" "+s.action+" "+s.resource] = true
	}
	var problems []string
	for _, c := range calls(tpl) {
		target, _, _ := strings.Cut(c.on, "/")
		allowed := !c.byService() && own[c.who+" "+c.action+" "+c.on]
		for _, s := range guards[target] {
			if !hits(s, c) {
				continue
			}
			if at(s, "Effect") == "Deny" {
				problems = append(problems, fmt.Sprintf("%s, which %s forbids", c, target))
			}
			allowed = allowed || at(s, "Effect") == "Allow"
		}
		if !allowed {
			problems = append(problems, c.String())
		}
		if c.byService() {
			problems = append(problems, keyProblems(tpl, target)...)
		}
	}
	return append(problems, logProblems(tpl)...)
}

// keyProblems: a service cannot use a key that AWS manages for the account, and
// no other is in this stack (SNS and SQS guides: key management).
func keyProblems(tpl template, target string) []string {
	for id, r := range tpl.Resources {
		if trimHash(id) == target && (r.Properties["KmsMasterKeyId"] != nil || strings.Contains(asJSON(r.Properties["BucketEncryption"]), "aws:kms")) {
			return []string{target + " is encrypted with a key that no service may use"}
		}
	}
	return nil
}

// guards are the statements about each resource that has a policy of its own.
func guards(tpl template) map[string][]any {
	all := map[string][]any{}
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		r := tpl.Resources[id]
		if slices.Contains(policyTypes, r.Type) {
			for _, guarded := range guardedBy(r) {
				all[guarded] = append(all[guarded], policyOf(tpl, id)...)
			}
		}
		if r.Type == "AWS::Lambda::Permission" {
			function := short(r.Properties["FunctionName"])
			all[function] = append(all[function], map[string]any{
				"Effect": "Allow", "Principal": map[string]any{"Service": r.Properties["Principal"]}, "Action": r.Properties["Action"],
				"Resource": function, "Condition": map[string]any{"ArnLike": map[string]any{"aws:SourceArn": r.Properties["SourceArn"]}},
			})
		}
	}
	return all
}

// calls are derived from the template: everything in it that one service
// hands to another.
func calls(tpl template) []call {
	var all []call
	for _, id := range slices.Sorted(maps.Keys(tpl.Resources)) {
		r := tpl.Resources[id]
		switch r.Type {
		case "AWS::CloudWatch::Alarm":
			for _, property := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
				if r.Properties[property] != nil {
					for _, action := range list(r.Properties[property]) {
						all = append(all, call{"cloudwatch.amazonaws.com", "sns:Publish", short(action), "cloudwatch:alarm:" + id})
					}
				}
			}
		case "AWS::Events::Rule":
			for _, target := range list(r.Properties["Targets"]) {
				all = append(all, given(tpl, "events.amazonaws.com", at(target, "Arn"), id))
				if lost := at(target, "DeadLetterConfig/Arn"); lost != nil {
					all = append(all, given(tpl, "events.amazonaws.com", lost, id))
				}
			}
		case "AWS::SNS::Subscription":
			topic := short(r.Properties["TopicArn"])
			if r.Properties["Protocol"] != "email" { // which wants no permission but the reader's
				all = append(all, given(tpl, "sns.amazonaws.com", r.Properties["Endpoint"], topic))
			}
			if lost := at(r.Properties, "RedrivePolicy/deadLetterTargetArn"); lost != nil {
				all = append(all, given(tpl, "sns.amazonaws.com", lost, topic))
			}
		case "AWS::ApiGatewayV2::Integration":
			api := "execute-api:" + short(r.Properties["ApiId"]) + "/$default/GET/videos"
			all = append(all, given(tpl, "apigateway.amazonaws.com", r.Properties["IntegrationUri"], api))
		case "AWS::S3::Bucket":
			if logs := at(r.Properties, "LoggingConfiguration"); logs != nil {
				object := short(at(logs, "DestinationBucketName")) + "/" + short(at(logs, "LogFilePrefix")) + "2026-01-01"
				all = append(all, call{"logging.s3.amazonaws.com", "s3:PutObject", object, id})
			}
		case "AWS::CloudFront::Distribution":
			for _, origin := range list(at(r.Properties, "DistributionConfig/Origins")) {
				bucket := short(at(origin, "DomainName"))
				all = append(all, call{"cloudfront.amazonaws.com", "s3:GetObject", bucket + "/g/a.m3u8", "cloudfront:distribution/" + id})
			}
		case "AWS::Lambda::EventInvokeConfig":
			role := roleOf(tpl, r.Properties["FunctionName"])
			all = append(all, call{role, "sqs:SendMessage", short(at(r.Properties, "DestinationConfig/OnFailure/Destination")), ""})
		case "AWS::Lambda::EventSourceMapping":
			role := roleOf(tpl, r.Properties["FunctionName"])
			for _, action := range []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} {
				all = append(all, call{role, action, short(r.Properties["EventSourceArn"]), ""})
			}
		}
	}
	for _, s := range statements(tpl) {
		if s.action == "sns:Publish" || s.action == "sqs:SendMessage" {
			all = append(all, call{s.role, s.action, s.resource, ""})
		}
	}
	return all
}

// given is a message or an invocation, by the type of what gets it.
func given(tpl template, who string, target any, from string) call {
	name := short(target)
	for id, r := range tpl.Resources {
		if trimHash(id) == name && r.Type == "AWS::Lambda::Function" {
			return call{who, "lambda:InvokeFunction", name, from}
		}
	}
	return call{who, "sqs:SendMessage", name, from}
}

func roleOf(tpl template, function any) string {
	for id, r := range tpl.Resources {
		if trimHash(id) == short(function) {
			return short(r.Properties["Role"])
		}
	}
	return "no role"
}

// logProblems are about logs that are delivered without a policy of ours.
//
// Step Functions delivers with its role's permissions (its guide: Logging in
// CloudWatch Logs); it and API Gateway write the log groups' policy by
// themselves, as the one who deploys, and one statement of it is about all
// groups under /aws/vendedlogs/. CloudFront delivers by access control list,
// which only buckets with that ownership have (its guide: Configure standard
// logging, legacy).
func logProblems(tpl template) []string {
	var problems []string
	vended := func(id string, group any) {
		for name, r := range tpl.Resources {
			if refersTo(group, name) && r.Type == "AWS::Logs::LogGroup" && strings.HasPrefix(short(r.Properties["LogGroupName"]), "/aws/vendedlogs/") {
				return
			}
		}
		problems = append(problems, fmt.Sprintf("%s logs to %s, whose name isn't one of /aws/vendedlogs/", id, asJSON(group)))
	}
	may := statements(tpl)
	for _, id := range tpl.ofType("AWS::StepFunctions::StateMachine") {
		p := tpl.Resources[id].Properties
		vended(id, at(p, "LoggingConfiguration/Destinations/0/CloudWatchLogsLogGroup/LogGroupArn"))
		for _, action := range []string{"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"} {
			if !slices.ContainsFunc(may, func(s statement) bool {
				return s.role == short(p["RoleArn"]) && s.action == action && s.resource == "*"
			}) {
				problems = append(problems, fmt.Sprintf("the role of %s may not %s", id, action))
			}
		}
	}
	for _, id := range tpl.ofType("AWS::ApiGatewayV2::Stage") {
		vended(id, at(tpl.Resources[id].Properties, "AccessLogSettings/DestinationArn"))
	}
	for _, id := range tpl.ofType("AWS::CloudFront::Distribution") {
		logs := at(tpl.Resources[id].Properties, "DistributionConfig/Logging")
		for name, r := range tpl.Resources {
			if r.Type == "AWS::S3::Bucket" && refersTo(logs, name) && at(r.Properties, "OwnershipControls/Rules/0/ObjectOwnership") != "BucketOwnerPreferred" {
				problems = append(problems, fmt.Sprintf("%s logs to %s, which has no access control lists", id, name))
			}
		}
	}
	return problems
}

// hits says whether a statement of a resource's policy is about a call.
func hits(s any, c call) bool {
	who := at(s, "Principal/Service")
	everybody := at(s, "Principal") == "*" || at(s, "Principal/AWS") == "*"
	if !everybody && who != c.who {
		return false
	}
	oneOf := func(patterns any, name string) bool {
		return slices.ContainsFunc(list(patterns), func(p any) bool { return globs(short(p), name) })
	}
	return oneOf(at(s, "Action"), c.action) && oneOf(at(s, "Resource"), c.on) && holds(at(s, "Condition"), c)
}

// holds evaluates a condition. What it doesn't know doesn't hold.
func holds(condition any, c call) bool {
	facts := map[string]string{"aws:securetransport": "true", "aws:sourceaccount": "AWS::AccountId", "aws:sourcearn": c.from}
	operators, _ := condition.(map[string]any)
	for operator, keys := range operators {
		for key, want := range keys.(map[string]any) {
			fact, known := facts[strings.ToLower(key)]
			switch {
			case !known || fact == "":
				return false
			case slices.Contains([]string{"StringEquals", "ArnEquals", "ArnLike", "Bool"}, operator) && globs(short(want), fact):
			default:
				return false
			}
		}
	}
	return true
}

// globs says whether a name is like a pattern with stars.
func globs(pattern, name string) bool {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("^(?i:" + quoted + ")$").MatchString(name)
}

// without is a template in which one policy has a statement less.
func without(t *testing.T, tpl template, id string, statement int) template {
	t.Helper()
	less := template{Resources: maps.Clone(tpl.Resources)}
	r := less.Resources[id]
	text, err := json.Marshal(r.Properties)
	if err != nil {
		t.Fatal(err)
	}
	r.Properties = nil
	if err := json.Unmarshal(text, &r.Properties); err != nil {
		t.Fatal(err)
	}
	document := at(r.Properties, "PolicyDocument").(map[string]any)
	document["Statement"] = slices.Delete(list(document["Statement"]), statement, statement+1)
	less.Resources[id] = r
	return less
}

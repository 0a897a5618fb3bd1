//go:build !race

package vodstack

import (
	"maps"
	"slices"
	"testing"
)

// pinnedIDs are the resources that hold something, or that other
// applications know by name. CloudFormation replaces a resource whose id
// changes: never change an id in this list, only add.
var pinnedIDs = map[string]string{
	"AccessLogsBucket":        "AWS::S3::Bucket",
	"DestinationBucket":       "AWS::S3::Bucket",
	"SourceBucket":            "AWS::S3::Bucket",
	"TrackingTable":           "AWS::DynamoDB::Table",
	"VideoTable":              "AWS::DynamoDB::Table",
	"VideoHistoryTable":       "AWS::DynamoDB::Table",
	"RunningJobTable":         "AWS::DynamoDB::Table",
	"NotificationTopic":       "AWS::SNS::Topic",
	"ResultQueue":             "AWS::SQS::Queue",
	"UndeliveredResultsQueue": "AWS::SQS::Queue",
	"IngestLostQueue":         "AWS::SQS::Queue",
	"JobStateLostQueue":       "AWS::SQS::Queue",
	"FailLostQueue":           "AWS::SQS::Queue",
	"SweepLostQueue":          "AWS::SQS::Queue",
	"UploadsQueue":            "AWS::SQS::Queue",
	"UploadsLostQueue":        "AWS::SQS::Queue",
	"VideoEventsQueue":        "AWS::SQS::Queue",
	"VideoEventsLostQueue":    "AWS::SQS::Queue",
	"WorkQueue":               "AWS::SQS::Queue",
	"WorkLostQueue":           "AWS::SQS::Queue",
	"UnknownVideosQueue":      "AWS::SQS::Queue",
	"HttpApi":                 "AWS::ApiGatewayV2::Api",
	"Distribution":            "AWS::CloudFront::Distribution",
	"PipelineStateMachine":    "AWS::StepFunctions::StateMachine",
}

// holding are the types whose loss loses data.
var holding = []string{"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue"}

func TestLogicalIDsOfStatefulResourcesNeverChange(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			resources := with(t, shape).template.Resources
			for id, kind := range pinnedIDs {
				if got := resources[id].Type; got != kind {
					t.Errorf("%s is %q, want %s", id, got, kind)
				}
			}
			for id, r := range resources {
				if slices.Contains(holding, r.Type) && pinnedIDs[id] == "" {
					t.Errorf("%s (%s) holds data, but isn't in the list of pinned ids", id, r.Type)
				}
			}
		})
	}
}

func TestProductionKeepsItsDataWhenTheStackIsDeleted(t *testing.T) {
	a := with(t, byDefault)
	for id, kind := range pinnedIDs {
		r := a.template.the(t, id)
		if slices.Contains(append(holding, "AWS::SNS::Topic"), kind) && (r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain") {
			t.Errorf("%s: deletion %q, replacement %q, want Retain", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
	for _, id := range a.template.ofType("AWS::DynamoDB::Table") {
		if at(a.template.the(t, id).Properties, "DeletionProtectionEnabled") != true {
			t.Errorf("%s isn't protected against deletion", id)
		}
	}
	if !terminationProtected(t, a) {
		t.Error("the stack isn't protected against deletion")
	}
}

func TestADevelopmentStackLeavesNothingBehind(t *testing.T) {
	a := with(t, locally)
	for _, id := range slices.Sorted(maps.Keys(a.template.Resources)) {
		if r := a.template.Resources[id]; r.DeletionPolicy == "Retain" || r.UpdateReplacePolicy == "Retain" {
			t.Errorf("%s (%s) would stay", id, r.Type)
		}
	}
	for _, id := range a.template.ofType("AWS::DynamoDB::Table") {
		if at(a.template.the(t, id).Properties, "DeletionProtectionEnabled") != false {
			t.Errorf("%s is protected against deletion", id)
		}
	}
	if terminationProtected(t, a) {
		t.Error("the stack is protected against deletion")
	}
}

func terminationProtected(t *testing.T, a assembly) bool {
	t.Helper()
	artifact := sections(t, a.folder+"/manifest.json")["artifacts"]["vod"]
	return at(artifact, "properties/terminationProtection") == true
}

func TestNothingHasAFixedNameThatWouldBeInTheWay(t *testing.T) {
	for id, r := range with(t, full).template.Resources {
		for _, property := range []string{"BucketName", "TableName", "TopicName", "QueueName", "FunctionName", "RoleName", "StateMachineName", "AlarmName", "DashboardName"} {
			if name, fixed := r.Properties[property].(string); fixed {
				t.Errorf("%s has %s %q", id, property, name)
			}
		}
	}
}

func TestTheOutputsAreTheContracts(t *testing.T) {
	want := map[string]string{
		"Source": "vod:Source", "Destination": "vod:Destination", "DynamoDBTable": "vod:DynamoDBTable",
		"SnsNotificationTopic": "vod:SnsNotificationTopic", "SnsTopicName": "vod:SnsTopic",
		"SqsUrl": "vod:SqsQueue", "SqsArn": "vod:SqsQueueArn", "CloudFront": "vod:CloudFront", "UUID": "vod:UUID",
		"VideoTable": "vod:VideoTable", "ApiUrl": "vod:ApiUrl",
	}
	tpl := with(t, byDefault).template
	if len(tpl.Outputs) != len(want) {
		t.Errorf("%d outputs, want %d", len(tpl.Outputs), len(want))
	}
	parameters := map[string]any{}
	for _, id := range tpl.ofType("AWS::SSM::Parameter") {
		p := tpl.Resources[id].Properties
		parameters[p["Name"].(string)] = p["Value"]
	}
	for name, export := range want {
		if got := tpl.Outputs[name].Export.Name; got != export {
			t.Errorf("output %s is exported as %q, want %q", name, got, export)
		}
		if got, want := asJSON(parameters["/vod/"+name]), asJSON(tpl.Outputs[name].Value); got != want {
			t.Errorf("parameter /vod/%s is %s, the output %s", name, got, want)
		}
	}
	for name, id := range map[string]string{"Source": "SourceBucket", "Destination": "DestinationBucket", "DynamoDBTable": "TrackingTable", "VideoTable": "VideoTable", "SnsNotificationTopic": "NotificationTopic", "SqsUrl": "ResultQueue"} {
		if got := asJSON(tpl.Outputs[name].Value); got != `{"Ref":"`+id+`"}` {
			t.Errorf("output %s is %s, want %s", name, got, id)
		}
	}
}

func TestTheDeliveryHostIsTheConfiguredOneWithoutAScheme(t *testing.T) {
	for shape, want := range map[string]string{
		"default": `{"Fn::GetAtt":["Distribution","DomainName"]}`,
		"local":   `"127.0.0.1:4569"`,
		"full":    `"media.example.com"`,
	} {
		tpl := with(t, shapes[shape]).template
		if got := asJSON(tpl.Outputs["CloudFront"].Value); got != want {
			t.Errorf("%s: output CloudFront is %s, want %s", shape, got, want)
		}
		if got := asJSON(at(tpl.the(t, "PlanFunction").Properties, "Environment/Variables/DELIVERY_HOST")); got != want {
			t.Errorf("%s: DELIVERY_HOST is %s, want %s", shape, got, want)
		}
	}
}

//go:build !race

package vodstack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTheSourceBucketTellsEventBridgeByItself(t *testing.T) {
	p := with(t, byDefault).template.the(t, "SourceBucket").Properties
	if at(p, "NotificationConfiguration/EventBridgeConfiguration/EventBridgeEnabled") != true {
		t.Error("no events")
	}
	if at(p, "VersioningConfiguration/Status") != "Enabled" {
		t.Error("no versions")
	}
	cors := at(p, "CorsConfiguration/CorsRules/0")
	if got := asJSON(at(cors, "AllowedMethods")); got != `["PUT","POST"]` {
		t.Errorf("browsers may %s", got)
	}
	if !strings.Contains(asJSON(at(cors, "ExposedHeaders")), `"ETag"`) {
		t.Error("a browser cannot complete a multipart upload: it may not read ETag")
	}
}

func TestSourcesMoveToTheArchiveByTheirTag(t *testing.T) {
	rules := at(with(t, byDefault).template.the(t, "SourceBucket").Properties, "LifecycleConfiguration/Rules").([]any)
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE"} {
		if !slices.ContainsFunc(rules, func(r any) bool {
			return at(r, "TagFilters/0/Key") == "vodstack:archive" && at(r, "TagFilters/0/Value") == class &&
				at(r, "Transitions/0/StorageClass") == class && at(r, "Transitions/0/TransitionInDays") == 1.0
		}) {
			t.Errorf("nothing moves to %s", class)
		}
	}
	for what, path := range map[string]string{"old versions stay": "NoncurrentVersionExpiration/NoncurrentDays", "unfinished uploads stay": "AbortIncompleteMultipartUpload/DaysAfterInitiation"} {
		if !slices.ContainsFunc(rules, func(r any) bool { return at(r, path) != nil }) {
			t.Error(what)
		}
	}
}

func TestEveryBucketIsPrivateEncryptedAndTLSOnly(t *testing.T) {
	tpl := with(t, full).template
	for _, id := range tpl.ofType("AWS::S3::Bucket") {
		p := tpl.Resources[id].Properties
		for _, setting := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if at(p, "PublicAccessBlockConfiguration/"+setting) != true {
				t.Errorf("%s: %s is off", id, setting)
			}
		}
		if at(p, "BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/SSEAlgorithm") != "AES256" {
			t.Errorf("%s isn't encrypted", id)
		}
		if !tlsOnly(tpl, "AWS::S3::BucketPolicy", "Bucket", id) {
			t.Errorf("%s takes requests without TLS", id)
		}
	}
}

func TestTopicAndQueuesAreEncryptedAndTLSOnly(t *testing.T) {
	tpl := with(t, full).template
	for _, id := range tpl.ofType("AWS::SQS::Queue") {
		if tpl.Resources[id].Properties["SqsManagedSseEnabled"] != true || !tlsOnly(tpl, "AWS::SQS::QueuePolicy", "Queues", id) {
			t.Errorf("%s isn't encrypted, or takes requests without TLS", id)
		}
	}
	for _, id := range tpl.ofType("AWS::SNS::Topic") {
		if !tlsOnly(tpl, "AWS::SNS::TopicPolicy", "Topics", id) {
			t.Errorf("%s takes requests without TLS", id)
		}
	}
	if key := short(tpl.the(t, "NotificationTopic").Properties["KmsMasterKeyId"]); !strings.HasSuffix(key, "alias/aws/sns") {
		t.Errorf("the topic's key is %q", key)
	}
}

func TestResultsThatAReaderFailsOnAreKept(t *testing.T) {
	p := with(t, byDefault).template.the(t, "ResultQueue").Properties
	if got := short(at(p, "RedrivePolicy/deadLetterTargetArn")); got != "UndeliveredResultsQueue" {
		t.Errorf("they go to %q", got)
	}
}

// tlsOnly says whether a policy denies requests to a resource that don't
// come over TLS.
func tlsOnly(tpl template, kind, property, id string) bool {
	return slices.ContainsFunc(tpl.ofType(kind), func(policy string) bool {
		return refersTo(tpl.Resources[policy].Properties[property], id) && slices.ContainsFunc(policyOf(tpl, policy), func(s any) bool {
			return at(s, "Effect") == "Deny" && fmt.Sprint(at(s, "Condition/Bool/aws:SecureTransport")) == "false"
		})
	})
}

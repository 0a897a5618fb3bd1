//go:build !race

package vodstack

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

func TestTheTopicsMessagesReachTheQueueAsTheyAreAndNoneIsLost(t *testing.T) {
	tpl := with(t, byDefault).template
	ids := tpl.ofType("AWS::SNS::Subscription")
	if len(ids) != 1 {
		t.Fatalf("subscriptions are %v", ids)
	}
	p := tpl.Resources[ids[0]].Properties
	if p["RawMessageDelivery"] != true || p["Protocol"] != "sqs" || short(p["Endpoint"]) != "VideoEventsQueue" || short(p["TopicArn"]) != "NotificationTopic" {
		t.Errorf("subscription is %s", asJSON(p))
	}
	if p["FilterPolicy"] != nil {
		t.Errorf("some messages are left out: %s", asJSON(p["FilterPolicy"]))
	}
	if got := short(at(p, "RedrivePolicy/deadLetterTargetArn")); got != "VideoEventsLostQueue" {
		t.Errorf("what SNS cannot deliver goes to %q", got)
	}
	for _, queue := range []string{"VideoEventsQueue", "VideoEventsLostQueue"} {
		if !maySend(tpl, "NotificationTopic", queue) {
			t.Errorf("the topic may not send to %s", queue)
		}
	}
}

// mappings are the queues that functions work off, with the most messages
// that one invocation gets, how often each is tried, and after how many seconds
// those come again that a killed process had in hand. Nobody waits for sweep,
// and its schedule finds rows whose work is due within a minute.
var mappings = map[string]struct {
	function                    string
	batch, tries, mostSecondsTo float64
}{
	"UploadsQueue":     {"IngestFunction", 10, 375, 60},
	"VideoEventsQueue": {"VideoEventsFunction", 10, 20, 60},
	"WorkQueue":        {"SweepFunction", 1, 5, 1800},
}

func TestUploadsAreBegunNoFasterThanStepFunctionsTakesThem(t *testing.T) {
	tpl := with(t, byDefault).template
	p := tpl.the(t, "UploadsMapping").Properties
	atOnce, ok := at(p, "ScalingConfig/MaximumConcurrency").(float64)
	if !ok || atOnce < 2 {
		t.Fatalf("the mapping is %s; Lambda's least MaximumConcurrency is 2", asJSON(p))
	}
	// The refill of most regions; a call of StartExecution takes 20 ms or more.
	const refill, callsASecond = 150, 50
	if rate := atOnce * callsASecond; rate > refill {
		t.Errorf("%v invocations at once make %v calls a second, more than %d", atOnce, rate, refill)
	}
}

func TestAnUploadOutlastsHoursInWhichNoExecutionStarts(t *testing.T) {
	p := with(t, byDefault).template.the(t, "UploadsQueue").Properties
	hidden, tries, kept := p["VisibilityTimeout"].(float64), at(p, "RedrivePolicy/maxReceiveCount").(float64), p["MessageRetentionPeriod"].(float64)
	if hours := tries * hidden / 3600; hours < 4 || hours > 8 {
		t.Errorf("an upload that cannot start is lost after %.1f hours", hours)
	}
	if kept != 14*24*3600 {
		t.Errorf("it is kept %v s", kept)
	}
}

func TestAMessageThatFailsDoesNotBringBackTheOthers(t *testing.T) {
	tpl := with(t, byDefault).template
	ids := tpl.ofType("AWS::Lambda::EventSourceMapping")
	if len(ids) != len(mappings) {
		t.Fatalf("mappings are %v", ids)
	}
	for _, id := range ids {
		p := tpl.Resources[id].Properties
		want := mappings[short(p["EventSourceArn"])]
		if short(p["FunctionName"]) != want.function || p["BatchSize"] != want.batch {
			t.Errorf("%s is %s", id, asJSON(p))
		}
		if asJSON(p["FunctionResponseTypes"]) != `["ReportBatchItemFailures"]` {
			t.Errorf("%s reports %s", id, asJSON(p["FunctionResponseTypes"]))
		}
	}
}

func TestAMessageIsHiddenSixTimesAsLongAsItsFunctionMayRunAndNoLongerThanSomebodyWaits(t *testing.T) {
	tpl := with(t, byDefault).template
	for queue, mapping := range mappings {
		p := tpl.the(t, queue).Properties
		limit := tpl.the(t, mapping.function).Properties["Timeout"].(float64)
		if hidden, _ := p["VisibilityTimeout"].(float64); hidden < 6*limit {
			t.Errorf("%s hides a message %v s, but %s may run %v s", queue, hidden, mapping.function, limit)
		} else if hidden > mapping.mostSecondsTo {
			t.Errorf("what a killed %s had in hand comes again after %v s, want %v at most", mapping.function, hidden, mapping.mostSecondsTo)
		}
		lost := strings.TrimSuffix(queue, "Queue") + "LostQueue"
		if short(at(p, "RedrivePolicy/deadLetterTargetArn")) != lost || at(p, "RedrivePolicy/maxReceiveCount") != mapping.tries {
			t.Errorf("%s: %s", queue, asJSON(p["RedrivePolicy"]))
		}
	}
}

func TestTheAPIAnswersBeforeTheGatewayGivesUp(t *testing.T) {
	if got := with(t, byDefault).template.the(t, "ApiFunction").Properties["Timeout"].(float64); got >= 30 {
		t.Errorf("the function may run %v s; HTTP APIs wait 30", got)
	}
}

// anIndex is an index as the test below names it: partition key, sort key,
// what it has beside the keys.
type anIndex struct{ partition, sort, has string }

func TestTheVideoTableHasTheIndexesThatTheCodeAsksFor(t *testing.T) {
	p := with(t, byDefault).template.the(t, "VideoTable").Properties
	got := map[string]anIndex{}
	for _, index := range p["GlobalSecondaryIndexes"].([]any) {
		has := at(index, "Projection/ProjectionType").(string)
		if fields := at(index, "Projection/NonKeyAttributes"); fields != nil {
			has = asJSON(fields)
			if n := len(list(fields)); n > 20 {
				t.Errorf("%d fields in %v; DynamoDB takes 20", n, at(index, "IndexName"))
			}
		}
		sort, _ := at(index, "KeySchema/1/AttributeName").(string)
		got[at(index, "IndexName").(string)] = anIndex{at(index, "KeySchema/0/AttributeName").(string), sort, has}
	}
	listed := asJSON(contract.RowListed)
	want := map[string]anIndex{
		contract.IndexKey:         {"s3key", "", "KEYS_ONLY"},
		contract.IndexGUID:        {"vodGuid", "", "KEYS_ONLY"},
		contract.IndexOwner:       {"ownerId", "createdAt", listed},
		contract.IndexOwnerStatus: {"ownerStatus", "createdAt", listed},
		contract.IndexWork:        {"pendingWork", "dueAt", "KEYS_ONLY"},
	}
	for name, index := range want {
		if got[name] != index {
			t.Errorf("%s is %v, want %v", name, got[name], index)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d indexes, want %d", len(got), len(want))
	}
}

func TestTombstonesAndRunningJobsGoByThemselves(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range []string{"VideoTable", "RunningJobTable"} {
		if got, want := asJSON(tpl.the(t, id).Properties["TimeToLiveSpecification"]), `{"AttributeName":"expireAt","Enabled":true}`; got != want {
			t.Errorf("time to live of %s is %s, want %s", id, got, want)
		}
	}
	for _, id := range []string{"TrackingTable", "VideoHistoryTable"} {
		if got := tpl.the(t, id).Properties["TimeToLiveSpecification"]; got != nil {
			t.Errorf("items of %s go by themselves: %s", id, asJSON(got))
		}
	}
}

func TestTheHistoryOfAVideoIsOneQueryInOrder(t *testing.T) {
	p := with(t, byDefault).template.the(t, "VideoHistoryTable").Properties
	want := `[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}]`
	if got := asJSON(p["KeySchema"]); got != want {
		t.Errorf("keys are %s, want %s", got, want)
	}
}

func TestTablesCanBeTakenBackToAnySecond(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::DynamoDB::Table") {
		p := tpl.Resources[id].Properties
		if at(p, "PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled") != true || p["BillingMode"] != "PAY_PER_REQUEST" {
			t.Errorf("%s is %s", id, asJSON(p))
		}
	}
}

func TestTheAPIReachesSourcesOfItsOwnOnlyAndNoOutputs(t *testing.T) {
	for name, shape := range shapes {
		for _, s := range statements(with(t, shape).template) {
			if s.role != "ApiRole" || !strings.HasPrefix(s.action, "s3:") || s.resource == "SourceBucket" && s.action == "s3:ListBucket" {
				continue
			}
			if s.resource != "SourceBucket/video/*" {
				t.Errorf("%s: the API may %s on %s", name, s.action, s.resource)
			}
		}
	}
}

// What is remembered of a running job is no data of a video.
func TestOnlySweepMayDelete(t *testing.T) {
	deletes := []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
	for name, shape := range shapes {
		for _, s := range statements(with(t, shape).template) {
			if slices.Contains(deletes, s.action) && s.role != "SweepRole" && s.resource != "RunningJobTable" {
				t.Errorf("%s: %s may %s on %s", name, s.role, s.action, s.resource)
			}
			if s.role == "SweepRole" && strings.HasPrefix(s.resource, "SourceBucket/") && s.resource != "SourceBucket/video/*" {
				t.Errorf("%s: sweep may %s on %s", name, s.action, s.resource)
			}
			if s.role == "SweepRole" && strings.Contains(s.action, "Delete") && s.resource == "VideoTable" {
				t.Errorf("%s: sweep may %s on %s, which keeps a tombstone", name, s.action, s.resource)
			}
		}
	}
}

func TestNobodyScansATable(t *testing.T) {
	for _, s := range statements(with(t, byDefault).template) {
		if s.action == "dynamodb:Scan" {
			t.Errorf("%s may scan %s", s.role, s.resource)
		}
	}
}

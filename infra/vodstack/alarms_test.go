//go:build !race

package vodstack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestEveryQueueWhereNothingShouldBeHasAnAlarm(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::SQS::Queue") {
		if slices.Contains([]string{"ResultQueue", "UploadsQueue", "VideoEventsQueue", "WorkQueue"}, id) {
			continue
		}
		if !watched(tpl, "ApproximateNumberOfMessagesVisible", id) {
			t.Errorf("nobody is told that %s isn't empty", id)
		}
	}
	if !watched(tpl, "ApproximateAgeOfOldestMessage", "ResultQueue") {
		t.Error("nobody is told that the result queue isn't read")
	}
	if !watched(tpl, "ApproximateAgeOfOldestMessage", "UploadsQueue") {
		t.Error("no alarm says that uploads wait")
	}
	if !watched(tpl, "ApproximateAgeOfOldestMessage", "VideoEventsQueue") {
		t.Error("nobody is told that the video table lags behind")
	}
}

func TestEveryFunctionHasAlarmsForErrorsAndThrottles(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::Lambda::Function") {
		for _, metric := range []string{"Errors", "Throttles"} {
			// fail ends each failed execution with an error of its own.
			if watched(tpl, metric, id) == (id == "FailFunction" && metric == "Errors") {
				t.Errorf("an alarm on %s of %s: %v", metric, id, watched(tpl, metric, id))
			}
		}
	}
}

// TestWhatAFunctionLogsAsAnAlarmIsOne follows the way of a line from its log
// group through the metric to the alarm.
func TestWhatAFunctionLogsAsAnAlarmIsOne(t *testing.T) {
	tpl := with(t, byDefault).template
	for name, groups := range map[string][]string{"EncoderDenied": {"EncodeLogs", "FailLogs"}} {
		alarm := tpl.the(t, name+"Alarm").Properties
		if alarm["Statistic"] != "Sum" || alarm["Threshold"] != 0.0 || alarm["ComparisonOperator"] != "GreaterThanThreshold" {
			t.Errorf("%s: %s", name, asJSON(alarm))
		}
		var filtered []string
		for _, id := range tpl.ofType("AWS::Logs::MetricFilter") {
			p := tpl.Resources[id].Properties
			to := at(p, "MetricTransformations/0")
			if p["FilterPattern"] != `{ $.alarm = "`+name+`" }` {
				continue
			}
			filtered = append(filtered, short(p["LogGroupName"]))
			if at(to, "MetricNamespace") != alarm["Namespace"] || at(to, "MetricName") != alarm["MetricName"] || at(to, "MetricValue") != "1" {
				t.Errorf("%s counts in %s, and the alarm looks at %s %s", id, asJSON(to), alarm["Namespace"], alarm["MetricName"])
			}
		}
		if !slices.Equal(filtered, groups) {
			t.Errorf("%s is looked for in %v, want %v", name, filtered, groups)
		}
	}
}

func TestFailedAndLateVideosHaveAlarms(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, metric := range []string{"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionTime"} {
		if !watched(tpl, metric, "PipelineStateMachine") {
			t.Errorf("nobody is told of %s", metric)
		}
	}
	if got := tpl.the(t, "VideoLateAlarm").Properties["Threshold"]; got != 120.0*60*1000 {
		t.Errorf("a video is late after %v ms, want two hours", got)
	}
}

func TestAnUnreadResultQueueMayBeIntended(t *testing.T) {
	tpl := with(t, map[string]any{"resultQueueAgeMinutes": "0"}).template
	if watched(tpl, "ApproximateAgeOfOldestMessage", "ResultQueue") {
		t.Error("there is an alarm for a queue that nobody reads")
	}
}

func TestVideosThatTheAPIDidNotCreateMayBeIntended(t *testing.T) {
	tpl := with(t, map[string]any{"unknownVideosAlarm": "false"}).template
	if watched(tpl, "ApproximateNumberOfMessagesVisible", "UnknownVideosQueue") {
		t.Error("there is an alarm for unknown videos, though nobody wants one")
	}
}

func TestAnAPIThatFailsHasAnAlarm(t *testing.T) {
	if !watched(with(t, byDefault).template, "5xx", "HttpApi") {
		t.Error("nobody is told that the API fails")
	}
}

func TestAlarmsTellTheAlarmAddressAndNobodyElse(t *testing.T) {
	tpl := with(t, full).template
	var topics []string
	for _, id := range tpl.ofType("AWS::SNS::Subscription") {
		p := tpl.Resources[id].Properties
		topics = append(topics, short(p["Endpoint"])+" "+short(p["TopicArn"]))
	}
	slices.Sort(topics)
	if want := []string{"VideoEventsQueue NotificationTopic", "admin@example.com NotificationTopic", "alarm@example.com Alarms"}; !slices.Equal(topics, want) {
		t.Errorf("subscriptions are %v, want %v", topics, want)
	}
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		if got := short(at(tpl.Resources[id].Properties, "AlarmActions/0")); got != "Alarms" {
			t.Errorf("%s tells %q", id, got)
		}
	}
	for _, id := range with(t, byDefault).template.ofType("AWS::CloudWatch::Alarm") {
		if at(with(t, byDefault).template.Resources[id].Properties, "AlarmActions") != nil {
			t.Errorf("%s tells someone, though no address is set", id)
		}
	}
}

func TestSilenceIsNoAlarmAndNoAlarmNeedsMetricMath(t *testing.T) {
	tpl := with(t, byDefault).template
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		p := tpl.Resources[id].Properties
		if p["TreatMissingData"] != "notBreaching" || p["Metrics"] != nil {
			t.Errorf("%s: %s", id, asJSON(p))
		}
		if about, _ := p["AlarmDescription"].(string); len(about) < 20 {
			t.Errorf("%s says %q", id, about)
		}
	}
}

func TestTheDashboardShowsAlarmsVideosFunctionsAndDelivery(t *testing.T) {
	tpl := with(t, byDefault).template
	ids := tpl.ofType("AWS::CloudWatch::Dashboard")
	if len(ids) != 1 {
		t.Fatalf("dashboards: %v", ids)
	}
	body := short(tpl.Resources[ids[0]].Properties["DashboardBody"])
	if !json.Valid([]byte(strings.ReplaceAll(body, "\n", ""))) {
		t.Errorf("the dashboard isn't JSON: %s", body)
	}
	for _, what := range []string{`"Alarms"`, "ExecutionsSucceeded", "AWS/Lambda", "AWS/CloudFront", "AWS/ApiGateway", "AWS/SQS"} {
		if !strings.Contains(body, what) {
			t.Errorf("the dashboard doesn't show %s", what)
		}
	}
}

// watched says whether an alarm looks at a metric of a resource.
func watched(tpl template, metric, id string) bool {
	return slices.ContainsFunc(tpl.ofType("AWS::CloudWatch::Alarm"), func(alarm string) bool {
		p := tpl.Resources[alarm].Properties
		return p["MetricName"] == metric && refersTo(p["Dimensions"], id)
	})
}

//go:build !race

package vodstack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// A metric is one that an alarm or the dashboard asks for. CloudWatch refuses
// no name: what it doesn't know has no data, for ever.
type metric struct {
	namespace, name string
	dimensions      string // their names, sorted
	statistic       string
}

// A publication is metrics that a service publishes, with the statistics that
// make sense of them and where it says so.
type publication struct {
	namespace, dimensions string
	names, statistics     []string
	source                string
}

var published = []publication{
	{"AWS/ApiGateway", "ApiId", []string{"4xx", "5xx", "Count"}, []string{"Sum"},
		"API Gateway: Monitor CloudWatch metrics for HTTP APIs (http-api-metrics); a REST API's are called 4XXError and 5XXError"},
	{"AWS/ApiGateway", "ApiId", []string{"Latency", "IntegrationLatency"}, []string{"p50", "p99"},
		"API Gateway: Monitor CloudWatch metrics for HTTP APIs (http-api-metrics)"},
	{"AWS/SQS", "QueueName", []string{"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}, []string{"Maximum"},
		"SQS: Available CloudWatch metrics for Amazon SQS (sqs-available-cloudwatch-metrics)"},
	{"AWS/Lambda", "FunctionName", []string{"Errors", "Throttles"}, []string{"Sum"},
		"Lambda: Types of metrics for Lambda functions, invocation metrics (monitoring-metrics-types)"},
	{"AWS/Lambda", "FunctionName", []string{"Duration"}, []string{"p99"},
		"Lambda: Types of metrics for Lambda functions, performance metrics (monitoring-metrics-types)"},
	{"AWS/States", "StateMachineArn", []string{"ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}, []string{"Sum"},
		"Step Functions: Execution metrics (procedure-cw-metrics)"},
	{"AWS/States", "StateMachineArn", []string{"ExecutionTime"}, []string{"Maximum", "p50", "p99"},
		"Step Functions: Execution metrics (procedure-cw-metrics); in milliseconds"},
	{"AWS/CloudFront", "DistributionId,Region", []string{"Requests", "BytesDownloaded"}, []string{"Sum"},
		"CloudFront: Values for the metrics (programming-cloudwatch-metrics); Region is Global, and they are in us-east-1"},
	{"AWS/CloudFront", "DistributionId,Region", []string{"4xxErrorRate", "5xxErrorRate"}, []string{"Average"},
		"CloudFront: Values for the metrics (programming-cloudwatch-metrics); in percent"},
	{"vodstack/vod", "", []string{"EncoderDenied"}, []string{"Sum"},
		"this template's metric filters, which TestWhatAFunctionLogsAsAnAlarmIsOne follows"},
}

func TestEveryMetricOfAlarmsAndDashboardIsPublishedBySomeone(t *testing.T) {
	for name, shape := range shapes {
		tpl := with(t, shape).template
		asked := append(alarmMetrics(tpl), dashboardMetrics(t, tpl)...)
		if len(asked) < 60 {
			t.Errorf("%s: only %d metrics found", name, len(asked))
		}
		for _, m := range asked {
			if !slices.ContainsFunc(published, func(p publication) bool {
				return p.namespace == m.namespace && p.dimensions == m.dimensions && slices.Contains(p.names, m.name) && slices.Contains(p.statistics, m.statistic)
			}) {
				t.Errorf("%s: no service publishes %+v", name, m)
			}
		}
	}
}

func alarmMetrics(tpl template) []metric {
	var all []metric
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		p := tpl.Resources[id].Properties
		var dimensions []string
		if p["Dimensions"] != nil {
			for _, d := range list(p["Dimensions"]) {
				dimensions = append(dimensions, at(d, "Name").(string))
			}
		}
		statistic, _ := p["Statistic"].(string)
		if statistic == "" {
			statistic, _ = p["ExtendedStatistic"].(string)
		}
		all = append(all, newMetric(short(p["Namespace"]), p["MetricName"].(string), dimensions, statistic))
	}
	return all
}

// dashboardMetrics reads the widgets: [namespace, name, dimension, value, …,
// {stat}].
func dashboardMetrics(t *testing.T, tpl template) []metric {
	t.Helper()
	body := short(tpl.Resources[tpl.ofType("AWS::CloudWatch::Dashboard")[0]].Properties["DashboardBody"])
	var dashboard struct {
		Widgets []struct {
			Properties struct{ Metrics [][]any }
		}
	}
	if err := json.Unmarshal([]byte(body), &dashboard); err != nil {
		t.Fatal(err)
	}
	var all []metric
	for _, widget := range dashboard.Widgets {
		for _, line := range widget.Properties.Metrics {
			options, _ := line[len(line)-1].(map[string]any)
			var dimensions []string
			for i := 2; i < len(line)-1; i += 2 {
				dimensions = append(dimensions, line[i].(string))
			}
			statistic, _ := options["stat"].(string)
			if statistic == "" {
				statistic = "Average" // CloudWatch's default
			}
			all = append(all, newMetric(line[0].(string), line[1].(string), dimensions, statistic))
		}
	}
	return all
}

func newMetric(namespace, name string, dimensions []string, statistic string) metric {
	slices.Sort(dimensions)
	return metric{namespace, name, strings.Join(dimensions, ","), statistic}
}

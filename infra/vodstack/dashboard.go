package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// newDashboard shows, from top to bottom: is anything wrong, how many videos
// and how long, how the API and the functions do, what is delivered.
func newDashboard(stack awscdk.Stack, r resources, run functions, rest api, watch *alarms) {
	p, cdn := r.pipeline, r.cdn
	awscloudwatch.NewDashboard(stack, new("Dashboard"), &awscloudwatch.DashboardProps{
		DefaultInterval: days(7),
		Widgets: &[]*[]awscloudwatch.IWidget{
			{awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
				Title: new("Alarms"), Alarms: &watch.all, Width: jsii.Number(24), Height: jsii.Number(5),
			})},
			{
				graph("Videos", p.machine.MetricStarted(over(60, "Sum")), p.machine.MetricSucceeded(over(60, "Sum")), p.machine.MetricFailed(over(60, "Sum"))),
				graph("From upload to publication (ms)", p.machine.MetricTime(over(60, "p50")), p.machine.MetricTime(over(60, "p99"))),
			},
			{
				graph("API: requests", rest.metric("Count", "Sum", 60), rest.metric("4xx", "Sum", 60), rest.metric("5xx", "Sum", 60)),
				graph("API: latency (ms)", rest.metric("Latency", "p50", 60), rest.metric("Latency", "p99", 60)),
				graph("Messages waiting", waiting(r.queues.uploads.queue), waiting(r.queues.events.queue), waiting(r.queues.work.queue), waiting(r.queues.unknown)),
			},
			{
				graph("Function errors", functionMetrics(run, "errors")...),
				graph("Function duration, p99 (ms)", functionMetrics(run, "duration")...),
			},
			{
				graph("Delivery: requests", cloudFront(cdn, "Requests", "Sum")),
				graph("Delivery: bytes", cloudFront(cdn, "BytesDownloaded", "Sum")),
				graph("Delivery: errors (%)", cloudFront(cdn, "4xxErrorRate", "Average"), cloudFront(cdn, "5xxErrorRate", "Average")),
			},
		},
	})
}

func waiting(queue awssqs.Queue) awscloudwatch.IMetric {
	return queue.MetricApproximateNumberOfMessagesVisible(over(60, "Maximum"))
}

func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: new(title), Left: &metrics, Width: jsii.Number(8), Height: jsii.Number(6),
	})
}

func functionMetrics(run functions, which string) []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, f := range run.all() {
		options := over(60, "Sum")
		options.Label = new(f.name)
		if which == "errors" {
			metrics = append(metrics, f.lambda.MetricErrors(options))
			continue
		}
		options.Statistic = new("p99")
		metrics = append(metrics, f.lambda.MetricDuration(options))
	}
	return metrics
}

// cloudFront is a metric of the distribution. They are all kept in
// us-east-1, wherever the stack is.
func cloudFront(cdn delivery, name, statistic string) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     new("AWS/CloudFront"),
		MetricName:    new(name),
		Statistic:     new(statistic),
		Period:        minutes(60),
		Region:        new("us-east-1"),
		DimensionsMap: &map[string]*string{"DistributionId": cdn.distribution.DistributionId(), "Region": new("Global")},
	})
}

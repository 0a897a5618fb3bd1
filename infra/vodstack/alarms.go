package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// alarms tell an operator that a video was lost or is late, and nothing
// else.
type alarms struct {
	stack  awscdk.Stack
	action awscloudwatch.IAlarmAction // nil when nobody is to be told
	all    []interfacesawscloudwatch.IAlarmRef
}

func newAlarms(stack awscdk.Stack, cfg config.Config, r resources, run functions, feeds []feed, rest api) *alarms {
	a := &alarms{stack: stack}
	if cfg.AlarmEmail != "" {
		a.action = awscloudwatchactions.NewSnsAction(newAlarmTopic(stack, cfg))
	}
	for _, f := range feeds {
		a.notEmpty(exported(f.to.name)+"LostAlarm", f.lost, "Events that never reached "+f.to.name+", or that it failed on, are waiting in its lost queue.")
	}
	a.notEmpty("UndeliveredResultsAlarm", r.news.undelivered, "A reader of the result queue failed on a message five times.")
	if cfg.ResultQueueAgeMinutes > 0 {
		a.above("ResultQueueAgeAlarm", r.news.results.MetricApproximateAgeOfOldestMessage(over(5, "Maximum")), 60*cfg.ResultQueueAgeMinutes,
			"Nobody has read the result queue for a while (resultQueueAgeMinutes).")
	}
	a.pipeline(cfg, r.pipeline)
	a.logged(cfg, "EncoderDenied", "MediaConvert denied a look at a job, or its end; the log of the function says which. The job runs on.", run.encode, run.fail)
	a.integration(cfg, r.queues, rest)
	for _, f := range run.all() {
		id := exported(f.name)
		// fail ends the execution of each failed video with an error of its own;
		// what it could not announce is in VideosFailedAlarm and its lost queue.
		if f.name != "fail" {
			a.above(id+"ErrorsAlarm", f.lambda.MetricErrors(over(5, "Sum")), 0, "Function "+f.name+" failed; its log says why.")
		}
		a.above(id+"ThrottlesAlarm", f.lambda.MetricThrottles(over(5, "Sum")), 0, "Function "+f.name+" was throttled: the account's concurrency is used up.")
	}
	return a
}

// pipeline watches executions. One that never ends needs no alarm of its
// own: at its deadline it is cancelled, and fails.
func (a *alarms) pipeline(cfg config.Config, p pipeline) {
	a.above("VideosFailedAlarm", p.machine.MetricFailed(over(5, "Sum")), 0, "A video ended in Error; its record and message say why.")
	a.above("VideosTimedOutAlarm", p.machine.MetricTimedOut(over(5, "Sum")), 0, "An execution timed out.")
	a.above("VideosAbortedAlarm", p.machine.MetricAborted(over(5, "Sum")), 0, "An execution was stopped by hand.")
	// ExecutionTime is in milliseconds.
	a.above("VideoLateAlarm", p.machine.MetricTime(over(5, "Maximum")), 60_000*cfg.LateVideoMinutes, "A video took longer than lateVideoMinutes from upload to publication.")
}

// logged goes off when one of the functions logs a JSON line with this name in
// its field alarm: for what an operator has to repair, and no video fails of.
func (a *alarms) logged(cfg config.Config, name, about string, by ...function) {
	namespace := "vodstack/" + cfg.StackName
	for _, f := range by {
		awslogs.NewCfnMetricFilter(a.stack, new(exported(f.name)+name+"Filter"), &awslogs.CfnMetricFilterProps{
			LogGroupName:  f.logs.LogGroupName(),
			FilterPattern: new(`{ $.alarm = "` + name + `" }`),
			MetricTransformations: []any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
				MetricNamespace: new(namespace), MetricName: new(name), MetricValue: new("1"),
			}},
		})
	}
	a.above(name+"Alarm", awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: new(namespace), MetricName: new(name), Statistic: new("Sum"), Period: minutes(5),
	}), 0, about)
}

// notEmpty goes off when anything is in a queue where nothing should be.
func (a *alarms) notEmpty(id string, queue awssqs.Queue, about string) {
	a.above(id, queue.MetricApproximateNumberOfMessagesVisible(over(5, "Maximum")), 0, about)
}

// above goes off when a metric is greater than a limit. No data means that
// nothing happened, which is fine.
func (a *alarms) above(id string, metric awscloudwatch.Metric, limit int, about string) {
	alarm := awscloudwatch.NewAlarm(a.stack, new(id), &awscloudwatch.AlarmProps{
		AlarmDescription:   new(about),
		Metric:             metric,
		Threshold:          jsii.Number(limit),
		EvaluationPeriods:  jsii.Number(1),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	pinned(alarm, id)
	if a.action != nil {
		alarm.AddAlarmAction(a.action)
	}
	a.all = append(a.all, alarm)
}

// newAlarmTopic is apart from the videos' topic, whose subscribers expect
// messages about videos. It isn't encrypted: CloudWatch cannot publish with
// the account's own SNS key, and its messages have nothing of a video.
//
// EnforceSSL brings a policy, which replaces the one that SNS gives a topic
// by default; so CloudWatch has to be let in (CloudWatch's guide, "Notifying
// users on alarm changes": alarm-sns-access-policy).
func newAlarmTopic(stack awscdk.Stack, cfg config.Config) awssns.Topic {
	topic := awssns.NewTopic(stack, new("Alarms"), &awssns.TopicProps{
		DisplayName: new(cfg.StackName + " alarms"),
		EnforceSSL:  new(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(new("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
	}))
	mail(stack, "AlarmEmail", topic, cfg.AlarmEmail)
	return topic
}

// over is how a metric is read: one number for so many minutes.
func over(m int, statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Period: minutes(m), Statistic: new(statistic)}
}

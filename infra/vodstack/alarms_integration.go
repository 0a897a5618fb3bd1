package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/vodstack/vodstack/infra/config"
)

// integration watches what keeps the video table right, and the API. A slow
// API has no alarm: what is too slow fails, and that has one.
func (a *alarms) integration(cfg config.Config, q integration, rest api) {
	if cfg.UnknownVideosAlarm {
		a.notEmpty("UnknownVideosAlarm", q.unknown, "A message was about a video that the API didn't create, or nobody could read it (unknownVideosAlarm).")
	}
	a.notEmpty("UploadsLostAlarm", q.uploads.lost, "Uploads that ingest failed on for five hours, or could not read, are waiting in its lost queue.")
	// 100,000 uploads at once are begun within half an hour.
	a.above("UploadsLateAlarm", q.uploads.queue.MetricApproximateAgeOfOldestMessage(over(5, "Maximum")), 40*60,
		"Uploads have been waiting for their execution to start for forty minutes; the log of ingest says why.")
	a.notEmpty("VideoEventsLostAlarm", q.events.lost, "Messages that never reached the video table are waiting in its lost queue.")
	a.notEmpty("WorkLostAlarm", q.work.lost, "Work about a video that sweep failed on five times; it tries again by itself every minute.")
	// A message that fails is tried for a quarter of an hour before it is lost.
	a.above("VideoEventsLateAlarm", q.events.queue.MetricApproximateAgeOfOldestMessage(over(5, "Maximum")), 20*60,
		"Messages have been waiting for the video table for twenty minutes.")
	a.above("HttpApiErrorsAlarm", rest.metric("5xx", "Sum", 5), 5, "The API failed on more than five requests in five minutes; its function's log says why.")
}

// metric is one of the API's, over so many minutes.
func (r api) metric(name, statistic string, m int) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     new("AWS/ApiGateway"),
		MetricName:    new(name),
		Statistic:     new(statistic),
		Period:        minutes(m),
		DimensionsMap: &map[string]*string{"ApiId": r.gateway.Ref()},
	})
}

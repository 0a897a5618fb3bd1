package config

import (
	"slices"

	"github.com/vodstack/vodstack/internal/encoding"
)

// A key is one name that can be set in cdk.json or with -c. The list below
// is the only one: the parser, the error messages and
// docs/configuration.md are made from it.
type key struct {
	name     string
	fallback string // as one would type it; empty means not set
	allowed  string // for people: what may stand here
	about    string // one sentence for the documentation
	set      func(c *Config, v value) error
}

// keys lists every key in the order of the documentation.
var keys = slices.Concat(stackKeys, pipelineKeys, retentionKeys, deliveryKeys, apiKeys, alarmKeys)

var stackKeys = []key{
	{"stage", "prod", "prod, dev or local", "What the stack is for. `prod` keeps buckets and table when the stack is deleted, and protects both; `dev` and `local` delete them.",
		func(c *Config, v value) error { return oneOf(&c.Stage, v, Prod, Dev, Local) }},
	{"stackName", "vod", "1 to 64 letters, digits and hyphens, a letter first, but neither aws nor ssm in front, which SSM refuses in the names of parameters", "The stack's name, and the first part of its exports and SSM parameters.",
		setStackName},
	{"architecture", "arm64", "arm64 or x86_64", "The processors that the functions run on.",
		func(c *Config, v value) error { return oneOf(&c.Architecture, v, "arm64", "x86_64") }},
	{"removalPolicy", "by stage", "RETAIN or DESTROY", "What happens to buckets and table when the stack is deleted. By stage: `RETAIN` in `prod`, `DESTROY` otherwise.",
		setRemovalPolicy},
}

// The pipeline's keys. 8192×4320 is the largest in MediaConvert's table "Maximum
// supported output resolutions" (docs.aws.amazon.com/mediaconvert/latest/ug/
// supported-output-resolution-maximums-by-codec.html), 8192×8192 the largest
// frame that its settings take.
var pipelineKeys = []key{
	{"trigger", "VideoFile", "VideoFile or MetadataFile", "What starts a video: the upload of the video itself, or of a JSON file that names it.",
		func(c *Config, v value) error { return oneOf(&c.Trigger, v, VideoFile, MetadataFile) }},
	{"outputs", "CMAF,MP4", "a list of CMAF, HLS, DASH and MP4, each once", "The packages that a video is published as. CMAF is HLS and DASH from one set of segments; audio alone becomes HLS and DASH with segments of their own.",
		func(c *Config, v value) error {
			return listOf(&c.Encoding.Outputs, v, encoding.CMAF, encoding.HLS, encoding.DASH, encoding.MP4)
		}},
	{"codecs", "H264", "a list of H264", "The video codecs of the renditions.",
		func(c *Config, v value) error { return listOf(&c.Codecs, v, "H264") }},
	{"topRung", "2160", "2160, 1080, 720, 540, 360 or 270", "The tallest rendition's short side in pixels. A video is never enlarged.",
		func(c *Config, v value) error {
			return oneNumber(&c.Encoding.TopRung, v, 2160, 1080, 720, 540, 360, 270)
		}},
	{"frameCapture", "true", "true or false", "Whether a video gets a poster and thumbnails.",
		func(c *Config, v value) error { return boolean(&c.Encoding.FrameCapture, v) }},
	{"frameCaptureSeconds", "5", "1 to 3600", "Seconds between two thumbnails; long videos get wider steps.",
		func(c *Config, v value) error { return number(&c.Encoding.FrameCaptureSeconds, v, 1, 3600) }},
	{"acceleratedTranscoding", "DISABLED", "ENABLED, PREFERRED or DISABLED", "MediaConvert's accelerated transcoding. It is billed at the professional tier's price, so it is off until asked for.",
		func(c *Config, v value) error {
			return oneOf(&c.Encoding.AcceleratedTranscoding, v, "ENABLED", "PREFERRED", "DISABLED")
		}},
	{"jobTemplate", "", "a job template's name, 1 to 80 letters, digits, spaces, - and _", "A MediaConvert job template of your own that replaces the computed renditions.",
		func(c *Config, v value) error { return match(&c.Encoding.JobTemplate, v, jobTemplate) }},
	{"mediaConvertQueueArn", "", "a MediaConvert queue's ARN, arn:aws:mediaconvert:REGION:ACCOUNT:queues/NAME", "The queue that jobs wait in; the account's default queue when not set.",
		func(c *Config, v value) error { return match(&c.MediaConvertQueueARN, v, queueARN) }},
	{"encodeDeadlineMinutes", "720", "1 to 10080", "Minutes that an encode may take from its first sign of work, before it is cancelled and the video ends in Error.",
		func(c *Config, v value) error { return number(&c.EncodeDeadlineMinutes, v, 1, 10080) }},
	{"queueDeadlineMinutes", "20160", "1 to 43200", "Minutes that a job may wait in MediaConvert's queue, before it is cancelled and the video ends in Error; the default is 14 days, since thousands of uploads at once wait for days.",
		func(c *Config, v value) error { return number(&c.QueueDeadlineMinutes, v, 1, 43200) }},
	{"encodeCheckSeconds", "900", "5 to 86400", "Seconds after which the pipeline asks MediaConvert itself, should no event have come.",
		func(c *Config, v value) error { return number(&c.EncodeCheckSeconds, v, 5, 86400) }},
	{"maxDurationMinutes", "720", "1 to 10080", "Minutes that a source may last. A longer one ends in Error (`SourceTooLong`) before anything is encoded: a still picture of many hours is a small file.",
		func(c *Config, v value) error { return number(&c.MaxDurationMinutes, v, 1, 10080) }},
	{"maxPixels", "35389440", "1 to 67108864 (8192×8192)", "Pixels that a source's picture may have, width times height. A larger one ends in Error (`SourceTooLarge`). The default is 8192×4320, the largest picture that MediaConvert makes.",
		func(c *Config, v value) error { return number(&c.MaxPixels, v, 1, 8192*8192) }},
	{"enableSns", "true", "true or false", "Whether messages are published to the topic.",
		func(c *Config, v value) error { return boolean(&c.Encoding.EnableSns, v) }},
	{"enableSqs", "true", "true or false", "Whether finished videos are sent to the result queue.",
		func(c *Config, v value) error { return boolean(&c.Encoding.EnableSqs, v) }},
	{"adminEmail", "", "one e-mail address", "Who gets every message of the topic by e-mail. The address has to confirm a first e-mail.",
		func(c *Config, v value) error { return email(&c.AdminEmail, v) }},
}

var retentionKeys = []key{
	{"archiveSource", "DISABLED", "DISABLED, GLACIER or DEEP_ARCHIVE", "The storage class that a source moves to once its video is published.",
		func(c *Config, v value) error {
			return oneOf(&c.Encoding.ArchiveSource, v, "DISABLED", "GLACIER", "DEEP_ARCHIVE")
		}},
	{"archiveDays", "1", "0 to 3650", "Days between a source's upload and its move to the archive, for sources that a metadata file archives, too.",
		func(c *Config, v value) error { return number(&c.ArchiveDays, v, 0, 3650) }},
	{"oldVersionDays", "30", "1 to 3650", "Days that a source's replaced or deleted version is kept.",
		func(c *Config, v value) error { return number(&c.OldVersionDays, v, 1, 3650) }},
	{"abandonedUploadDays", "7", "1 to 365", "Days after which an unfinished multipart upload is removed.",
		func(c *Config, v value) error { return number(&c.AbandonedUploadDays, v, 1, 365) }},
	{"logRetentionDays", "90", "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653", "Days that function logs and access logs are kept; CloudWatch knows these numbers only.",
		func(c *Config, v value) error {
			return oneNumber(&c.LogRetentionDays, v, 90, 1, 3, 5, 7, 14, 30, 60, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
		}},
}

var deliveryKeys = []key{
	{"corsOrigins", "*", "* or a list of origins such as https://app.example.com", "The pages that may upload and play from a browser.",
		func(c *Config, v value) error { return origins(&c.CORSOrigins, v) }},
	{"priceClass", "PriceClass_100", "PriceClass_100, PriceClass_200 or PriceClass_All", "The CloudFront locations that deliver: North America and Europe, most of the world, or all.",
		func(c *Config, v value) error {
			return oneOf(&c.PriceClass, v, "PriceClass_100", "PriceClass_200", "PriceClass_All")
		}},
	{"domainName", "", "a host name in lower case, such as media.example.com", "A domain of your own for delivery, together with `certificateArn`. Point it at the distribution yourself.",
		func(c *Config, v value) error { return match(&c.DomainName, v, hostName) }},
	{"certificateArn", "", "an ACM certificate's ARN in us-east-1, arn:aws:acm:us-east-1:ACCOUNT:certificate/ID", "The certificate of `domainName`. CloudFront takes certificates from us-east-1 only.",
		func(c *Config, v value) error { return match(&c.CertificateARN, v, certificateARN) }},
	{"deliveryBaseUrl", "", "https://HOST, without a path (http://HOST[:PORT] in stage local)", "What announced URLs begin with, where it is neither the distribution nor `domainName`.",
		func(c *Config, v value) error { return baseURL(&c.DeliveryBaseURL, v) }},
}

var alarmKeys = []key{
	{"alarmEmail", "", "one e-mail address", "Who is told of alarms by e-mail. Without it alarms only show in the console.",
		func(c *Config, v value) error { return email(&c.AlarmEmail, v) }},
	{"lateVideoMinutes", "120", "1 to 10080", "Minutes from upload to publication after which a video counts as late, and an alarm goes off.",
		func(c *Config, v value) error { return number(&c.LateVideoMinutes, v, 1, 10080) }},
	{"resultQueueAgeMinutes", "60", "0 to 20160; 0 for a queue that nobody reads", "Minutes that a result may wait in the result queue before an alarm goes off.",
		func(c *Config, v value) error { return number(&c.ResultQueueAgeMinutes, v, 0, 20160) }},
	{"unknownVideosAlarm", "true", "true or false", "Whether an alarm goes off when a message is about a video that the API didn't create, such as one uploaded by hand. The messages are kept in a queue either way.",
		func(c *Config, v value) error { return boolean(&c.UnknownVideosAlarm, v) }},
}

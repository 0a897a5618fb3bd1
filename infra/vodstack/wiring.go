package vodstack

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
)

// wire tells every function what it works on, and allows it exactly that.
func (f functions) wire(r resources) {
	f.wireIngest(r)
	f.wirePlan(r)
	f.wireEncode(r)
	f.wireJobState(r)
	f.wirePublish(r)
	f.wireFail(r)
	f.wireAPI(r)
	f.wireVideoEvents(r)
	f.wireSweep(r)
}

func (f functions) wireIngest(r resources) {
	f.ingest.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.ingest.set("STATE_MACHINE_ARN", r.pipeline.machine.StateMachineArn())
	f.ingest.set("TRIGGER", new(string(f.cfg.Trigger)))
	f.ingest.set("VIDEO_TABLE_NAME", r.videos.table.TableName())
	f.ingest.may(
		allow(on(r.videos.table.TableArn()), "dynamodb:GetItem"),
		allow(on(r.pipeline.machine.StateMachineArn()), "states:StartExecution"),
	)
}

func (f functions) wirePlan(r resources) {
	f.plan.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.plan.set("DESTINATION_BUCKET", r.store.destination.BucketName())
	f.plan.set("TABLE_NAME", r.table.TableName())
	f.plan.set("VIDEO_TABLE_NAME", r.videos.table.TableName())
	f.plan.set("TOPIC_ARN", r.news.topic.TopicArn())
	f.plan.set("DELIVERY_HOST", r.cdn.host)
	f.plan.set("ENCODING_OPTIONS", f.options())
	f.plan.set("MAX_DURATION_MINUTES", new(strconv.Itoa(f.cfg.MaxDurationMinutes)))
	f.plan.set("MAX_PIXELS", new(strconv.Itoa(f.cfg.MaxPixels)))
	f.plan.set("MEDIACONVERT_ROLE_ARN", r.encoder.role.RoleArn())
	f.plan.set("MEDIACONVERT_QUEUE_ARN", r.encoder.queueARN)
	f.plan.may(
		allow(on(r.store.source.BucketArn()), "s3:ListBucket"),
		allow(on(everyObject(r.store.source)), "s3:GetObject", "s3:GetObjectVersion"),
		allow(on(r.table.TableArn()), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
		allow(on(r.videos.table.TableArn()), "dynamodb:GetItem"),
		allow(on(r.news.topic.TopicArn()), "sns:Publish"),
		allow(on(new("*")), "mediaconvert:Probe"),
		allow(on(mediaConvertARN(f.stack, "jobTemplates/*")), "mediaconvert:GetJobTemplate"),
	)
	acceptPolicy(f.plan.role, "Keys of sources are not known beforehand, nor is the job template that a metadata file asks for; Probe knows no resources.")
}

// wireEncode keeps the permission to complete tasks in a policy of its own:
// the function waits for its role's policy, and the state machine that this
// permission names waits for the function.
func (f functions) wireEncode(r resources) {
	f.encode.set("TABLE_NAME", r.table.TableName())
	f.encode.set("RUNNING_JOB_TABLE_NAME", r.running.TableName())
	f.encode.set("ENCODE_DEADLINE_MINUTES", new(strconv.Itoa(f.cfg.EncodeDeadlineMinutes)))
	f.encode.set("QUEUE_DEADLINE_MINUTES", new(strconv.Itoa(f.cfg.QueueDeadlineMinutes)))
	f.encode.may(
		allow(on(r.table.TableArn()), "dynamodb:GetItem", "dynamodb:UpdateItem"),
		allow(on(r.running.TableArn()), "dynamodb:UpdateItem"),
		// A job template's outputs may name presets.
		allow(on(r.encoder.queueARN, mediaConvertARN(f.stack, "jobTemplates/*"), mediaConvertARN(f.stack, "presets/*")), "mediaconvert:CreateJob"),
		allow(on(mediaConvertARN(f.stack, "jobs/*")), "mediaconvert:GetJob", "mediaconvert:CancelJob"),
		searchJobs(),
		allowWhere(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "mediaconvert.amazonaws.com"}},
			on(r.encoder.role.RoleArn()), "iam:PassRole"),
	)
	acceptPolicy(f.encode.role, "Ids of jobs are not known beforehand, nor is the job template that a metadata file asks for; a search for jobs knows no resources.")
	awsiam.NewPolicy(f.stack, new("EncodeReports"), &awsiam.PolicyProps{
		Roles:      &[]awsiam.IRole{f.encode.role},
		Statements: &[]awsiam.PolicyStatement{completeTasks(r.pipeline)},
	})
}

func (f functions) wireJobState(r resources) {
	f.jobstate.set("TABLE_NAME", r.table.TableName())
	f.jobstate.set("RUNNING_JOB_TABLE_NAME", r.running.TableName())
	f.jobstate.may(
		allow(on(r.table.TableArn(), r.running.TableArn()), "dynamodb:GetItem", "dynamodb:UpdateItem"),
		completeTasks(r.pipeline),
	)
}

func (f functions) wirePublish(r resources) {
	f.publish.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.publish.set("DESTINATION_BUCKET", r.store.destination.BucketName())
	f.publish.set("TABLE_NAME", r.table.TableName())
	f.publish.set("TOPIC_ARN", r.news.topic.TopicArn())
	f.publish.set("QUEUE_URL", r.news.results.QueueUrl())
	f.publish.set("DELIVERY_BASE", r.cdn.base)
	f.publish.may(
		allow(on(r.table.TableArn()), "dynamodb:GetItem", "dynamodb:UpdateItem"),
		allow(on(r.store.source.BucketArn(), r.store.destination.BucketArn()), "s3:ListBucket"),
		allow(on(everyObject(r.store.source)), "s3:GetObject",
			"s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
		allow(on(r.store.destination.ArnForObjects(new("*/thumbnails/*"))), "s3:GetObject"),
		allow(on(r.news.topic.TopicArn()), "sns:Publish"),
		allow(on(r.news.results.QueueArn()), "sqs:SendMessage"),
	)
	acceptPolicy(f.publish.role, "Keys of sources and thumbnails are not known beforehand.")
}

func (f functions) wireFail(r resources) {
	f.fail.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.fail.set("TABLE_NAME", r.table.TableName())
	f.fail.set("RUNNING_JOB_TABLE_NAME", r.running.TableName())
	f.fail.set("TOPIC_ARN", r.news.topic.TopicArn())
	f.fail.set("QUEUE_URL", r.news.results.QueueUrl())
	f.fail.may(
		// Whether the version that failed is still the one in the bucket.
		allow(on(r.store.source.BucketArn()), "s3:ListBucket"),
		allow(on(everyObject(r.store.source)), "s3:GetObject"),
		allow(on(r.table.TableArn()), "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
		allow(on(r.running.TableArn()), "dynamodb:GetItem", "dynamodb:DeleteItem"),
		// A failed video leaves no job running.
		allow(on(mediaConvertARN(f.stack, "jobs/*")), "mediaconvert:CancelJob"),
		searchJobs(),
		allow(on(r.news.topic.TopicArn()), "sns:Publish"),
		allow(on(r.news.results.QueueArn()), "sqs:SendMessage"),
	)
	acceptPolicy(f.fail.role, "Keys of sources and ids of jobs are not known beforehand; a search for jobs knows no resources.")
}

// searchJobs lets a function look for a job whose id never came back.
func searchJobs() awsiam.PolicyStatement { return allow(on(new("*")), "mediaconvert:SearchJobs") }

// completeTasks lets a function end the wait of our own state machine.
func completeTasks(p pipeline) awsiam.PolicyStatement {
	return allow(on(p.machine.StateMachineArn()), "states:SendTaskSuccess", "states:SendTaskFailure")
}

package vodstack

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/vodstack/vodstack/internal/contract"
)

// wireAPI allows what the API does itself, and what the URLs do that it
// signs: they can do no more than its role.
func (f functions) wireAPI(r resources) {
	limits := f.cfg.Upload
	f.api.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.api.set("VIDEO_TABLE_NAME", r.videos.table.TableName())
	f.api.set("HISTORY_TABLE_NAME", r.videos.history.TableName())
	f.api.set("RUNNING_JOB_TABLE_NAME", r.running.TableName())
	f.api.set("STATE_MACHINE_ARN", r.pipeline.machine.StateMachineArn())
	f.api.set("WORK_QUEUE_URL", r.queues.work.queue.QueueUrl())
	f.api.set("API_AUTH", new(string(f.cfg.API.Auth())))
	f.api.set("API_BASE_URL", new(f.cfg.API.BaseURL))
	f.api.set("UPLOAD_MAX_BYTES", new(strconv.Itoa(limits.MaxBytes)))
	f.api.set("UPLOAD_SINGLE_MAX_BYTES", new(strconv.Itoa(limits.SinglePutBytes)))
	f.api.set("UPLOAD_URL_SECONDS", new(strconv.Itoa(limits.URLSeconds)))
	f.api.set("UPLOAD_TYPES", new(strings.Join(limits.Types, ",")))
	f.api.set("API_OPTIONS", new(strings.Join(f.cfg.API.Options, ",")))
	f.api.set("MAX_OPEN_UPLOADS", new(strconv.Itoa(f.cfg.API.OpenUploads)))
	f.api.set("MAX_ENCODES", new(strconv.Itoa(f.cfg.API.Encodes)))
	f.api.set("ARCHIVE_SOURCE", new(f.cfg.Encoding.ArchiveSource))
	f.api.may(
		allow(on(r.videos.table.TableArn()), "dynamodb:GetItem", "dynamodb:PutItem"),
		allow(on(index(r.videos.table, contract.IndexOwner), index(r.videos.table, contract.IndexOwnerStatus)), "dynamodb:Query"),
		allow(on(r.videos.history.TableArn()), "dynamodb:Query"),
		allow(on(r.running.TableArn()), "dynamodb:GetItem"),
		// Without it a missing object is 403, not 404.
		allow(on(r.store.source.BucketArn()), "s3:ListBucket"),
		allow(on(uploads(r.store.source)), "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
		allow(on(r.pipeline.machine.StateMachineArn()), "states:StartExecution"),
		allow(on(r.queues.work.queue.QueueArn()), "sqs:SendMessage"),
	)
	acceptPolicy(f.api.role, "Ids of videos are not known beforehand.")
}

func (f functions) wireVideoEvents(r resources) {
	f.videoevents.set("VIDEO_TABLE_NAME", r.videos.table.TableName())
	f.videoevents.set("HISTORY_TABLE_NAME", r.videos.history.TableName())
	f.videoevents.set("TABLE_NAME", r.table.TableName())
	f.videoevents.set("DELIVERY_BASE", r.cdn.base)
	f.videoevents.set("UNKNOWN_QUEUE_URL", r.queues.unknown.QueueUrl())
	f.videoevents.set("WORK_QUEUE_URL", r.queues.work.queue.QueueUrl())
	f.videoevents.may(
		allow(on(r.videos.table.TableArn()), "dynamodb:GetItem", "dynamodb:PutItem"),
		allow(on(index(r.videos.table, contract.IndexKey), index(r.videos.table, contract.IndexGUID)), "dynamodb:Query"),
		allow(on(r.videos.history.TableArn()), "dynamodb:PutItem"),
		allow(on(r.table.TableArn()), "dynamodb:GetItem"),
		allow(on(r.queues.unknown.QueueArn(), r.queues.work.queue.QueueArn()), "sqs:SendMessage"),
	)
}

// wireSweep allows to delete what belongs to a video: sources of the API,
// outputs, records. Outputs lie under a guid each, which nobody knows
// beforehand.
func (f functions) wireSweep(r resources) {
	f.sweep.set("SOURCE_BUCKET", r.store.source.BucketName())
	f.sweep.set("DESTINATION_BUCKET", r.store.destination.BucketName())
	f.sweep.set("VIDEO_TABLE_NAME", r.videos.table.TableName())
	f.sweep.set("HISTORY_TABLE_NAME", r.videos.history.TableName())
	f.sweep.set("TABLE_NAME", r.table.TableName())
	f.sweep.set("RUNNING_JOB_TABLE_NAME", r.running.TableName())
	f.sweep.set("STATE_MACHINE_ARN", r.pipeline.machine.StateMachineArn())
	f.sweep.set("DISTRIBUTION_ID", r.cdn.distribution.DistributionId())
	f.sweep.may(
		allow(on(r.videos.table.TableArn()), "dynamodb:GetItem", "dynamodb:PutItem"),
		allow(on(index(r.videos.table, contract.IndexWork)), "dynamodb:Query"),
		allow(on(r.videos.history.TableArn()), "dynamodb:Query", "dynamodb:BatchWriteItem"),
		allow(on(r.table.TableArn()), "dynamodb:GetItem", "dynamodb:DeleteItem"),
		allow(on(r.running.TableArn()), "dynamodb:DeleteItem"),
		allow(on(r.store.source.BucketArn()), "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
		// DeleteObjects wants DeleteObject for versions, too.
		allow(on(uploads(r.store.source)), "s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"),
		allow(on(r.store.destination.BucketArn()), "s3:ListBucket"),
		allow(on(everyObject(r.store.destination)), "s3:DeleteObject"),
		allow(on(mediaConvertARN(f.stack, "jobs/*")), "mediaconvert:GetJob", "mediaconvert:CancelJob"),
		allow(on(r.pipeline.machine.StateMachineArn()), "states:StartExecution"),
		allow(on(f.executions(r.pipeline)), "states:DescribeExecution"),
		allow(on(r.cdn.distribution.DistributionArn()), "cloudfront:CreateInvalidation"),
	)
	acceptPolicy(f.sweep.role, "Ids of videos, encodes and jobs are not known beforehand.")
}

// uploads is where the API lets clients upload to; contract.SourceKey makes
// the keys.
func uploads(source awss3.Bucket) *string { return source.ArnForObjects(new("video/*")) }

// executions are all of our own state machine, and nobody else's.
func (f functions) executions(p pipeline) *string {
	return f.stack.FormatArn(&awscdk.ArnComponents{
		Service: new("states"), Resource: new("execution"),
		ResourceName: awscdk.Fn_Join(new(":"), &[]*string{p.machine.StateMachineName(), new("*")}),
		ArnFormat:    awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}

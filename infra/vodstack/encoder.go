package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"github.com/vodstack/vodstack/infra/config"
)

// encoder is what MediaConvert needs of us: a role to read and write with,
// and the queue that our jobs go to.
type encoder struct {
	role awsiam.Role
	// queueARN is in every job, the default queue's too. The Service
	// Authorization Reference lists queue, job template and preset for
	// CreateJob and requires none of them: which resource a request without a
	// queue is about, it doesn't say.
	queueARN *string
}

// newEncoder makes the role. MediaConvert may take it on only for jobs of
// this account, so nobody else can point their jobs at our buckets.
func newEncoder(stack awscdk.Stack, cfg config.Config, store storage) encoder {
	role := awsiam.NewRole(stack, new("EncoderRole"), &awsiam.RoleProps{
		Description: new("MediaConvert reads sources and writes streams"),
		AssumedBy: awsiam.NewServicePrincipal(new("mediaconvert.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	for _, s := range []awsiam.PolicyStatement{
		allow([]*string{store.source.BucketArn()}, "s3:ListBucket", "s3:GetBucketLocation"),
		allow([]*string{everyObject(store.source)}, "s3:GetObject"),
		allow([]*string{everyObject(store.destination)}, "s3:PutObject"),
	} {
		role.AddToPolicy(s)
	}
	acceptPolicy(role, "MediaConvert reads any source and writes any stream; their keys are not known beforehand.")
	if cfg.MediaConvertQueueARN != "" {
		return encoder{role, new(cfg.MediaConvertQueueARN)}
	}
	return encoder{role, mediaConvertARN(stack, "queues/Default")}
}

func everyObject(bucket awss3.Bucket) *string { return bucket.ArnForObjects(new("*")) }

// mediaConvertARN names something of MediaConvert in this account.
func mediaConvertARN(stack awscdk.Stack, resource string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: new("mediaconvert"), Resource: new(resource), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME})
}

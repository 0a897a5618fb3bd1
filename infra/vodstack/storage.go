package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// archiveTag is the object tag that publish sets and the lifecycle rules
// look for; its value is the storage class.
const archiveTag = "vodstack:archive"

// storage are the buckets. All of them are stateful: their logical ids are
// pinned, and they are made nowhere else.
type storage struct {
	logs, source, destination awss3.Bucket
}

func newStorage(stack awscdk.Stack, cfg config.Config) storage {
	logs := newAccessLogs(stack, cfg)
	return storage{logs, newSource(stack, cfg, logs), newDestination(stack, cfg, logs)}
}

// newSource is where uploads arrive. That it tells EventBridge is set on the
// resource, since CDK's own switch brings a custom resource with a Lambda
// function.
func newSource(stack awscdk.Stack, cfg config.Config, logs awss3.Bucket) awss3.Bucket {
	props := private(cfg, logs, "source/")
	props.Versioned = new(true)
	props.Cors = &[]*awss3.CorsRule{{
		AllowedMethods: &[]awss3.HttpMethods{awss3.HttpMethods_PUT, awss3.HttpMethods_POST},
		AllowedOrigins: jsii.Strings(cfg.CORSOrigins...),
		AllowedHeaders: jsii.Strings("*"),
		// A browser needs the ETag of each part to complete a multipart upload.
		ExposedHeaders: jsii.Strings("ETag", "x-amz-version-id"),
		MaxAge:         jsii.Number(3600),
	}}
	props.LifecycleRules = &[]*awss3.LifecycleRule{
		archiveRule(cfg, "GLACIER", awss3.StorageClass_GLACIER()),
		archiveRule(cfg, "DEEP_ARCHIVE", awss3.StorageClass_DEEP_ARCHIVE()),
		{
			Id:                          new("remove-old-versions"),
			NoncurrentVersionExpiration: days(cfg.OldVersionDays),
			ExpiredObjectDeleteMarker:   new(true),
		},
		abandonedUploads(cfg),
	}
	bucket := pinned(awss3.NewBucket(stack, new("Source"), props), "SourceBucket")
	resource(bucket).AddPropertyOverride(new("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	return bucket
}

// newDestination is where streams are delivered from, by the distribution
// only. It isn't versioned: every encode has a prefix of its own, so nothing
// is ever overwritten.
func newDestination(stack awscdk.Stack, cfg config.Config, logs awss3.Bucket) awss3.Bucket {
	props := private(cfg, logs, "destination/")
	// A player's preflight request is passed on to S3, which refuses it
	// where the bucket has no rule.
	props.Cors = &[]*awss3.CorsRule{{
		AllowedMethods: &[]awss3.HttpMethods{awss3.HttpMethods_GET, awss3.HttpMethods_HEAD},
		AllowedOrigins: jsii.Strings(cfg.CORSOrigins...),
		AllowedHeaders: jsii.Strings("*"),
		ExposedHeaders: jsii.Strings(exposedHeaders...),
		MaxAge:         jsii.Number(3600),
	}}
	props.LifecycleRules = &[]*awss3.LifecycleRule{abandonedUploads(cfg)}
	return pinned(awss3.NewBucket(stack, new("Destination"), props), "DestinationBucket")
}

// newAccessLogs holds the access logs of both buckets and of the
// distribution. CloudFront still delivers its logs by access control list,
// hence the ownership setting.
func newAccessLogs(stack awscdk.Stack, cfg config.Config) awss3.Bucket {
	props := private(cfg, nil, "")
	props.ObjectOwnership = awss3.ObjectOwnership_BUCKET_OWNER_PREFERRED
	props.LifecycleRules = &[]*awss3.LifecycleRule{
		{Id: new("remove-old-logs"), Expiration: days(cfg.LogRetentionDays)},
		abandonedUploads(cfg),
	}
	return pinned(awss3.NewBucket(stack, new("AccessLogs"), props), "AccessLogsBucket")
}

// private are the settings that every bucket shares.
func private(cfg config.Config, logs awss3.Bucket, prefix string) *awss3.BucketProps {
	props := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        new(true),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     removal(cfg),
	}
	if logs != nil {
		props.ServerAccessLogsBucket = logs
		props.ServerAccessLogsPrefix = new(prefix)
	}
	return props
}

// archiveRule moves sources to the storage class that they are tagged with.
func archiveRule(cfg config.Config, value string, class awss3.StorageClass) *awss3.LifecycleRule {
	return &awss3.LifecycleRule{
		Id:          new("archive-to-" + value),
		TagFilters:  &map[string]any{archiveTag: value},
		Transitions: &[]*awss3.Transition{{StorageClass: class, TransitionAfter: days(cfg.ArchiveDays)}},
	}
}

func abandonedUploads(cfg config.Config) *awss3.LifecycleRule {
	return &awss3.LifecycleRule{
		Id:                                  new("remove-abandoned-uploads"),
		AbortIncompleteMultipartUploadAfter: days(cfg.AbandonedUploadDays),
	}
}

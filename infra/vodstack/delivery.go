package vodstack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// cloudFrontLogs is where in the bucket of access logs the distribution's are.
const cloudFrontLogs = "cloudfront/"

// delivery is the distribution, and what announced URLs begin with.
type delivery struct {
	distribution awscloudfront.Distribution
	host         *string // no scheme
	base         *string // with scheme, no slash at the end
}

// newDelivery puts CloudFront in front of the destination bucket, which it
// alone may read.
func newDelivery(stack awscdk.Stack, cfg config.Config, store storage) delivery {
	props := &awscloudfront.DistributionProps{
		Comment: new(cfg.StackName + " video delivery"),
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:               newOrigin(stack, store),
			ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
			AllowedMethods:       awscloudfront.AllowedMethods_ALLOW_GET_HEAD_OPTIONS(),
			CachePolicy:          newCachePolicy(stack, cfg),
			// Passes on what S3 needs to answer a preflight request.
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_CORS_S3_ORIGIN(),
			ResponseHeadersPolicy: newHeaders(stack, cfg),
			FunctionAssociations: &[]*awscloudfront.FunctionAssociation{{
				EventType: awscloudfront.FunctionEventType_VIEWER_RESPONSE,
				Function:  newCacheFunction(stack),
			}},
		},
		ErrorResponses: shortErrors(403, 404, 416, 500, 502, 503, 504),
		PriceClass:     awscloudfront.PriceClass("PRICE_CLASS_" + strings.ToUpper(strings.TrimPrefix(cfg.PriceClass, "PriceClass_"))),
		HttpVersion:    awscloudfront.HttpVersion_HTTP2_AND_3,
		EnableLogging:  new(true),
		LogBucket:      store.logs,
		LogFilePrefix:  new(cloudFrontLogs),
	}
	useDomain(stack, cfg, props)
	distribution := pinned(awscloudfront.NewDistribution(stack, new("Delivery"), props), "Distribution")
	accept(distribution, deliveryExceptions(cfg)...)
	logWhereCloudFrontMay(stack, distribution, store.logs)

	d := delivery{distribution, distribution.DistributionDomainName(), nil}
	if host := cfg.DeliveryHost(); host != "" {
		d.host, d.base = new(host), new(cfg.DeliveryBase())
		return d
	}
	d.base = awscdk.Fn_Join(new(""), jsii.PtrSlice("https://", *d.host))
	return d
}

// logWhereCloudFrontMay replaces the logging that the construct has made by the
// same under a condition.
func logWhereCloudFrontMay(stack awscdk.Stack, distribution awscloudfront.Distribution, logs awss3.Bucket) {
	const logging = "DistributionConfig.Logging"
	cfn := resource(distribution)
	cfn.AddPropertyDeletionOverride(new(logging + ".Bucket"))
	cfn.AddPropertyDeletionOverride(new(logging + ".Prefix"))
	cfn.AddPropertyOverride(new(logging+".Fn::If"), []any{
		logsFromCloudFront(stack).LogicalId(),
		map[string]any{"Bucket": logs.BucketRegionalDomainName(), "Prefix": cloudFrontLogs},
		map[string]any{"Ref": "AWS::NoValue"},
	})
}

// useDomain sets a domain of one's own. TLS 1.2 is the least that it speaks.
func useDomain(stack awscdk.Stack, cfg config.Config, props *awscloudfront.DistributionProps) {
	if cfg.DomainName == "" {
		return
	}
	props.DomainNames = jsii.Strings(cfg.DomainName)
	props.Certificate = awscertificatemanager.Certificate_FromCertificateArn(stack, new("Certificate"), new(cfg.CertificateARN))
	props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
}

// newOrigin lets the distribution read the bucket by signing its requests.
func newOrigin(stack awscdk.Stack, store storage) awscloudfront.IOrigin {
	access := awscloudfront.NewS3OriginAccessControl(stack, new("OriginAccess"), &awscloudfront.S3OriginAccessControlProps{
		OriginAccessControlName: worldwide(stack, "origin"),
	})
	return awscloudfrontorigins.S3BucketOrigin_WithOriginAccessControl(store.destination, &awscloudfrontorigins.S3BucketOriginWithOACProps{
		OriginAccessControl: access,
	})
}

// worldwide is a name for something of CloudFront's, which has one name
// space for all regions of an account; CDK's own names would clash between
// stacks of one name in two regions.
func worldwide(stack awscdk.Stack, what string) *string {
	return awscdk.Fn_Join(new("-"), &[]*string{new("vod-" + what), deploymentID(stack)})
}

func deliveryExceptions(cfg config.Config) []exception {
	exceptions := []exception{
		{"AwsSolutions-CFR1", "Who may watch from where is for the owner of the videos to say, not for the stack."},
		{"AwsSolutions-CFR2", "Nothing behind the distribution runs code or reads input; it is a bucket of files. A web ACL would cost more than the rest of an idle stack."},
	}
	if cfg.DomainName == "" {
		exceptions = append(exceptions, exception{"AwsSolutions-CFR4", "CloudFront's own domain name comes with CloudFront's own certificate, whose protocol version cannot be chosen. With domainName and certificateArn it is TLS 1.2."})
	}
	return exceptions
}

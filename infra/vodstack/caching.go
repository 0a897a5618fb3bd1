package vodstack

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

//go:embed delivery.js
var cacheForever string

// exposedHeaders are what a player's script may read of a response.
var exposedHeaders = []string{"Accept-Ranges", "Content-Length", "Content-Range", "Date", "ETag", "Last-Modified"}

// newCachePolicy keeps objects for a year: a new encode has a new prefix.
// Text, which manifests are, is stored compressed.
func newCachePolicy(stack awscdk.Stack, cfg config.Config) awscloudfront.CachePolicy {
	return awscloudfront.NewCachePolicy(stack, new("CachePolicy"), &awscloudfront.CachePolicyProps{
		Comment:                    new(cfg.StackName + ": immutable streams"),
		MinTtl:                     seconds(1),
		DefaultTtl:                 days(365),
		MaxTtl:                     days(365),
		EnableAcceptEncodingBrotli: new(true),
		EnableAcceptEncodingGzip:   new(true),
	})
}

// newCacheFunction lets browsers keep them for a year, too. A header of the
// response headers policy would do that to errors as well.
func newCacheFunction(stack awscdk.Stack) awscloudfront.Function {
	return awscloudfront.NewFunction(stack, new("CacheForever"), &awscloudfront.FunctionProps{
		Comment: new("Cache-Control of immutable streams"),
		Runtime: awscloudfront.FunctionRuntime_JS_2_0(),
		Code:    awscloudfront.FunctionCode_FromInline(new(cacheForever)),
	})
}

// newHeaders are the headers of every response: who may read it, and that
// browsers take it for nothing but what it says it is.
func newHeaders(stack awscdk.Stack, cfg config.Config) awscloudfront.ResponseHeadersPolicy {
	return awscloudfront.NewResponseHeadersPolicy(stack, new("Headers"), &awscloudfront.ResponseHeadersPolicyProps{
		Comment:                   new(cfg.StackName + ": CORS and security"),
		ResponseHeadersPolicyName: worldwide(stack, "headers"),
		CorsBehavior: &awscloudfront.ResponseHeadersCorsBehavior{
			AccessControlAllowCredentials: new(false),
			AccessControlAllowHeaders:     jsii.Strings("*"),
			AccessControlAllowMethods:     jsii.Strings("GET", "HEAD", "OPTIONS"),
			AccessControlAllowOrigins:     jsii.Strings(cfg.CORSOrigins...),
			AccessControlExposeHeaders:    jsii.Strings(exposedHeaders...),
			AccessControlMaxAge:           seconds(3600),
			// S3's own answer may be a cached one, made for another origin.
			OriginOverride: new(true),
		},
		SecurityHeadersBehavior: &awscloudfront.ResponseSecurityHeadersBehavior{
			ContentTypeOptions: &awscloudfront.ResponseHeadersContentTypeOptions{Override: new(true)},
			FrameOptions: &awscloudfront.ResponseHeadersFrameOptions{
				FrameOption: awscloudfront.HeadersFrameOption_DENY, Override: new(true),
			},
			ReferrerPolicy: &awscloudfront.ResponseHeadersReferrerPolicy{
				ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_STRICT_ORIGIN_WHEN_CROSS_ORIGIN, Override: new(true),
			},
			StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
				AccessControlMaxAge: days(365), Override: new(true),
			},
		},
		CustomHeadersBehavior: &awscloudfront.ResponseCustomHeadersBehavior{
			CustomHeaders: &[]*awscloudfront.ResponseCustomHeader{
				// Pages that are isolated from other origins may embed videos.
				{Header: new("Cross-Origin-Resource-Policy"), Value: new("cross-origin"), Override: new(true)},
			},
		},
	})
}

// shortErrors are kept for five seconds only, since CloudFront keeps errors,
// too: who asks too early must not spoil a video for everybody.
func shortErrors(statuses ...int) *[]*awscloudfront.ErrorResponse {
	var responses []*awscloudfront.ErrorResponse
	for _, status := range statuses {
		responses = append(responses, &awscloudfront.ErrorResponse{HttpStatus: jsii.Number(status), Ttl: seconds(5)})
	}
	return &responses
}

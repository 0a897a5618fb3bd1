package vodstack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
)

// api is the HTTP API in front of the function of that name.
type api struct {
	gateway awsapigatewayv2.CfnApi
	url     *string // what paths such as /videos are appended to
}

// newAPI makes the API with its routes and its one stage.
func newAPI(stack awscdk.Stack, cfg config.Config, run function) api {
	gateway := pinned(awsapigatewayv2.NewCfnApi(stack, new("HttpApi"), &awsapigatewayv2.CfnApiProps{
		Name:                      new(cfg.StackName),
		Description:               new("Videos: upload, list, encode again, delete"),
		ProtocolType:              new("HTTP"),
		CorsConfiguration:         pagesOf(cfg),
		DisableExecuteApiEndpoint: new(false),
	}), "HttpApi")
	newRoutes(stack, cfg, gateway, run)
	newStage(stack, cfg, gateway)
	awslambda.NewCfnPermission(stack, new("ApiMayBeInvoked"), &awslambda.CfnPermissionProps{
		Action:       new("lambda:InvokeFunction"),
		FunctionName: run.lambda.FunctionArn(),
		Principal:    new("apigateway.amazonaws.com"),
		SourceArn: stack.FormatArn(&awscdk.ArnComponents{
			Service: new("execute-api"), Resource: gateway.Ref(), ResourceName: new("*/*"),
		}),
	})
	if cfg.API.BaseURL != "" {
		return api{gateway, new(cfg.API.BaseURL)}
	}
	return api{gateway, gateway.AttrApiEndpoint()}
}

// pagesOf lets pages of the configured origins call the API. API Gateway
// answers their preflight requests itself.
func pagesOf(cfg config.Config) *awsapigatewayv2.CfnApi_CorsProperty {
	return &awsapigatewayv2.CfnApi_CorsProperty{
		AllowOrigins: jsii.Strings(cfg.CORSOrigins...),
		AllowMethods: jsii.Strings("GET", "POST", "PATCH", "DELETE"),
		AllowHeaders: jsii.Strings("authorization", "content-type", "idempotency-key", "if-match",
			"x-amz-date", "x-amz-security-token", "x-amz-content-sha256"),
		ExposeHeaders: jsii.Strings("etag", "location", "retry-after"),
		MaxAge:        jsii.Number(3600),
	}
}

// accessLog is a line of the access log: no address, no owner, and the route
// in place of the path, which has a video's id.
const accessLog = `{"time":"$context.requestTimeEpoch","requestId":"$context.requestId","route":"$context.routeKey",` +
	`"status":"$context.status","latencyMs":"$context.responseLatency","functionMs":"$context.integrationLatency",` +
	`"functionRequestId":"$context.integration.requestId","bytes":"$context.responseLength","error":"$context.error.message"}`

// newStage puts the API on the air, with a limit for all callers together.
func newStage(stack awscdk.Stack, cfg config.Config, gateway awsapigatewayv2.CfnApi) {
	awsapigatewayv2.NewCfnStage(stack, new("ApiStage"), &awsapigatewayv2.CfnStageProps{
		ApiId:      gateway.Ref(),
		StageName:  new("$default"),
		AutoDeploy: new(true),
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit:  jsii.Number(cfg.API.RateLimit),
			ThrottlingBurstLimit: jsii.Number(cfg.API.BurstLimit),
		},
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: apiLogs(stack, cfg),
			Format:         new(accessLog),
		},
	})
}

// apiLogs is the ARN of the access log's group, without the star at its end
// that the group's own attribute has. Its name is of the kind that
// pipelineLogs explains.
func apiLogs(stack awscdk.Stack, cfg config.Config) *string {
	name := awscdk.Fn_Join(new("-"), &[]*string{new("/aws/vendedlogs/apis/" + cfg.StackName), deploymentID(stack)})
	logs := newLogGroup(stack, cfg, "ApiAccessLogs", name)
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: new("logs"), Resource: new("log-group"), ResourceName: logs.LogGroupName(),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}

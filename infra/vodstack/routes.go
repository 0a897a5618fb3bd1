package vodstack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
)

// routes makes routes of one API, which all lead to one function.
type routes struct {
	stack   awscdk.Stack
	gateway awsapigatewayv2.CfnApi
	target  *string
	// How callers prove who they are; authorizer and scopes are JWT's only.
	proof      string
	authorizer *string
	scopes     *[]*string
}

// newRoutes makes a route for each of the OpenAPI document, so that the API
// and its document cannot drift apart. All other requests go to the same
// function, which answers 404 and 405 in the API's own format; an OPTIONS
// request among them mustn't need a proof, since browsers send none with it.
func newRoutes(stack awscdk.Stack, cfg config.Config, gateway awsapigatewayv2.CfnApi, run function) {
	integration := awsapigatewayv2.NewCfnIntegration(stack, new("ApiIntegration"), &awsapigatewayv2.CfnIntegrationProps{
		ApiId:                gateway.Ref(),
		IntegrationType:      new("AWS_PROXY"),
		IntegrationUri:       run.lambda.FunctionArn(),
		PayloadFormatVersion: new("2.0"),
	})
	r := routes{stack: stack, gateway: gateway, target: awscdk.Fn_Join(new("/"), jsii.PtrSlice("integrations", *integration.Ref()))}
	r.prove(cfg)
	for _, route := range apidoc.Routes() {
		r.add(routeID(route.Method, route.Path), route.Method+" "+route.Path, route.Public)
	}
	r.add("RouteDefault", "$default", false)
	r.add("RouteOptions", "OPTIONS /{proxy+}", true)
}

// prove says how callers prove who they are.
func (r *routes) prove(cfg config.Config) {
	switch cfg.API.Auth() {
	case config.AuthOpen:
		r.proof = "NONE"
	case config.AuthIAM:
		r.proof = "AWS_IAM"
	case config.AuthJWT:
		r.proof = "JWT"
		if len(cfg.API.JWTScopes) > 0 {
			r.scopes = jsii.Strings(cfg.API.JWTScopes...)
		}
		r.authorizer = awsapigatewayv2.NewCfnAuthorizer(r.stack, new("ApiAuthorizer"), &awsapigatewayv2.CfnAuthorizerProps{
			ApiId:          r.gateway.Ref(),
			Name:           new("jwt"),
			AuthorizerType: new("JWT"),
			IdentitySource: jsii.Strings("$request.header.Authorization"),
			JwtConfiguration: &awsapigatewayv2.CfnAuthorizer_JWTConfigurationProperty{
				Issuer: new(cfg.API.JWTIssuer), Audience: jsii.Strings(cfg.API.JWTAudience...),
			},
		}).Ref()
	}
}

// add makes one route; a public one asks nobody for a proof.
func (r *routes) add(id, key string, public bool) {
	props := &awsapigatewayv2.CfnRouteProps{
		ApiId: r.gateway.Ref(), RouteKey: new(key), Target: r.target,
		AuthorizationType: new(r.proof), AuthorizerId: r.authorizer, AuthorizationScopes: r.scopes,
	}
	if public {
		props.AuthorizationType, props.AuthorizerId, props.AuthorizationScopes = new("NONE"), nil, nil
	}
	route := awsapigatewayv2.NewCfnRoute(r.stack, new(id), props)
	switch {
	case public:
		accept(route, exception{"AwsSolutions-APIG4", "Its answer is a constant: it tells nothing about any video, and changes nothing."})
	case r.proof == "NONE":
		accept(route, exception{"AwsSolutions-APIG4", "apiOpen: on one machine only, where nobody else can call it."})
	}
}

// routeID is a logical id such as RouteGetVideosIdUpload.
func routeID(method, path string) string {
	id := "Route" + method[:1] + strings.ToLower(method[1:])
	for _, word := range strings.FieldsFunc(path, func(c rune) bool { return strings.ContainsRune("/{}._-", c) }) {
		id += strings.ToUpper(word[:1]) + word[1:]
	}
	return id
}

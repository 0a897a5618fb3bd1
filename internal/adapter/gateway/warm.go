package gateway

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
)

// warmRequest is the id of a request that was made up; API Gateway's own are
// longer.
const warmRequest = "warm"

// warmContext is a request's context with a caller for each kind of
// authorization.
const warmContext = `{"requestId":"` + warmRequest + `","authorizer":{"jwt":{"claims":{"iss":"warm","sub":"warm"}},"iam":{"userId":"warm"}}}`

// Warm answers one made-up request and drops the answer: what is made once,
// the schemas of a route and the caches of JSON, is made before the first real
// request. Lambda starts a function on whole cores, and gives a small one a
// fraction of a core for its requests. The handler must refuse the request
// without asking anybody.
func (g *Gateway) Warm(ctx context.Context, method, path, body string) {
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(`{"version":"2.0","requestContext":`+warmContext+`}`), &event); err != nil {
		g.Log.WarnContext(ctx, "not warmed", "error", err.Error())
		return
	}
	event.RawPath, event.RequestContext.HTTP.Method, event.RequestContext.HTTP.Path = path, method, path
	event.Headers, event.Body = map[string]string{"content-type": "application/json"}, body
	answer, err := g.Handle(ctx, event)
	if err == nil {
		_, err = json.Marshal(answer)
	}
	if err != nil {
		g.Log.WarnContext(ctx, "not warmed", "error", err.Error())
	}
}

//go:build !race

package vodstack

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/infra/config"
	"github.com/vodstack/vodstack/internal/httpapi/apidoc"
)

// The two other ways for callers to prove who they are.
var (
	withJWT = map[string]any{"jwtIssuer": "https://issuer.example.com/pool", "jwtAudience": "web,phone"}
	openly  = map[string]any{"stage": "local", "architecture": "x86_64", "deliveryBaseUrl": "http://127.0.0.1:4569",
		"apiBaseUrl": "http://127.0.0.1:4570/vod", "apiOpen": "true"}
)

// public are the routes whose answer is a constant: all that anybody may
// call.
var public = []string{"GET /healthz", "OPTIONS /{proxy+}"}

// routesOf are the template's routes by their keys.
func routesOf(tpl template) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, id := range tpl.ofType("AWS::ApiGatewayV2::Route") {
		p := tpl.Resources[id].Properties
		all[p["RouteKey"].(string)] = p
	}
	return all
}

func TestTheRoutesAreTheDocumentsAndNothingElse(t *testing.T) {
	// The document itself, not the list that the routes are made from.
	var document struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(apidoc.Document, &document); err != nil {
		t.Fatal(err)
	}
	want := []string{"$default", "OPTIONS /{proxy+}"}
	for path, methods := range document.Paths {
		for method := range methods {
			want = append(want, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(want)
	for name, shape := range shapes {
		tpl := with(t, shape).template
		if got := slices.Sorted(maps.Keys(routesOf(tpl))); !slices.Equal(got, want) {
			t.Errorf("%s: routes are\n  %v\nthe document has\n  %v", name, got, want)
		}
		if n := len(tpl.ofType("AWS::ApiGatewayV2::Route")); n != len(want) {
			t.Errorf("%s: %d routes, want %d", name, n, len(want))
		}
		for key, route := range routesOf(tpl) {
			if short(route["Target"]) != "integrations/ApiIntegration" || short(route["ApiId"]) != "HttpApi" {
				t.Errorf("%s: %s leads to %s", name, key, asJSON(route))
			}
		}
	}
}

func TestEveryRouteButTheConstantOnesAsksForAProof(t *testing.T) {
	for name, shape := range map[string]map[string]any{"default": byDefault, "full": full, "dev": {"stage": "dev"}, "JWT": withJWT, "local without apiOpen": locally} {
		want := "AWS_IAM"
		if name == "JWT" {
			want = "JWT"
		}
		for key, route := range routesOf(with(t, shape).template) {
			switch proof := route["AuthorizationType"]; {
			case slices.Contains(public, key):
				if proof != "NONE" || route["AuthorizerId"] != nil {
					t.Errorf("%s: %s asks for %v", name, key, proof)
				}
			case proof != want:
				t.Errorf("%s: %s asks for %v, want %s", name, key, proof, want)
			case (short(route["AuthorizerId"]) == "ApiAuthorizer") != (want == "JWT"):
				t.Errorf("%s: %s asks authorizer %v", name, key, route["AuthorizerId"])
			}
		}
	}
}

func TestATokenIsCheckedAgainstIssuerAndAudience(t *testing.T) {
	tpl := with(t, withJWT).template
	p := tpl.the(t, "ApiAuthorizer").Properties
	if got, want := asJSON(p["JwtConfiguration"]), `{"Audience":["web","phone"],"Issuer":"https://issuer.example.com/pool"}`; got != want {
		t.Errorf("it checks %s, want %s", got, want)
	}
	if p["AuthorizerType"] != "JWT" || asJSON(p["IdentitySource"]) != `["$request.header.Authorization"]` {
		t.Errorf("authorizer is %s", asJSON(p))
	}
	if got := at(tpl.the(t, "ApiFunction").Properties, "Environment/Variables/API_AUTH"); got != "JWT" {
		t.Errorf("the function is told %v", got)
	}
	if ids := with(t, byDefault).template.ofType("AWS::ApiGatewayV2::Authorizer"); len(ids) != 0 {
		t.Errorf("IAM has authorizers %v", ids)
	}
}

func TestEveryRouteButTheConstantOnesAsksForAScopeWhereThereAreScopes(t *testing.T) {
	scoped := maps.Clone(withJWT)
	scoped["jwtScopes"] = "vod/videos,openvideos"
	for _, c := range []struct {
		shape map[string]any
		want  string
	}{{scoped, `["vod/videos","openvideos"]`}, {withJWT, "null"}, {byDefault, "null"}} {
		for key, route := range routesOf(with(t, c.shape).template) {
			want := c.want
			if slices.Contains(public, key) {
				want = "null"
			}
			if got := asJSON(route["AuthorizationScopes"]); got != want {
				t.Errorf("%s asks for the scopes %s, want %s", key, got, want)
			}
		}
	}
}

func TestOnlyALocalStackCanBeOpen(t *testing.T) {
	for _, stage := range []string{"prod", "dev", ""} {
		_, err := config.Load(map[string]any{"stage": stage, "apiOpen": "true"})
		if err == nil || !strings.Contains(err.Error(), "apiOpen") {
			t.Errorf("stage %q: %v", stage, err)
		}
	}
	tpl := with(t, openly).template
	for key, route := range routesOf(tpl) {
		if route["AuthorizationType"] != "NONE" {
			t.Errorf("%s asks for %v", key, route["AuthorizationType"])
		}
	}
	if got := at(tpl.the(t, "ApiFunction").Properties, "Environment/Variables/API_AUTH"); got != "OPEN" {
		t.Errorf("the function is told %v", got)
	}
}

func TestOnlyThisAPIMayInvokeItsFunction(t *testing.T) {
	tpl := with(t, byDefault).template
	var found int
	for _, id := range tpl.ofType("AWS::Lambda::Permission") {
		p := tpl.Resources[id].Properties
		if p["Principal"] == "events.amazonaws.com" {
			continue
		}
		found++
		if p["Principal"] != "apigateway.amazonaws.com" || short(p["FunctionName"]) != "ApiFunction" || short(p["SourceArn"]) != "execute-api:HttpApi/*/*" {
			t.Errorf("%s: %s may invoke %s for %s", id, p["Principal"], short(p["FunctionName"]), short(p["SourceArn"]))
		}
	}
	if found != 1 {
		t.Errorf("%d permissions, want 1", found)
	}
}

func TestTheAPIHasLimitsAndALogThatNamesNobody(t *testing.T) {
	shape := map[string]any{"apiRateLimit": "7", "apiBurstLimit": "9"}
	tpl := with(t, shape).template
	p := tpl.the(t, "ApiStage").Properties
	if got, want := asJSON(p["DefaultRouteSettings"]), `{"ThrottlingBurstLimit":9,"ThrottlingRateLimit":7}`; got != want {
		t.Errorf("limits are %s, want %s", got, want)
	}
	if p["StageName"] != "$default" || p["AutoDeploy"] != true {
		t.Errorf("stage is %s", asJSON(p))
	}
	if got := short(at(p, "AccessLogSettings/DestinationArn")); got != "logs:log-group:ApiAccessLogs" {
		t.Errorf("the log goes to %s", got)
	}
	format := at(p, "AccessLogSettings/Format").(string)
	var line map[string]string
	if err := json.Unmarshal([]byte(format), &line); err != nil {
		t.Fatalf("a line of the log isn't JSON: %v", err)
	}
	for _, what := range []string{"requestId", "routeKey", "status", "responseLatency"} {
		if !slices.Contains(slices.Collect(maps.Values(line)), "$context."+what) {
			t.Errorf("the log doesn't have %s", what)
		}
	}
	for _, what := range []string{"identity", "authorizer", "path", "userAgent"} {
		if strings.Contains(format, what) {
			t.Errorf("the log has %s", what)
		}
	}
}

func TestPagesOfTheConfiguredOriginsMayCallTheAPI(t *testing.T) {
	cors := at(with(t, full).template.the(t, "HttpApi").Properties, "CorsConfiguration")
	for what, want := range map[string]string{
		"AllowOrigins":  `["https://app.example.com"]`,
		"AllowMethods":  `["GET","POST","PATCH","DELETE"]`,
		"AllowHeaders":  `["authorization","content-type","idempotency-key","if-match","x-amz-date","x-amz-security-token","x-amz-content-sha256"]`,
		"ExposeHeaders": `["etag","location","retry-after"]`,
		"MaxAge":        "3600",
	} {
		if got := asJSON(at(cors, what)); got != want {
			t.Errorf("%s is %s, want %s", what, got, want)
		}
	}
	var used []string
	for key := range routesOf(with(t, full).template) {
		if method, _, ok := strings.Cut(key, " "); ok && method != "OPTIONS" {
			used = append(used, method)
		}
	}
	for _, method := range used {
		if !strings.Contains(asJSON(at(cors, "AllowMethods")), `"`+method+`"`) {
			t.Errorf("pages may not %s", method)
		}
	}
}

func TestTheAPIsURLIsItsOwnOrTheConfiguredOne(t *testing.T) {
	for want, shape := range map[string]map[string]any{
		`{"Fn::GetAtt":["HttpApi","ApiEndpoint"]}`: byDefault,
		`"http://127.0.0.1:4570/vod"`:              openly,
	} {
		tpl := with(t, shape).template
		if got := asJSON(tpl.Outputs["ApiUrl"].Value); got != want {
			t.Errorf("output ApiUrl is %s, want %s", got, want)
		}
		told := asJSON(at(tpl.the(t, "ApiFunction").Properties, "Environment/Variables/API_BASE_URL"))
		if told != want && told != `""` {
			t.Errorf("the function is told %s, want %s", told, want)
		}
	}
}

package deploy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// machineWith is a control plane: resources are what CloudFormation believes to be there; gone is the path of
// what is not.
func machineWith(t *testing.T, gone string, resources ...[2]string) *Deployment {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/": // CloudFormation
			fmt.Fprint(w, `<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources>`)
			for i, x := range resources {
				fmt.Fprintf(w, `<member><LogicalResourceId>Part%d</LogicalResourceId><ResourceType>%s</ResourceType><PhysicalResourceId>%s</PhysicalResourceId></member>`, i, x[0], x[1])
			}
			fmt.Fprint(w, `</StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>`)
		case r.URL.Path == gone:
			w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{}`)
		default:
			fmt.Fprint(w, `{}`)
		}
	}))
	t.Cleanup(s.Close)
	return &Deployment{Stack: "vod", Region: "eu-central-1", ControlPlane: s.URL, AccessKey: "000000000000", SecretKey: "test"}
}

func TestAPartThatIsGoneIsFoundThoughTheStackIsThere(t *testing.T) {
	parts := [][2]string{
		{"AWS::Lambda::Function", "plan"}, {"AWS::ApiGatewayV2::Api", "a1"}, {"AWS::ApiGatewayV2::Route", "a1/r1"}, {"AWS::SNS::Topic", "t"},
	}
	if err := machineWith(t, "", parts...).missing(t.Context()); err != nil {
		t.Errorf("where everything is there: %v", err)
	}
	for part, path := range map[string]string{
		"Part0": "/2015-03-31/functions/plan/configuration", "Part1": "/v2/apis/a1", "Part2": "/v2/apis/a1/routes/r1",
	} {
		if err := machineWith(t, path, parts...).missing(t.Context()); err == nil || !strings.Contains(err.Error(), part+" of the stack vod is missing") {
			t.Errorf("without %s: %v", path, err)
		}
	}
}

func TestAStackThatWasRolledBackIsNotDeployed(t *testing.T) {
	for status, want := range map[types.StackStatus]bool{
		types.StackStatusCreateComplete: true, types.StackStatusUpdateComplete: true,
		types.StackStatusRollbackComplete: false, types.StackStatusUpdateRollbackComplete: false, types.StackStatusCreateInProgress: false,
	} {
		if deployed(types.Stack{StackStatus: status}) != want {
			t.Errorf("%s counts as deployed: %v", status, !want)
		}
	}
}

func TestNobodyReadsNodesStackTraces(t *testing.T) {
	const said = "❌ vod failed: Error: connect ECONNREFUSED\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)\n    at async x (y.js:1:2)\nat the end"
	if got := lastLines(said, 15); got != "❌ vod failed: Error: connect ECONNREFUSED\nat the end" {
		t.Errorf("it says %q", got)
	}
}

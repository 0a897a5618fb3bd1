package cloudfront_test

import (
	"context"
	"errors"
	"testing"

	awscloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/vodstack/vodstack/internal/adapter/cloudfront"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func distribution(t *testing.T, answer awstest.Answer) (*awstest.Service, *cloudfront.Distribution) {
	t.Helper()
	s := &awstest.Service{Reply: func(awstest.Call) awstest.Answer { return answer }}
	return s, &cloudfront.Distribution{Client: awscloudfront.NewFromConfig(s.Config(t)), ID: "E1"}
}

func refusal(status int, code string) awstest.Answer {
	return awstest.Answer{Status: status, Body: `<ErrorResponse><Error><Type>Sender</Type><Code>` + code + `</Code><Message>no</Message></Error></ErrorResponse>`}
}

func TestPathsAreForgottenUnderOneReference(t *testing.T) {
	s, d := distribution(t, awstest.Answer{Status: 201, Body: `<Invalidation><Id>I1</Id></Invalidation>`})
	if err := d.Invalidate(context.Background(), "guid", []string{"/guid/*", "/other/*"}); err != nil {
		t.Fatal(err)
	}
	call := s.Calls()[0]
	testkit.Golden(t, "testdata/invalidate.txt", call.Method+" "+call.Path+"\n"+call.Body+"\n")
}

func TestABusyDistributionIsWorthAnotherTry(t *testing.T) {
	for kind, answer := range map[error]awstest.Answer{
		contract.ErrThrottled:   refusal(400, "TooManyInvalidationsInProgress"),
		contract.ErrDenied:      refusal(403, "AccessDenied"),
		contract.ErrUnavailable: refusal(503, "ServiceUnavailable"),
	} {
		_, d := distribution(t, answer)
		if err := d.Invalidate(context.Background(), "guid", []string{"/guid/*"}); !errors.Is(err, kind) {
			t.Errorf("error is %v, want %v", err, kind)
		}
	}
}

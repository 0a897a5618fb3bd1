package e2e

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// oldKey signs with the key that every engine had before each home got its
// own, and with that of another home.
func oldKey(t *testing.T) {
	s := world.videos
	region := s.S3.Options().Region
	// Clients of their own: a signer remembers the key that it made of an
	// access key's secret, whatever the next secret is.
	for name, secret := range map[string]string{"the old key": "test", "no key": "none"} {
		keys := credentials.NewStaticCredentialsProvider("000000000000", secret, "")
		calls := map[string]func() error{
			"S3": func() error {
				_, err := s3.New(s3.Options{BaseEndpoint: s.S3.Options().BaseEndpoint, Region: region, Credentials: keys}).ListBuckets(t.Context(), nil)
				return err
			},
			"MediaConvert": func() error {
				_, err := mediaconvert.New(mediaconvert.Options{BaseEndpoint: s.MediaConvert.Options().BaseEndpoint, Region: region, Credentials: keys}).ListJobs(t.Context(), nil)
				return err
			},
			"the control plane": func() error {
				_, err := lambda.New(lambda.Options{BaseEndpoint: s.Lambda.Options().BaseEndpoint, Region: region, Credentials: keys}).ListFunctions(t.Context(), nil)
				return err
			},
			"the control plane's SQS": func() error {
				_, err := sqs.New(sqs.Options{BaseEndpoint: s.SQS.Options().BaseEndpoint, Region: region, Credentials: keys}).ListQueues(t.Context(), nil)
				return err
			},
			"the control plane's DynamoDB": func() error {
				_, err := dynamodb.New(dynamodb.Options{BaseEndpoint: s.DynamoDB.Options().BaseEndpoint, Region: region, Credentials: keys}).ListTables(t.Context(), nil)
				return err
			},
		}
		for service, call := range calls {
			if call() == nil {
				t.Errorf("%s is taken by %s", name, service)
			}
		}
		if answer := signedBy(t, http.MethodGet, "/videos", "", "000000000000", secret); answer.Status != http.StatusForbidden {
			t.Errorf("%s is taken by the API: %s", name, answer)
		}
	}
}

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
	for name, secret := range map[string]string{"the old key": "test", "no key": "none"} {
		keys := credentials.NewStaticCredentialsProvider("000000000000", secret, "")
		calls := map[string]func() error{
			"S3": func() error {
				_, err := s3.New(s.S3.Options(), func(o *s3.Options) { o.Credentials = keys }).ListBuckets(t.Context(), nil)
				return err
			},
			"MediaConvert": func() error {
				_, err := mediaconvert.New(s.MediaConvert.Options(), func(o *mediaconvert.Options) { o.Credentials = keys }).ListJobs(t.Context(), nil)
				return err
			},
			"the control plane": func() error {
				_, err := lambda.New(s.Lambda.Options(), func(o *lambda.Options) { o.Credentials = keys }).ListFunctions(t.Context(), nil)
				return err
			},
			"the control plane's SQS": func() error {
				_, err := sqs.New(s.SQS.Options(), func(o *sqs.Options) { o.Credentials = keys }).ListQueues(t.Context(), nil)
				return err
			},
			"the control plane's DynamoDB": func() error {
				_, err := dynamodb.New(s.DynamoDB.Options(), func(o *dynamodb.Options) { o.Credentials = keys }).ListTables(t.Context(), nil)
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

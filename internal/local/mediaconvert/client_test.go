package mediaconvert

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"

	"github.com/vodstack/vodstack/internal/apimodel"
)

func newClient(t *testing.T, url string) *sdk.Client {
	return sdk.New(sdk.Options{
		BaseEndpoint: &url, Region: region,
		Credentials: credentials.NewStaticCredentialsProvider("any", "thing", ""),
		HTTPClient:  &http.Client{Transport: modelCheck{t}},
		Retryer:     aws.NopRetryer{},
	})
}

// modelCheck holds every successful answer against the service's API model.
type modelCheck struct{ t *testing.T }

func (m modelCheck) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || answer.StatusCode >= 300 {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	operation := operationOf(r)
	if operation == "" {
		return answer, err // the reduced model doesn't have it
	}
	for _, violation := range apimodel.ValidateOutput(operation, body) {
		m.t.Errorf("%s answered %s, which the API model refuses: %s", operation, body, violation)
	}
	return answer, err
}

func operationOf(r *http.Request) string {
	model, err := apimodel.Load()
	if err != nil {
		return err.Error()
	}
	uri, _, _ := strings.Cut(r.URL.RequestURI(), "?")
	path := strings.Split(uri, "/")
	for name, op := range model.Operations {
		parts := strings.Split(op.URI, "/")
		if op.Method == r.Method && len(parts) == len(path) && slices.EqualFunc(parts, path, func(part, is string) bool {
			return part == is || strings.HasPrefix(part, "{")
		}) {
			return name
		}
	}
	return ""
}

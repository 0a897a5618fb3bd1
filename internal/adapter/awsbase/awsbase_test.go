package awsbase_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

func client(t *testing.T, endpoint string, timeout time.Duration) *sqs.Client {
	t.Helper()
	return sqs.NewFromConfig(config(t, endpoint, timeout))
}

// config is a function's settings with all services at one endpoint.
func config(t *testing.T, endpoint string, timeout time.Duration) aws.Config {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	cfg, err := awsbase.Config(context.Background(), timeout)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestAConnectionThatIsDeadIsGivenUpAndTriedAgain(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done() // the first attempt never gets an answer
			return
		}
		_, _ = w.Write([]byte(`{"QueueUrl":"http://q"}`))
	}))
	defer server.Close()
	name := "q"
	_, err := client(t, server.URL, 300*time.Millisecond).GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil || calls.Load() != 2 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestAServiceThatStaysDownIsUnavailableAfterAFewTries(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	name := "q"
	_, err := client(t, server.URL, time.Second).GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &name})
	if err := awsbase.Explain(err); !errors.Is(err, contract.ErrUnavailable) || calls.Load() != awsbase.Attempts {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestTheEnvironmentSaysAllThereIs(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"} {
		t.Setenv(name, "")
	}
	if _, err := awsbase.Config(context.Background(), time.Second); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("an empty environment: %v", err)
	}
	t.Setenv("AWS_REGION", "eu-north-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "token")
	cfg, err := awsbase.Config(context.Background(), time.Second)
	if err != nil || cfg.Region != "eu-north-1" || cfg.BaseEndpoint != nil {
		t.Errorf("settings are %+v, %v", cfg, err)
	}
	keys, err := cfg.Credentials.Retrieve(context.Background())
	if err != nil || keys.AccessKeyID != "id" || keys.SecretAccessKey != "secret" || keys.SessionToken != "token" {
		t.Errorf("credentials are %+v, %v", keys, err)
	}
}

func TestOneServiceMayHaveAnEndpointOfItsOwn(t *testing.T) {
	var asked atomic.Int32
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte(`{"QueueUrl":"http://q"}`))
	}))
	defer own.Close()
	t.Setenv("AWS_ENDPOINT_URL_SQS", own.URL)
	name := "q"
	_, err := client(t, "http://127.0.0.1:1", time.Second).GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	odd := errors.New("odd")
	if err := awsbase.Explain(odd); err != odd {
		t.Errorf("error is %v", err)
	}
	if awsbase.Explain(nil) != nil {
		t.Error("nothing has become an error")
	}
}

package awsbase_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

func client(t *testing.T, endpoint string, timeout time.Duration) *sqs.Client {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	cfg, err := awsbase.Config(context.Background(), timeout)
	if err != nil {
		t.Fatal(err)
	}
	return sqs.NewFromConfig(cfg)
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

func TestOtherErrorsStayAsTheyAre(t *testing.T) {
	odd := errors.New("odd")
	if err := awsbase.Explain(odd); err != odd {
		t.Errorf("error is %v", err)
	}
	if awsbase.Explain(nil) != nil {
		t.Error("nothing has become an error")
	}
}

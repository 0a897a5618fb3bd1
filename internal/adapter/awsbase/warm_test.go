package awsbase_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

func TestWarmCallsOpenOneConnectionSendNothingAndLeaveItToTheFirstCall(t *testing.T) {
	var asked atomic.Int32
	var on int32 // the connection
	server, opened := secure(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		on = r.Context().Value(number{}).(int32)
		_, _ = io.WriteString(w, "{}")
	})
	cfg := config(t, server.URL, 5*time.Second)
	tables := dynamodb.NewFromConfig(cfg)
	awsbase.Warm(context.Background(), func(ctx context.Context) {
		for range 3 {
			if err := ask(ctx, tables, 1); err != nil {
				t.Error(err)
			}
		}
		if _, err := sns.NewFromConfig(awsbase.With(cfg, time.Second)).Publish(ctx, &sns.PublishInput{Message: new("m"), TopicArn: new("arn")}); err != nil {
			t.Log("an empty answer of SNS is an error, which does no harm: ", err)
		}
		if _, err := s3.NewFromConfig(cfg).HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String("bucket"), Key: aws.String("key")}); err != nil {
			t.Error(err)
		}
	})
	if asked.Load() != 0 || opened.Load() != 1 {
		t.Fatalf("%d requests on %d connections, want none on one", asked.Load(), opened.Load())
	}
	if err := getItem(t, tables, 1); err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 1 || on != 1 {
		t.Errorf("%d requests, the last on connection %d; want one, on the first", asked.Load(), on)
	}
}

func TestAServiceThatIsNotThereOrSilentDoesNotKeepAFunctionFromStarting(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, endpoint := range []string{"https://127.0.0.1:1", "http://127.0.0.1:1", "https://" + silent.Addr().String(), "https://no-such-host.invalid"} {
		began := time.Now()
		tables := dynamodb.NewFromConfig(config(t, endpoint, 20*time.Second))
		awsbase.Warm(context.Background(), func(ctx context.Context) { _ = ask(ctx, tables, 1) })
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: the start took %s", endpoint, took)
		}
	}
}

func TestAnEndpointWithoutTLSIsConnectedToo(t *testing.T) {
	opened := make(chan struct{}, 10)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") }),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened <- struct{}{}
			}
		},
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	tables := dynamodb.NewFromConfig(config(t, "http://"+listener.Addr().String(), time.Second))
	awsbase.Warm(context.Background(), func(ctx context.Context) { _ = ask(ctx, tables, 1) })
	<-opened
}

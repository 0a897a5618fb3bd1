package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vodstack/vodstack/internal/inbox"
)

// lambdasEvent is what Lambda sends for messages in a queue: "Using Lambda
// with Amazon SQS" in its guide.
const lambdasEvent = `{"Records":[
	{"messageId":"1","receiptHandle":"r","body":"a","attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs"},
	{"messageId":"2","receiptHandle":"r","body":"b","attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs"},
	{"messageId":"3","receiptHandle":"r","body":"c","attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs"}]}`

func batch(t *testing.T) (b inbox.Batch) {
	t.Helper()
	if err := json.Unmarshal([]byte(lambdasEvent), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func answer(t *testing.T, f inbox.Failures) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestOnlyTheMessagesThatFailedComeAgain(t *testing.T) {
	var taken []string
	failures := batch(t).Each(t.Context(), slog.New(slog.DiscardHandler), func(_ context.Context, body string) error {
		taken = append(taken, body)
		if body == "b" {
			return errors.New("no")
		}
		return nil
	})
	if !slices.Equal(taken, []string{"a", "b", "c"}) {
		t.Errorf("taken: %v", taken)
	}
	if got, want := answer(t, failures), `{"batchItemFailures":[{"itemIdentifier":"2"}]}`; got != want {
		t.Errorf("answer is %s, want %s", got, want)
	}
}

// TestABatchWithoutFailuresSaysSo: null would mean to Lambda that it cannot
// read the answer.
func TestABatchWithoutFailuresSaysSo(t *testing.T) {
	failures := batch(t).Each(t.Context(), slog.New(slog.DiscardHandler), func(context.Context, string) error { return nil })
	if got := answer(t, failures); got != `{"batchItemFailures":[]}` {
		t.Errorf("answer is %s", got)
	}
}

func TestAFunctionWithLittleTimeBeginsMessagesForTwoThirdsOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		failures := batch(t).Each(ctx, slog.New(slog.DiscardHandler), func(context.Context, string) error {
			time.Sleep(2100 * time.Millisecond)
			return nil
		})
		if got, want := answer(t, failures), `{"batchItemFailures":[{"itemIdentifier":"3"}]}`; got != want {
			t.Errorf("answer is %s, want %s", got, want)
		}
	})
}

func TestMessagesThatThereIsNoTimeForComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		failures := batch(t).Each(ctx, slog.New(slog.DiscardHandler), func(context.Context, string) error {
			time.Sleep(11 * time.Second)
			return nil
		})
		if got, want := answer(t, failures), `{"batchItemFailures":[{"itemIdentifier":"3"}]}`; got != want {
			t.Errorf("answer is %s, want %s", got, want)
		}
	})
}

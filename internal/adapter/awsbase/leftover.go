package awsbase

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithytime "github.com/aws/smithy-go/time"

	"github.com/vodstack/vodstack/internal/contract"
)

// A batch call answers well even where the service has carried out a part of
// it, or nothing: what it could not do is in the answer, and the SDK does not
// send it again. Such a leftover is sent batchAttempts times in all, with the
// SDK's own backoff in between: up to 1, 2 and 4 seconds.
const (
	batchAttempts = 4
	batchBackoff  = 8 * time.Second
)

// UntilDone calls send until it leaves nothing over. What is left in the end
// is contract.ErrThrottled.
func UntilDone(ctx context.Context, send func() (left int, err error)) error {
	backoff := retry.NewExponentialJitterBackoff(batchBackoff)
	for attempt := 1; ; attempt++ {
		left, err := send()
		if err != nil || left == 0 {
			return err
		}
		if attempt == batchAttempts {
			return fmt.Errorf("%d items of a batch are left over after %d attempts: %w", left, attempt, contract.ErrThrottled)
		}
		delay, err := backoff.BackoffDelay(attempt-1, nil)
		if err != nil {
			return fmt.Errorf("back off: %w", err)
		}
		if err := smithytime.SleepWithContext(ctx, delay); err != nil {
			return err
		}
	}
}

// Transient tells whether an error code in the answer to a batch call is
// worth another try (Amazon S3 API Reference, "Error responses").
func Transient(code string) bool {
	return slices.Contains(throttles, code) || slices.Contains([]string{"InternalError", "ServiceUnavailable", "OperationAborted", "RequestTimeout"}, code)
}

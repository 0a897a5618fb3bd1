// Package cloudfront makes the delivery forget what was deleted.
package cloudfront

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Distribution is one distribution.
type Distribution struct {
	Client *cloudfront.Client
	ID     string
}

// Invalidate makes the distribution forget paths, each with a slash in front
// and perhaps a * at its end. The same reference again counts as the same
// request. CloudFront takes only so many at a time.
func (d *Distribution) Invalidate(ctx context.Context, reference string, paths []string) error {
	_, err := d.Client.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
		DistributionId: &d.ID,
		InvalidationBatch: &types.InvalidationBatch{
			CallerReference: &reference,
			Paths:           &types.Paths{Quantity: aws.Int32(int32(len(paths))), Items: paths},
		},
	})
	var busy *types.TooManyInvalidationsInProgress
	if errors.As(err, &busy) {
		return fmt.Errorf("%w: %w", contract.ErrThrottled, err)
	}
	return awsbase.Explain(err)
}

package teardown

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3 empties buckets.
type S3 struct{ Client *s3.Client }

// Empty removes every version and delete marker, page by page. A bucket that
// is gone already is empty.
func (s S3) Empty(ctx context.Context, bucket string) (int, error) {
	var removed int
	pages := s3.NewListObjectVersionsPaginator(s.Client, &s3.ListObjectVersionsInput{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() == "NoSuchBucket" {
			return removed, nil
		}
		if err != nil {
			return removed, fmt.Errorf("list versions: %w", err)
		}
		found := identifiers(page)
		if err := s.remove(ctx, bucket, found); err != nil {
			return removed, err
		}
		removed += len(found)
	}
	return removed, nil
}

// identifiers are a page's versions and delete markers, 1,000 at most, which
// is also as many as one deletion takes.
func identifiers(page *s3.ListObjectVersionsOutput) []types.ObjectIdentifier {
	var found []types.ObjectIdentifier
	for _, v := range page.Versions {
		found = append(found, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	for _, m := range page.DeleteMarkers {
		found = append(found, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	return found
}

// remove deletes up to 1,000 versions. S3 answers 200 even where it deleted
// nothing: the errors are in the answer.
func (s S3) remove(ctx context.Context, bucket string, found []types.ObjectIdentifier) error {
	if len(found) == 0 {
		return nil
	}
	out, err := s.Client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &bucket, Delete: &types.Delete{Objects: found, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("delete versions: %w", err)
	}
	if len(out.Errors) > 0 {
		first := out.Errors[0]
		return fmt.Errorf("delete versions: %d of %d refused, the first %s: %s", len(out.Errors), len(found), aws.ToString(first.Key), aws.ToString(first.Message))
	}
	return nil
}

package rig

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Resource is the physical id of the resource with this logical id: a table's
// name, a queue's URL, a function's name.
func (s *Stack) Resource(ctx context.Context, logical string) (string, error) {
	return s.resource(ctx, logical, func(id, _ string) bool { return id == logical })
}

// Versions counts the versions and delete markers of a bucket whose keys
// begin with prefix.
func (s *Stack) Versions(ctx context.Context, bucket, prefix string) (int, error) {
	found := 0
	pages := s3.NewListObjectVersionsPaginator(s.S3, &s3.ListObjectVersionsInput{Bucket: &bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("list the versions of %s: %w", prefix, err)
		}
		found += len(page.Versions) + len(page.DeleteMarkers)
	}
	return found, nil
}

// Unfinished are the multipart uploads under a prefix that were neither
// completed nor aborted.
func (s *Stack) Unfinished(ctx context.Context, bucket, prefix string) ([]s3types.MultipartUpload, error) {
	out, err := s.S3.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: aws.String(bucket), Prefix: aws.String(prefix)})
	if err != nil {
		return nil, fmt.Errorf("list the multipart uploads of %s: %w", prefix, err)
	}
	return out.Uploads, nil
}

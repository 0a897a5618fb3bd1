package objectstore

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/s3response"
)

// listsBuckets lists the control plane's buckets.
type listsBuckets interface {
	ListBuckets(ctx context.Context, in *s3.ListBucketsInput, options ...func(*s3.Options)) (*s3.ListBucketsOutput, error)
}

// allBuckets is as many as an account can have.
const allBuckets = 10_000

// ListBuckets lists the buckets of both sides as those of one S3.
func (a *announcing) ListBuckets(ctx context.Context, in s3response.ListBucketsInput) (s3response.ListAllMyBucketsResult, error) {
	if a.others == nil {
		return a.Backend.ListBuckets(ctx, in)
	}
	all := in
	all.ContinuationToken, all.MaxBuckets = "", allBuckets
	out, err := a.Backend.ListBuckets(ctx, all)
	if err != nil {
		return out, err
	}
	others, err := a.others.ListBuckets(context.WithoutCancel(ctx), &s3.ListBucketsInput{Prefix: &in.Prefix})
	if err != nil {
		return out, fmt.Errorf("list the control plane's buckets: %w", err)
	}
	found := out.Buckets.Bucket
	for _, b := range others.Buckets {
		found = append(found, s3response.ListAllMyBucketsEntry{Name: deref(b.Name), CreationDate: deref(b.CreationDate)})
	}
	out.Buckets.Bucket, out.ContinuationToken = page(found, in)
	return out, nil
}

// page sorts the buckets, keeps one of those that are on both sides (a stack's
// own), and cuts out what was asked for.
func page(found []s3response.ListAllMyBucketsEntry, in s3response.ListBucketsInput) (_ []s3response.ListAllMyBucketsEntry, next string) {
	slices.SortStableFunc(found, func(a, b s3response.ListAllMyBucketsEntry) int { return cmp.Compare(a.Name, b.Name) })
	found = slices.CompactFunc(found, func(a, b s3response.ListAllMyBucketsEntry) bool { return a.Name == b.Name })
	found = slices.DeleteFunc(found, func(b s3response.ListAllMyBucketsEntry) bool { return b.Name <= in.ContinuationToken })
	if n := int(in.MaxBuckets); len(found) > n && n > 0 {
		return found[:n], found[n-1].Name
	}
	return found, ""
}

// client calls the control plane's S3.
func (f *forwarder) client(region, accessKey, secretKey string) listsBuckets {
	if f == nil {
		return nil
	}
	return s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + controlPlaneHost), Region: region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
		HTTPClient:  &http.Client{Transport: f.transport},
	})
}

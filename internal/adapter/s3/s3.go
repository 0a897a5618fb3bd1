// Package s3 reads and tags objects of one bucket. It addresses buckets as
// the SDK does by default, by host name on AWS and by path where the endpoint
// is an IP address.
package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Bucket is one bucket.
type Bucket struct {
	Client *s3.Client
	Name   string
}

// Head looks the current version of an object up.
func (b *Bucket) Head(ctx context.Context, key string) (contract.Object, error) {
	out, err := b.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return contract.Object{}, awsbase.Explain(err)
	}
	return contract.Object{
		Key:       key,
		VersionID: aws.ToString(out.VersionId),
		ETag:      strings.Trim(aws.ToString(out.ETag), `"`),
		Size:      aws.ToInt64(out.ContentLength),
	}, nil
}

// Read returns the first limit bytes of one version; of the current
// one where the version is empty.
func (b *Bucket) Read(ctx context.Context, key, version string, limit int64) ([]byte, error) {
	out, err := b.Client.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.Name, Key: &key, VersionId: optional(version),
	})
	if err != nil {
		return nil, awsbase.Explain(err)
	}
	defer out.Body.Close()
	var data bytes.Buffer
	data.Grow(int(min(limit, aws.ToInt64(out.ContentLength))) + bytes.MinRead)
	if _, err := data.ReadFrom(io.LimitReader(out.Body, limit)); err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", b.Name, key, awsbase.Interrupted(err))
	}
	return data.Bytes(), nil
}

// List returns up to limit objects, in the order of their keys; a thousand is
// the most that one call returns.
func (b *Bucket) List(ctx context.Context, prefix string, limit int) ([]contract.Object, error) {
	out, err := b.Client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &b.Name, Prefix: &prefix, MaxKeys: aws.Int32(int32(min(limit, 1000))),
	})
	if err != nil {
		return nil, awsbase.Explain(err)
	}
	objects := make([]contract.Object, len(out.Contents))
	for i, object := range out.Contents {
		objects[i] = contract.Object{
			Key:  aws.ToString(object.Key),
			ETag: strings.Trim(aws.ToString(object.ETag), `"`),
			Size: aws.ToInt64(object.Size),
		}
	}
	return objects, nil
}

// optional leaves out a version that is none: buckets that keep no versions
// call it "null".
func optional(version string) *string {
	if version == "" || version == "null" {
		return nil
	}
	return &version
}

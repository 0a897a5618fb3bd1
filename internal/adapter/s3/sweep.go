package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// AbortUploads ends all multipart uploads under a prefix. Each page is asked
// for anew, since those of the last one are gone by then.
func (b *Bucket) AbortUploads(ctx context.Context, prefix string) error {
	for {
		out, err := b.Client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &b.Name, Prefix: &prefix})
		if err != nil {
			return awsbase.Explain(err)
		}
		for _, upload := range out.Uploads {
			if err := b.abort(ctx, upload); err != nil {
				return err
			}
		}
		if !aws.ToBool(out.IsTruncated) || len(out.Uploads) == 0 {
			return nil
		}
	}
}

// abort ends one multipart upload; one that is gone counts as ended.
func (b *Bucket) abort(ctx context.Context, upload types.MultipartUpload) error {
	_, err := b.Client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &b.Name, Key: upload.Key, UploadId: upload.UploadId,
	})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchUpload" {
		return nil
	}
	return awsbase.Explain(err)
}

// Versions are up to a thousand versions and delete markers under a prefix.
func (b *Bucket) Versions(ctx context.Context, prefix string) (versions, markers []contract.Object, err error) {
	out, err := b.Client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &b.Name, Prefix: &prefix})
	if err != nil {
		return nil, nil, awsbase.Explain(err)
	}
	for _, v := range out.Versions {
		versions = append(versions, contract.Object{Key: aws.ToString(v.Key), VersionID: aws.ToString(v.VersionId)})
	}
	for _, m := range out.DeleteMarkers {
		markers = append(markers, contract.Object{Key: aws.ToString(m.Key), VersionID: aws.ToString(m.VersionId)})
	}
	return versions, markers, nil
}

// Clear deletes up to a thousand objects under a prefix and returns how many.
func (b *Bucket) Clear(ctx context.Context, prefix string) (int, error) {
	objects, err := b.List(ctx, prefix, deletable)
	if err != nil || len(objects) == 0 {
		return 0, err
	}
	return len(objects), b.Remove(ctx, objects)
}

// deletable is how many objects S3 deletes in one call.
const deletable = 1000

// Remove deletes objects: the version that each names, for good, or the
// object where it names none.
func (b *Bucket) Remove(ctx context.Context, objects []contract.Object) error {
	for len(objects) > 0 {
		n := min(len(objects), deletable)
		if err := b.remove(ctx, objects[:n]); err != nil {
			return err
		}
		objects = objects[n:]
	}
	return nil
}

// remove deletes what fits one call. S3 answers well even where it has
// deleted nothing; what it failed at is in the answer, and is sent again where
// that may help.
func (b *Bucket) remove(ctx context.Context, objects []contract.Object) error {
	ids := make([]types.ObjectIdentifier, len(objects))
	for i, object := range objects {
		ids[i].Key = &object.Key
		if object.VersionID != "" {
			ids[i].VersionId = &object.VersionID
		}
	}
	return awsbase.UntilDone(ctx, func() (int, error) {
		out, err := b.Client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &b.Name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
		})
		if err != nil {
			return 0, awsbase.Explain(err)
		}
		ids = nil
		for _, failed := range out.Errors {
			if !awsbase.Transient(aws.ToString(failed.Code)) {
				return 0, fmt.Errorf("delete s3://%s/%s: %s: %s (and %d more)", b.Name, aws.ToString(failed.Key),
					aws.ToString(failed.Code), aws.ToString(failed.Message), len(out.Errors)-1)
			}
			ids = append(ids, types.ObjectIdentifier{Key: failed.Key, VersionId: failed.VersionId})
		}
		return len(ids), nil
	})
}

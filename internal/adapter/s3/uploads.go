package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Uploads makes the URLs that files are uploaded to, and keeps their
// multipart uploads. Its client must not add checksums of its own: a URL is
// signed before there is anything to sum up.
type Uploads struct {
	Client *s3.Client
	Name   string // of the bucket
}

// NewUploads makes a client that signs nothing but what it is told.
func NewUploads(cfg aws.Config, bucket string) *Uploads {
	return &Uploads{Name: bucket, Client: s3.NewFromConfig(cfg, SignWhatIsTold)}
}

// SignWhatIsTold keeps the SDK from adding the checksum of an empty body to
// what it signs.
func SignWhatIsTold(o *s3.Options) {
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
}

// SignPut makes a URL for one upload: of this type and length, to this key,
// and only while there is no object.
func (u *Uploads) SignPut(ctx context.Context, key, contentType string, size int64, life time.Duration) (string, error) {
	signed, err := s3.NewPresignClient(u.Client).PresignPutObject(ctx, &s3.PutObjectInput{
		Bucket: &u.Name, Key: &key, ContentType: &contentType, ContentLength: &size, IfNoneMatch: aws.String("*"),
	}, s3.WithPresignExpires(life))
	if err != nil {
		return "", fmt.Errorf("sign upload of %s: %w", key, err)
	}
	return signed.URL, nil
}

// SignPart makes a URL for one part of this length.
func (u *Uploads) SignPart(ctx context.Context, key, uploadID string, number int, size int64, life time.Duration) (string, error) {
	signed, err := s3.NewPresignClient(u.Client).PresignUploadPart(ctx, &s3.UploadPartInput{
		Bucket: &u.Name, Key: &key, UploadId: &uploadID, PartNumber: aws.Int32(int32(number)), ContentLength: &size,
	}, s3.WithPresignExpires(life))
	if err != nil {
		return "", fmt.Errorf("sign part %d of %s: %w", number, key, err)
	}
	return signed.URL, nil
}

// Begin begins a multipart upload.
func (u *Uploads) Begin(ctx context.Context, key, contentType string) (string, error) {
	out, err := u.Client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &u.Name, Key: &key, ContentType: &contentType})
	if err != nil {
		return "", awsbase.Explain(err)
	}
	return aws.ToString(out.UploadId), nil
}

// Parts are the parts that have arrived, in order, from the one after the
// number given; until limit of them are found, all of them where it is 0.
func (u *Uploads) Parts(ctx context.Context, key, uploadID string, after, limit int) ([]contract.UploadedPart, error) {
	var parts []contract.UploadedPart
	marker := aws.String(fmt.Sprint(after))
	for {
		out, err := u.Client.ListParts(ctx, &s3.ListPartsInput{Bucket: &u.Name, Key: &key, UploadId: &uploadID, PartNumberMarker: marker})
		if err != nil {
			return nil, gone(err)
		}
		for _, part := range out.Parts {
			parts = append(parts, contract.UploadedPart{
				Number: int(aws.ToInt32(part.PartNumber)), ETag: strings.Trim(aws.ToString(part.ETag), `"`), Size: aws.ToInt64(part.Size),
			})
		}
		if !aws.ToBool(out.IsTruncated) || len(out.Parts) == 0 || limit > 0 && len(parts) >= limit {
			return parts, nil
		}
		marker = out.NextPartNumberMarker
	}
}

// joining is how long S3 may take to put parts together: it holds its answer
// back until thousands of them are one object.
const joining = 25 * time.Second

// Complete puts the parts together, unless there is an object already.
func (u *Uploads) Complete(ctx context.Context, key, uploadID string, parts []contract.UploadedPart) error {
	completed := make([]types.CompletedPart, len(parts))
	for i, part := range parts {
		completed[i] = types.CompletedPart{PartNumber: aws.Int32(int32(part.Number)), ETag: &part.ETag}
	}
	_, err := u.Client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &u.Name, Key: &key, UploadId: &uploadID, IfNoneMatch: aws.String("*"),
		MultipartUpload: &types.CompletedMultipartUpload{Parts: completed},
	}, patient)
	return gone(err)
}

func patient(o *s3.Options) { o.HTTPClient = awsbase.WithTimeout(o.HTTPClient, joining) }

// Abort drops a multipart upload. One that is gone counts as dropped.
func (u *Uploads) Abort(ctx context.Context, key, uploadID string) error {
	_, err := u.Client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &u.Name, Key: &key, UploadId: &uploadID})
	if err := gone(err); err != nil && !errors.Is(err, contract.ErrNotFound) {
		return err
	}
	return nil
}

// Source is the current version of an uploaded file.
func (u *Uploads) Source(ctx context.Context, key string) (contract.Source, error) {
	out, err := u.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &u.Name, Key: &key})
	if err != nil {
		return contract.Source{}, awsbase.Explain(err)
	}
	return contract.Source{
		Object: contract.Object{
			Key: key, VersionID: aws.ToString(out.VersionId),
			ETag: strings.Trim(aws.ToString(out.ETag), `"`), Size: aws.ToInt64(out.ContentLength),
		},
		Archived: archived(out),
	}, nil
}

// archived tells whether an object can be read only after it is restored, and
// is not. Restore says ongoing-request="false" once it is.
func archived(out *s3.HeadObjectOutput) bool {
	switch out.StorageClass {
	case types.StorageClassGlacier, types.StorageClassDeepArchive:
		return !strings.Contains(aws.ToString(out.Restore), `ongoing-request="false"`)
	}
	return out.ArchiveStatus != ""
}

// gone wraps what S3 says of an upload that is not there any more, and of an
// object that is there already, in the contract's words.
func gone(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "NoSuchUpload":
			return fmt.Errorf("%w: %w", contract.ErrNotFound, err)
		case "PreconditionFailed":
			return fmt.Errorf("%w: %w", contract.ErrUploaded, err)
		case "InvalidPart", "ConditionalRequestConflict": // a part or the object is being written: the next try sees it
			return fmt.Errorf("%w: %w", contract.ErrUnavailable, err)
		}
	}
	return awsbase.Explain(err)
}

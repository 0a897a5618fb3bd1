package objectstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Bucket is what the machine keeps of a bucket of the template.
type Bucket struct {
	Name      string           `json:"name"`
	Versioned bool             `json:"versioned"`
	Announced bool             `json:"announced"` // sends its events to EventBridge
	CORS      []types.CORSRule `json:"cors,omitempty"`
}

// Client returns an S3 client for the gateway at url.
func Client(url, region, accessKey, secretKey string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(url), Region: region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})
}

// PrepareBucket makes the bucket, or brings one that is there up to date.
func PrepareBucket(ctx context.Context, client *s3.Client, b Bucket) error {
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{
		Bucket: &b.Name,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(client.Options().Region),
		},
	}, s3.WithAPIOptions(smithyhttp.SetHeaderValue(makeHereHeader, "yes")))
	var ours *types.BucketAlreadyOwnedByYou
	var exists *types.BucketAlreadyExists
	if err != nil && !errors.As(err, &ours) && !errors.As(err, &exists) {
		return fmt.Errorf("make bucket %s: %w", b.Name, err)
	}
	for _, set := range []func(context.Context, *s3.Client, Bucket) error{setVersioning, setCORS, setAnnounced} {
		if err := set(ctx, client, b); err != nil {
			return fmt.Errorf("prepare bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

func setVersioning(ctx context.Context, client *s3.Client, b Bucket) error {
	if !b.Versioned {
		return nil
	}
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket:                  &b.Name,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}

func setCORS(ctx context.Context, client *s3.Client, b Bucket) error {
	if len(b.CORS) == 0 {
		_, err := client.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: &b.Name})
		return err
	}
	_, err := client.PutBucketCors(ctx, &s3.PutBucketCorsInput{
		Bucket: &b.Name, CORSConfiguration: &types.CORSConfiguration{CORSRules: b.CORS},
	})
	return err
}

func setAnnounced(ctx context.Context, client *s3.Client, b Bucket) error {
	if !b.Announced {
		_, err := client.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: &b.Name})
		return err
	}
	_, err := client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: &b.Name,
		Tagging: &types.Tagging{TagSet: []types.Tag{
			{Key: aws.String(AnnounceTag), Value: aws.String("on")},
		}},
	})
	return err
}

package s3

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// ArchiveTag is the key of the tag that the source bucket's lifecycle rules
// look at; its value is the storage class.
const ArchiveTag = "vodstack:archive"

// mostTags is how many tags S3 takes for an object (Amazon S3 User Guide,
// "Categorizing your objects using tags").
const mostTags = 10

// Tag marks one version for the lifecycle rule of a storage class. The other
// tags of the version stay: PutObjectTagging replaces the whole set.
func (b *Bucket) Tag(ctx context.Context, key, version, class string) error {
	out, err := b.Client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{
		Bucket: &b.Name, Key: &key, VersionId: optional(version),
	})
	if err != nil {
		return awsbase.Explain(err)
	}
	tags := out.TagSet
	i := slices.IndexFunc(tags, func(tag types.Tag) bool { return aws.ToString(tag.Key) == ArchiveTag })
	switch {
	case i >= 0 && aws.ToString(tags[i].Value) == class:
		return nil
	case i >= 0:
		tags[i].Value = &class
	case len(tags) >= mostTags:
		return fmt.Errorf("tag s3://%s/%s: %w", b.Name, key, contract.ErrTagsFull)
	default:
		tags = append(tags, types.Tag{Key: aws.String(ArchiveTag), Value: &class})
	}
	_, err = b.Client.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{
		Bucket: &b.Name, Key: &key, VersionId: optional(version), Tagging: &types.Tagging{TagSet: tags},
	})
	return awsbase.Explain(err)
}

package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// gone waits until nothing of the video is left but a tombstone: guids are
// those of its encodes.
func (d draft) gone(t *testing.T, guids ...string) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(500 * time.Millisecond) {
		if left = d.leftovers(t, guids); len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("of the deleted video %s three minutes later these are left: %s", d.id, strings.Join(left, ", "))
		}
	}
	d.tombstone(t)
}

// forgotten asks that the CDN was told to forget an encode's outputs.
func (d draft) forgotten(t *testing.T, guid string) {
	t.Helper()
	if !d.s.invalidated(t.Context(), guid) {
		t.Errorf("the CDN was not told to forget %s", guid)
	}
}

// leftovers are what is still there, in words.
func (d draft) leftovers(t *testing.T, guids []string) (left []string) {
	t.Helper()
	ctx := t.Context()
	source, destination := d.s.Outputs["Source"], d.s.Outputs["Destination"]
	if n, err := d.s.Versions(ctx, source, d.prefix()); err != nil || n > 0 {
		left = append(left, "versions of the source")
	}
	if uploads, err := d.s.Unfinished(ctx, source, d.prefix()); err != nil || len(uploads) > 0 {
		left = append(left, "multipart uploads")
	}
	if len(d.s.history(t, d.id)) > 0 {
		left = append(left, "its messages")
	}
	if row := d.s.row(t, d.id); row["pendingWork"] != nil {
		left = append(left, "work to do")
	}
	for _, guid := range guids {
		if n, err := d.s.Versions(ctx, destination, guid+"/"); err != nil || n > 0 {
			left = append(left, "outputs of "+guid)
		}
		if record, err := d.s.Record(ctx, guid); err != nil || record != nil {
			left = append(left, "the record of "+guid)
		}
	}
	return left
}

// tombstone asks that the row says nothing but that it was deleted.
func (d draft) tombstone(t *testing.T) {
	t.Helper()
	row := d.s.row(t, d.id)
	allowed := map[string]bool{"id": true, "deletedAt": true, "version": true, "expireAt": true, "guids": true, "updatedAt": true}
	for name := range row {
		if !allowed[name] {
			t.Errorf("the tombstone has %s", name)
		}
	}
	if row["expireAt"] == nil || row["deletedAt"] == nil {
		t.Errorf("the tombstone lacks deletedAt or expireAt: %v", row)
	}
}

// row is the video's item as it is.
func (s *site) row(t *testing.T, id string) map[string]ddb.AttributeValue {
	t.Helper()
	out, err := s.DynamoDB.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(s.Outputs["VideoTable"]), ConsistentRead: aws.Bool(true),
		Key: map[string]ddb.AttributeValue{"id": &ddb.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// history are the items of the messages that were kept of a video.
func (s *site) history(t *testing.T, id string) []map[string]ddb.AttributeValue {
	t.Helper()
	table, err := s.Resource(t.Context(), "VideoHistoryTable")
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.DynamoDB.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: aws.String("id = :id"),
		ExpressionAttributeValues: map[string]ddb.AttributeValue{":id": &ddb.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}

// invalidated tells whether the CDN was told to forget an encode's outputs.
func (s *site) invalidated(ctx context.Context, guid string) bool {
	distribution, err := s.Resource(ctx, "Distribution")
	if err != nil {
		return false
	}
	pages := cloudfront.NewListInvalidationsPaginator(s.CloudFront, &cloudfront.ListInvalidationsInput{DistributionId: &distribution})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false
		}
		for _, summary := range page.InvalidationList.Items {
			one, err := s.CloudFront.GetInvalidation(ctx, &cloudfront.GetInvalidationInput{DistributionId: &distribution, Id: summary.Id})
			if err == nil && aws.ToString(one.Invalidation.InvalidationBatch.CallerReference) == guid {
				paths := one.Invalidation.InvalidationBatch.Paths.Items
				return len(paths) == 1 && paths[0] == "/"+guid+"/*"
			}
		}
	}
	return false
}

package dynamodb

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// summary are the fields of a record that a row of the video table and sweep
// need; the rest may be hundreds of kilobytes.
var summary = []string{
	"guid", "startTime", "endTime", "workflowStatus", "srcVideo", "srcWidth", "srcHeight", "encodeJobId",
	"mp4Urls", "thumbNailUrl", "srcMediainfo", "encodingOutput", "redrives",
}

// Summary reads a part of a record as it is now, or returns
// contract.ErrUnknownVideo.
func (t *Table) Summary(ctx context.Context, guid string) (contract.Record, error) {
	names, aliases := map[string]string{}, make([]string, len(summary))
	for i, field := range summary {
		aliases[i] = fmt.Sprintf("#n%d", i)
		names[aliases[i]] = field
	}
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: keyOf(guid), ConsistentRead: aws.Bool(true),
		ProjectionExpression: aws.String(strings.Join(aliases, ", ")), ExpressionAttributeNames: names,
	})
	if err != nil {
		return contract.Record{}, awsbase.Explain(err)
	}
	if len(out.Item) == 0 {
		return contract.Record{}, contract.ErrUnknownVideo
	}
	return unmarshal(out.Item)
}

// Delete removes a record; one that is gone counts as removed.
func (t *Table) Delete(ctx context.Context, guid string) error {
	_, err := t.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.Name, Key: keyOf(guid)})
	return awsbase.Explain(err)
}

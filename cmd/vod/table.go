package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/engine"
)

// table reads the tracking table.
type table struct {
	client *dynamodb.Client
	name   string
}

func newTable(c engine.Control, secret, name string) *table {
	url := c.Ports.ControlPlaneURL()
	return &table{name: name, client: dynamodb.New(dynamodb.Options{
		BaseEndpoint: &url, Region: c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(engine.AccessKey, secret, ""),
	})}
}

// record returns a video's item, or false when there is none yet.
func (t *table) record(ctx context.Context, guid string) (contract.Record, bool, error) {
	var r contract.Record
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{"guid": &types.AttributeValueMemberS{Value: guid}},
	})
	if err != nil || out.Item == nil {
		return r, false, err
	}
	var fields map[string]any
	if err := attributevalue.UnmarshalMap(out.Item, &fields); err != nil {
		return r, false, fmt.Errorf("record of video %s: %w", guid, err)
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return r, false, fmt.Errorf("record of video %s: %w", guid, err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, false, fmt.Errorf("record of video %s: %w", guid, err)
	}
	return r, true, nil
}

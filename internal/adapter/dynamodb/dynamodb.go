// Package dynamodb keeps the tracking records.
package dynamodb

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Table is the tracking table.
type Table struct {
	Client *dynamodb.Client
	Name   string
}

const key = "guid"

// Create writes a new record, or returns the one that is there already.
func (t *Table) Create(ctx context.Context, rec contract.Record) (*contract.Record, error) {
	item, err := marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("write record %s: %w", rec.GUID, err)
	}
	_, err = t.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &t.Name,
		Item:                                item,
		ConditionExpression:                 aws.String("attribute_not_exists(#guid)"),
		ExpressionAttributeNames:            map[string]string{"#guid": key},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		existing, err := t.standing(ctx, rec.GUID, failed.Item)
		return &existing, err
	}
	return nil, awsbase.Explain(err)
}

// Get reads a record as it is now.
func (t *Table) Get(ctx context.Context, guid string) (contract.Record, error) {
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.Name, Key: keyOf(guid), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return contract.Record{}, awsbase.Explain(err)
	}
	if len(out.Item) == 0 {
		return contract.Record{}, contract.ErrUnknownVideo
	}
	return unmarshal(out.Item)
}

// Update carries out a change. When a condition fails, done is false and the
// record is the one that stands.
func (t *Table) Update(ctx context.Context, guid string, change contract.Change) (rec contract.Record, done bool, err error) {
	input, err := t.updateInput(guid, change)
	if err != nil {
		return rec, false, fmt.Errorf("write change of record %s: %w", guid, err)
	}
	out, err := t.Client.UpdateItem(ctx, input)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		rec, err = t.standing(ctx, guid, failed.Item)
		return rec, false, err
	}
	if err != nil {
		return rec, false, awsbase.Explain(err)
	}
	if change.Unread {
		return rec, true, nil
	}
	rec, err = unmarshal(out.Attributes)
	return rec, err == nil, err
}

// standing is the record that made a condition fail; where the answer lacks
// it, it is read.
func (t *Table) standing(ctx context.Context, guid string, item map[string]types.AttributeValue) (contract.Record, error) {
	if len(item) == 0 {
		return t.Get(ctx, guid)
	}
	return unmarshal(item)
}

func keyOf(guid string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{key: &types.AttributeValueMemberS{Value: guid}}
}

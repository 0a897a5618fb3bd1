package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Videos is the video table.
type Videos struct {
	Client *dynamodb.Client
	Name   string
}

// rowKey is the partition key of the video table and of its history.
const rowKey = "id"

// Get reads a row as it is now, or returns contract.ErrUnknownRow.
func (v *Videos) Get(ctx context.Context, id string) (contract.VideoRow, error) {
	if id == "" {
		return contract.VideoRow{}, contract.ErrUnknownRow
	}
	fields, err := v.item(ctx, id)
	if err != nil {
		return contract.VideoRow{}, err
	}
	return unmarshalRow(fields)
}

func (v *Videos) item(ctx context.Context, id string) (item, error) {
	out, err := v.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &v.Name, ConsistentRead: aws.Bool(true), Key: item{rowKey: text(id)},
	})
	if err != nil {
		return nil, awsbase.Explain(err)
	}
	if len(out.Item) == 0 {
		return nil, contract.ErrUnknownRow
	}
	return out.Item, nil
}

// Create writes a new row, or returns the one that is there already, unless
// that is this very row: then an earlier try, whose answer was lost, has
// written it.
func (v *Videos) Create(ctx context.Context, row contract.VideoRow) (existing *contract.VideoRow, err error) {
	fields, err := marshalRow(row.Created())
	if err != nil {
		return nil, fmt.Errorf("write row %s: %w", row.ID, err)
	}
	standing, err := v.put(ctx, fields, &dynamodb.PutItemInput{
		ConditionExpression:      aws.String("attribute_not_exists(#id)"),
		ExpressionAttributeNames: map[string]string{"#id": rowKey},
	})
	if err != nil || standing == nil {
		return nil, err
	}
	other, err := v.standing(ctx, row.ID, standing)
	return &other, err
}

// claimPrefix is what the id of a claim begins with; a row's is a UUID.
const claimPrefix = "claim#"

// claimed is the field with the id of a claim's video.
const claimed = "videoId"

// Claim stores a claim, or returns the one that was stored before.
func (v *Videos) Claim(ctx context.Context, claim contract.Claim) (kept contract.Claim, err error) {
	id := claimPrefix + claim.Key
	standing, err := v.put(ctx, item{
		rowKey: text(id), claimed: text(claim.VideoID),
		"expireAt": &types.AttributeValueMemberN{Value: strconv.FormatInt(claim.ExpireAt, 10)},
	}, &dynamodb.PutItemInput{
		ConditionExpression:      aws.String("attribute_not_exists(#id)"),
		ExpressionAttributeNames: map[string]string{"#id": rowKey},
	})
	if err != nil || standing == nil {
		return claim, err
	}
	if len(standing) == 0 { // the answer lacks it
		if standing, err = v.item(ctx, id); err != nil {
			return claim, err
		}
	}
	claim.VideoID, err = textIn(standing, claimed)
	return claim, err
}

// Save writes a row in the place of the one that was read, and returns it as
// it stands then. When somebody else was faster, the error is
// contract.ErrRowChanged.
func (v *Videos) Save(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	read := strconv.FormatInt(row.Version, 10)
	row = row.Saved(time.Now())
	fields, err := marshalRow(row)
	if err != nil {
		return row, fmt.Errorf("write row %s: %w", row.ID, err)
	}
	standing, err := v.put(ctx, fields, &dynamodb.PutItemInput{
		ConditionExpression:       aws.String("#version = :read"),
		ExpressionAttributeNames:  map[string]string{"#version": "version"},
		ExpressionAttributeValues: item{":read": &types.AttributeValueMemberN{Value: read}},
	})
	if err == nil && standing != nil {
		err = contract.ErrRowChanged
	}
	return row, err
}

// put writes an item on a condition. Where that fails, it returns the item
// that stands there; nil when that is the one that was to be written: the SDK
// tries again when an answer is lost, and then finds its own.
func (v *Videos) put(ctx context.Context, fields item, input *dynamodb.PutItemInput) (standing item, err error) {
	input.TableName, input.Item = &v.Name, fields
	input.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	_, err = v.Client.PutItem(ctx, input)
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return nil, awsbase.Explain(err)
	}
	if equal(fields, failed.Item) {
		return nil, nil
	}
	if failed.Item == nil {
		return item{}, nil
	}
	return failed.Item, nil
}

// standing is the row that made a condition fail; where the answer lacks it,
// it is read.
func (v *Videos) standing(ctx context.Context, id string, fields item) (contract.VideoRow, error) {
	if len(fields) == 0 {
		return v.Get(ctx, id)
	}
	return unmarshalRow(fields)
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

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

// History is the table of the messages that a video had.
type History struct {
	Client *dynamodb.Client
	Name   string
}

const (
	eventKey     = "at" // sort key
	eventMessage = "message"
)

// Add keeps a message, once.
func (h *History) Add(ctx context.Context, event contract.RowEvent) error {
	message := event.Message
	event.Message = nil
	fields, err := fieldsOf(event)
	if err != nil {
		return fmt.Errorf("write event of video %s: %w", event.ID, err)
	}
	if message != nil {
		fields[eventMessage] = documentOf(message)
	}
	_, err = h.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &h.Name, Item: fields,
		ConditionExpression:      aws.String("attribute_not_exists(#at)"),
		ExpressionAttributeNames: map[string]string{"#at": eventKey},
	})
	var known *types.ConditionalCheckFailedException
	if errors.As(err, &known) {
		return nil
	}
	return awsbase.Explain(err)
}

// List is what a video had, oldest first, up to a limit.
func (h *History) List(ctx context.Context, id string, limit int) ([]contract.RowEvent, error) {
	var events []contract.RowEvent
	var from item
	for len(events) < limit {
		out, err := h.Client.Query(ctx, h.query(id, limit-len(events), from))
		if err != nil {
			return nil, awsbase.Explain(err)
		}
		for _, fields := range out.Items {
			event, err := unmarshalEvent(fields)
			if err != nil {
				return nil, err
			}
			events = append(events, event)
		}
		if from = out.LastEvaluatedKey; len(from) == 0 {
			break
		}
	}
	return events, nil
}

func (h *History) query(id string, limit int, from item) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: &h.Name, ConsistentRead: aws.Bool(true), Limit: aws.Int32(int32(limit)), ExclusiveStartKey: from,
		KeyConditionExpression:    aws.String("#id = :id"),
		ExpressionAttributeNames:  map[string]string{"#id": rowKey},
		ExpressionAttributeValues: item{":id": text(id)},
	}
}

// batch is how many items DynamoDB takes in one write.
const batch = 25

// Clear removes up to a limit of a video's messages, and tells whether there
// may be more.
func (h *History) Clear(ctx context.Context, id string, limit int) (more bool, err error) {
	query := h.query(id, min(limit, batch), nil)
	query.ProjectionExpression = aws.String("#id, #at")
	query.ExpressionAttributeNames["#at"] = eventKey
	out, err := h.Client.Query(ctx, query)
	if err != nil || len(out.Items) == 0 {
		return false, awsbase.Explain(err)
	}
	writes := make([]types.WriteRequest, len(out.Items))
	for i, fields := range out.Items {
		writes[i].DeleteRequest = &types.DeleteRequest{Key: item{rowKey: fields[rowKey], eventKey: fields[eventKey]}}
	}
	err = awsbase.UntilDone(ctx, func() (int, error) {
		done, err := h.Client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{h.Name: writes},
		})
		if err != nil {
			return 0, awsbase.Explain(err)
		}
		writes = done.UnprocessedItems[h.Name]
		return len(writes), nil
	})
	if err != nil {
		return false, fmt.Errorf("clear history of video %s: %w", id, err)
	}
	return len(out.LastEvaluatedKey) > 0, nil
}

func unmarshalEvent(fields item) (event contract.RowEvent, err error) {
	if err := read(fields, eventMessage, &event); err != nil {
		return event, fmt.Errorf("read event: %w", err)
	}
	event.Message, err = textOf(fields[eventMessage])
	return event, err
}

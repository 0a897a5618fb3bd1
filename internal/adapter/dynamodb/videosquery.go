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

// IDByKey finds the row of an object's key. Indexes follow the table within
// a second or so: a row may be there though none is found.
func (v *Videos) IDByKey(ctx context.Context, key string) (string, error) {
	return v.find(ctx, contract.IndexKey, "s3key", key)
}

// IDByGUID finds the row whose newest encode has this guid.
func (v *Videos) IDByGUID(ctx context.Context, guid string) (string, error) {
	return v.find(ctx, contract.IndexGUID, "vodGuid", guid)
}

func (v *Videos) find(ctx context.Context, index, field, value string) (string, error) {
	if value == "" {
		return "", contract.ErrUnknownRow
	}
	out, err := v.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: &v.Name, IndexName: &index, Limit: aws.Int32(1),
		KeyConditionExpression:    aws.String("#f = :f"),
		ExpressionAttributeNames:  map[string]string{"#f": field},
		ExpressionAttributeValues: item{":f": text(value)},
	})
	if err != nil {
		return "", awsbase.Explain(err)
	}
	if len(out.Items) == 0 {
		return "", contract.ErrUnknownRow
	}
	return textIn(out.Items[0], rowKey)
}

// List is one page of an owner's videos, newest first, in one query.
func (v *Videos) List(ctx context.Context, q contract.RowQuery) (contract.RowPage, error) {
	var page contract.RowPage
	index, field, value := contract.IndexOwner, "ownerId", q.OwnerID
	if q.Status != "" {
		index, field, value = contract.IndexOwnerStatus, "ownerStatus", contract.OwnerStatus(q.OwnerID, q.Status)
	}
	input := &dynamodb.QueryInput{
		TableName: &v.Name, IndexName: &index, ScanIndexForward: aws.Bool(false),
		Limit:                     aws.Int32(int32(q.Limit) + 1), // one more tells whether there is a next page
		KeyConditionExpression:    aws.String("#f = :f"),
		ExpressionAttributeNames:  map[string]string{"#f": field},
		ExpressionAttributeValues: item{":f": text(value)},
	}
	if q.After != nil {
		input.ExclusiveStartKey = item{field: text(value), "createdAt": text(q.After.CreatedAt), rowKey: text(q.After.ID)}
	}
	out, err := v.Client.Query(ctx, input)
	if err != nil {
		return page, awsbase.Explain(err)
	}
	return pageOf(q, out)
}

// Count counts an owner's videos of one status in the index of the list, as
// far as most, and reads no more of them.
func (v *Videos) Count(ctx context.Context, owner string, status contract.Status, most int) (n int, err error) {
	input := &dynamodb.QueryInput{
		TableName: &v.Name, IndexName: aws.String(contract.IndexOwnerStatus), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("#f = :f"),
		ExpressionAttributeNames:  map[string]string{"#f": "ownerStatus"},
		ExpressionAttributeValues: item{":f": text(contract.OwnerStatus(owner, status))},
	}
	for {
		input.Limit = aws.Int32(int32(most - n))
		out, err := v.Client.Query(ctx, input)
		if err != nil {
			return 0, awsbase.Explain(err)
		}
		n += int(out.Count)
		if n >= most || len(out.LastEvaluatedKey) == 0 {
			return n, nil
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey // a query ends early, after 1 MB
	}
}

// pageOf cuts what a query found to the page. A query ends early, after 1 MB,
// when its rows are long.
func pageOf(q contract.RowQuery, out *dynamodb.QueryOutput) (contract.RowPage, error) {
	var page contract.RowPage
	more := len(out.Items) > q.Limit || len(out.LastEvaluatedKey) > 0
	for _, fields := range out.Items[:min(len(out.Items), q.Limit)] {
		row, err := unmarshalRow(fields)
		if err != nil {
			return page, err
		}
		row.OwnerID, row.OwnerStatus = q.OwnerID, ""
		page.Rows = append(page.Rows, row)
	}
	if n := len(page.Rows); more && n > 0 {
		page.Next = &contract.RowPosition{CreatedAt: page.Rows[n-1].CreatedAt, ID: page.Rows[n-1].ID}
	}
	return page, nil
}

// Due is a page of the rows whose work is due before or at a moment, those
// first that have waited longest.
func (v *Videos) Due(ctx context.Context, work contract.Work, before string, after *contract.DuePosition, limit int) (contract.DuePage, error) {
	var page contract.DuePage
	input := &dynamodb.QueryInput{
		TableName: &v.Name, IndexName: aws.String(contract.IndexWork), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression:    aws.String("#work = :work AND #due <= :before"),
		ExpressionAttributeNames:  map[string]string{"#work": workField, "#due": dueField},
		ExpressionAttributeValues: item{":work": text(string(work)), ":before": text(before)},
	}
	if after != nil {
		input.ExclusiveStartKey = item{workField: text(string(work)), dueField: text(after.DueAt), rowKey: text(after.ID)}
	}
	out, err := v.Client.Query(ctx, input)
	if err != nil {
		return page, awsbase.Explain(err)
	}
	for _, fields := range out.Items {
		id, err := textIn(fields, rowKey)
		if err != nil {
			return page, err
		}
		page.IDs = append(page.IDs, id)
	}
	if last := out.LastEvaluatedKey; len(last) > 0 {
		id, errID := textIn(last, rowKey)
		due, errDue := textIn(last, dueField)
		page.Next = &contract.DuePosition{DueAt: due, ID: id}
		return page, errors.Join(errID, errDue)
	}
	return page, nil
}

// The keys of the index of due work.
const (
	workField = "pendingWork"
	dueField  = "dueAt"
)

func textIn(fields item, name string) (string, error) {
	value, ok := fields[name].(*types.AttributeValueMemberS)
	if !ok {
		return "", fmt.Errorf("read index: %q is no text", name)
	}
	return value.Value, nil
}

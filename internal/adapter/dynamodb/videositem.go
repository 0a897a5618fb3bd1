package dynamodb

import (
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/contract"
)

// item is an item, or a part of one.
type item = map[string]types.AttributeValue

// lastMessage is the one field of a row that others have written.
const lastMessage = "lastMessage"

func marshalRow(row contract.VideoRow) (item, error) {
	message := row.LastMessage
	row.LastMessage = nil
	fields, err := fieldsOf(row)
	if err != nil || message == nil {
		return fields, err
	}
	fields[lastMessage] = documentOf(message)
	return fields, nil
}

func unmarshalRow(fields item) (row contract.VideoRow, err error) {
	if err := read(fields, lastMessage, &row); err != nil {
		return row, fmt.Errorf("read row: %w", err)
	}
	row.LastMessage, err = textOf(fields[lastMessage])
	return row, err
}

// fieldsOf writes a struct in DynamoDB's own types, under its JSON names.
func fieldsOf(v any) (item, error) {
	return attributevalue.MarshalMapWithOptions(v, func(o *attributevalue.EncoderOptions) { o.TagKey = "json" })
}

// read reads the fields of a struct but the one that is a message.
func read(fields item, message string, v any) error {
	if _, there := fields[message]; there {
		fields = maps.Clone(fields)
		delete(fields, message)
	}
	return into(fields, v)
}

// into reads fields into a struct by their JSON names.
func into(fields item, v any) error {
	return attributevalue.UnmarshalMapWithOptions(fields, v, func(o *attributevalue.DecoderOptions) { o.TagKey = "json" })
}

// equal tells whether two items say the same.
func equal(a, b item) bool {
	left, errA := valuesOf(a)
	right, errB := valuesOf(b)
	return errA == nil && errB == nil && reflect.DeepEqual(left, right)
}

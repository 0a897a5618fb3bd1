package dynamodb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/contract"
)

// An item is the record's JSON in DynamoDB's own types: text is S, a number
// N, true and false BOOL, an object M, a list L.

func marshal(rec contract.Record) (map[string]types.AttributeValue, error) {
	text, err := rec.MarshalJSON() // without another look at what it writes
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	return attributesOf(fields)
}

func unmarshal(item map[string]types.AttributeValue) (contract.Record, error) {
	var rec contract.Record
	fields, err := valuesOf(item)
	if err != nil {
		return rec, fmt.Errorf("read item: %w", err)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return rec, fmt.Errorf("read item: %w", err)
	}
	return rec, rec.UnmarshalJSON(text)
}

func attributesOf(fields map[string]any) (map[string]types.AttributeValue, error) {
	item := make(map[string]types.AttributeValue, len(fields))
	for name, value := range fields {
		attribute, err := attributeOf(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		item[name] = attribute
	}
	return item, nil
}

func attributeOf(value any) (types.AttributeValue, error) {
	switch v := value.(type) {
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case string:
		return &types.AttributeValueMemberS{Value: v}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case int:
		return &types.AttributeValueMemberN{Value: strconv.Itoa(v)}, nil
	case json.Number:
		return &types.AttributeValueMemberN{Value: v.String()}, nil
	case map[string]any:
		inner, err := attributesOf(v)
		return &types.AttributeValueMemberM{Value: inner}, err
	case []any:
		return listOf(v)
	}
	return nil, fmt.Errorf("%T has no form in the table", value)
}

func listOf(values []any) (types.AttributeValue, error) {
	list := make([]types.AttributeValue, len(values))
	for i, value := range values {
		attribute, err := attributeOf(value)
		if err != nil {
			return nil, err
		}
		list[i] = attribute
	}
	return &types.AttributeValueMemberL{Value: list}, nil
}

func valuesOf(item map[string]types.AttributeValue) (map[string]any, error) {
	fields := make(map[string]any, len(item))
	for name, attribute := range item {
		value, err := valueOf(attribute)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = value
	}
	return fields, nil
}

func valueOf(attribute types.AttributeValue) (any, error) {
	switch a := attribute.(type) {
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberS:
		return a.Value, nil
	case *types.AttributeValueMemberBOOL:
		return a.Value, nil
	case *types.AttributeValueMemberN:
		return json.Number(a.Value), nil
	case *types.AttributeValueMemberM:
		return valuesOf(a.Value)
	case *types.AttributeValueMemberL:
		values := make([]any, len(a.Value))
		for i, inner := range a.Value {
			value, err := valueOf(inner)
			if err != nil {
				return nil, err
			}
			values[i] = value
		}
		return values, nil
	}
	return nil, fmt.Errorf("%T is no type that the pipeline writes", attribute)
}

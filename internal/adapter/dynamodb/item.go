package dynamodb

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/contract"
)

// An item is the record in DynamoDB's own types, under its JSON names: text is
// S, a number N, true and false BOOL, an object M, a list L.

// documents are the fields of a record that are JSON by themselves.
func documents(rec *contract.Record) map[string]*json.RawMessage {
	return map[string]*json.RawMessage{
		"encodingJob": &rec.EncodingJob, "encodingOutput": &rec.EncodingOutput, "jobEvent": &rec.JobEvent,
	}
}

func marshal(rec contract.Record) (item, error) {
	messages := item{}
	for name, document := range documents(&rec) {
		if *document != nil {
			messages[name] = documentOf(*document)
			*document = nil
		}
	}
	fields, err := fieldsOf(rec)
	if err != nil {
		return nil, err
	}
	for name, message := range messages {
		fields[name] = message
	}
	for name, value := range rec.Free {
		if contract.IsField(name) {
			continue
		}
		if fields[name], err = attributeOf(value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return fields, nil
}

// unmarshal reads a record. What is not a field is free metadata, its numbers
// exact; a name that only looks like a field is dropped: nothing of ours
// writes it.
func unmarshal(fields item) (rec contract.Record, err error) {
	known := make(item, len(fields))
	for name, attribute := range fields {
		if contract.IsFieldName(name) {
			known[name] = attribute
			continue
		}
		if contract.IsField(name) {
			continue
		}
		if rec.Free == nil {
			rec.Free = map[string]any{}
		}
		if rec.Free[name], err = valueOf(attribute); err != nil {
			return rec, fmt.Errorf("read item: %s: %w", name, err)
		}
	}
	for name, document := range documents(&rec) {
		if *document, err = textOf(known[name]); err != nil {
			return rec, fmt.Errorf("read item: %s: %w", name, err)
		}
		delete(known, name)
	}
	if err := into(known, &rec); err != nil {
		return rec, fmt.Errorf("read item: %w", err)
	}
	return rec, nil
}

func attributesOf(fields map[string]any) (item, error) {
	attributes := make(item, len(fields))
	for name, value := range fields {
		attribute, err := attributeOf(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		attributes[name] = attribute
	}
	return attributes, nil
}

func attributeOf(value any) (types.AttributeValue, error) {
	switch v := value.(type) {
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case string:
		return text(v), nil
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

func valuesOf(attributes item) (map[string]any, error) {
	fields := make(map[string]any, len(attributes))
	for name, attribute := range attributes {
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

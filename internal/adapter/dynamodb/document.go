package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/go-json-experiment/json/jsontext"
)

// documentOf is a message as a map that other tools can look into, or as the
// text that it is where DynamoDB cannot keep such a map.
func documentOf(message json.RawMessage) types.AttributeValue {
	dec := jsontext.NewDecoder(bytes.NewReader(message))
	if dec.PeekKind() != '{' {
		return text(string(message))
	}
	document, err := readValue(dec, maxLevels)
	if err != nil {
		return text(string(message))
	}
	return document
}

// maxLevels is how deep a message may be nested: DynamoDB takes 32 levels,
// and the item is one.
const maxLevels = 31

var errUnstorable = errors.New("no value that DynamoDB keeps")

// readValue reads one JSON value in DynamoDB's own types.
func readValue(dec *jsontext.Decoder, levels int) (types.AttributeValue, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return text(token.String()), nil
	case '0':
		return number(token.String())
	case 't', 'f':
		return &types.AttributeValueMemberBOOL{Value: token.Bool()}, nil
	case 'n':
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	if levels == 0 {
		return nil, errUnstorable
	}
	if token.Kind() == '[' {
		return readList(dec, levels-1)
	}
	return readMap(dec, levels-1)
}

func readList(dec *jsontext.Decoder, levels int) (types.AttributeValue, error) {
	list := []types.AttributeValue{}
	for dec.PeekKind() != ']' {
		value, err := readValue(dec, levels)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := dec.ReadToken()
	return &types.AttributeValueMemberL{Value: list}, err
}

// readMap reads an object. DynamoDB takes no empty names.
func readMap(dec *jsontext.Decoder, levels int) (types.AttributeValue, error) {
	members := item{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String() // the token is gone with the next one
		if key == "" {
			return nil, errUnstorable
		}
		if members[key], err = readValue(dec, levels); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return &types.AttributeValueMemberM{Value: members}, err
}

// number is a number within DynamoDB's 38 digits and magnitudes.
func number(text string) (types.AttributeValue, error) {
	value, err := strconv.ParseFloat(text, 64)
	size := math.Abs(value)
	if err != nil || len(text) > 38 || size >= 1e125 || value != 0 && size <= 1e-125 {
		return nil, errUnstorable
	}
	return &types.AttributeValueMemberN{Value: text}, nil
}

// textOf is a message's text again.
func textOf(attribute types.AttributeValue) (json.RawMessage, error) {
	switch a := attribute.(type) {
	case nil:
		return nil, nil
	case *types.AttributeValueMemberS:
		return json.RawMessage(a.Value), nil
	case *types.AttributeValueMemberM:
		var buf bytes.Buffer
		enc := jsontext.NewEncoder(&buf)
		err := writeValue(enc, a)
		return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
	}
	return nil, errors.New("a message is a map or a text")
}

// writeValue writes a value as JSON, maps in the order of their names.
func writeValue(enc *jsontext.Encoder, attribute types.AttributeValue) error {
	switch a := attribute.(type) {
	case *types.AttributeValueMemberNULL:
		return enc.WriteToken(jsontext.Null)
	case *types.AttributeValueMemberS:
		return enc.WriteToken(jsontext.String(a.Value))
	case *types.AttributeValueMemberBOOL:
		return enc.WriteToken(jsontext.Bool(a.Value))
	case *types.AttributeValueMemberN:
		return enc.WriteValue(jsontext.Value(a.Value))
	case *types.AttributeValueMemberL:
		return writeList(enc, a.Value)
	case *types.AttributeValueMemberM:
		return writeMap(enc, a.Value)
	}
	return fmt.Errorf("%T is no type that the pipeline writes", attribute)
}

func writeList(enc *jsontext.Encoder, list []types.AttributeValue) error {
	if err := enc.WriteToken(jsontext.BeginArray); err != nil {
		return err
	}
	for _, value := range list {
		if err := writeValue(enc, value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndArray)
}

func writeMap(enc *jsontext.Encoder, members item) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		if err := writeValue(enc, members[name]); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

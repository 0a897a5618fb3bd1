package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

func (c *cloud) dynamoDB(w http.ResponseWriter, r *http.Request) {
	var request dynamoDBRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	item, changed := c.about.record, c.about.changed
	if strings.HasPrefix(request.TableName, "video") {
		item, changed = c.about.row, c.about.row
	}
	if strings.HasPrefix(request.TableName, "runningjob") {
		item, changed = c.about.running, c.about.running
	}
	var answer any = struct{}{}
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "GetItem":
		answer = map[string]any{"Item": item}
	case "UpdateItem":
		answer = request.answer(item, changed)
	case "Query":
		answer = map[string]any{"Items": []any{}, "Count": 0}
	}
	writeJSON(w, "application/x-amz-json-1.0", answer)
}

type dynamoDBRequest struct {
	TableName, ReturnValues, UpdateExpression string
	ExpressionAttributeNames                  map[string]string
}

// answer is what comes back from a change: as much as was asked for.
func (r dynamoDBRequest) answer(before, after attributes) any {
	switch r.ReturnValues {
	case "ALL_OLD":
		return map[string]any{"Attributes": before}
	case "ALL_NEW":
		return map[string]any{"Attributes": after}
	case "UPDATED_NEW":
		part := attributes{}
		for alias, name := range r.ExpressionAttributeNames {
			if value, ok := after[name]; ok && strings.Contains(r.UpdateExpression, alias+" ") {
				part[name] = value
			}
		}
		return map[string]any{"Attributes": part}
	}
	return struct{}{}
}

// attributes are an item in DynamoDB's own JSON.
type attributes map[string]any

// itemOf is a value's JSON as an item.
func itemOf(value any) (attributes, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	return attributesOf(fields), nil
}

func attributesOf(fields map[string]any) attributes {
	item := attributes{}
	for name, value := range fields {
		item[name] = attributeOf(value)
	}
	return item
}

func attributeOf(value any) attributes {
	switch v := value.(type) {
	case string:
		return attributes{"S": v}
	case bool:
		return attributes{"BOOL": v}
	case json.Number:
		return attributes{"N": v.String()}
	case map[string]any:
		return attributes{"M": attributesOf(v)}
	case []any:
		list := []attributes{}
		for _, one := range v {
			list = append(list, attributeOf(one))
		}
		return attributes{"L": list}
	}
	panic(fmt.Sprintf("%T is in no item", value))
}

package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/internal/contract"
)

// updateInput writes a change in DynamoDB's expressions. A change never makes
// a record: the item must be there.
func (t *Table) updateInput(guid string, change contract.Change) (*dynamodb.UpdateItemInput, error) {
	e := expression{names: map[string]string{}, values: map[string]types.AttributeValue{}}
	if err := e.assign(change.Set, "%[1]s = %[2]s"); err != nil {
		return nil, err
	}
	if err := e.assign(change.Once, "%[1]s = if_not_exists(%[1]s, %[2]s)"); err != nil {
		return nil, err
	}
	e.conditions = []string{"attribute_exists(" + e.name(key) + ")"}
	for _, condition := range change.If {
		if err := e.require(condition); err != nil {
			return nil, err
		}
	}
	for _, field := range change.Remove {
		e.removes = append(e.removes, e.name(field))
	}
	update, where := e.update(), strings.Join(e.conditions, " AND ")
	input := &dynamodb.UpdateItemInput{
		TableName:                           &t.Name,
		Key:                                 keyOf(guid),
		UpdateExpression:                    &update,
		ConditionExpression:                 &where,
		ExpressionAttributeNames:            e.names,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if change.Unread {
		input.ReturnValues = types.ReturnValueNone
	}
	if len(e.values) > 0 {
		input.ExpressionAttributeValues = e.values
	}
	return input, nil
}

// expression collects the parts of an update and the names and values that
// they refer to.
type expression struct {
	sets, removes, conditions []string
	names                     map[string]string
	values                    map[string]types.AttributeValue
}

func (e *expression) update() string {
	var parts []string
	if len(e.sets) > 0 {
		parts = append(parts, "SET "+strings.Join(e.sets, ", "))
	}
	if len(e.removes) > 0 {
		parts = append(parts, "REMOVE "+strings.Join(e.removes, ", "))
	}
	return strings.Join(parts, " ")
}

// assign sets the fields that a record has, in the order of their names.
func (e *expression) assign(rec contract.Record, format string) error {
	fields, err := marshal(rec)
	if err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		e.sets = append(e.sets, fmt.Sprintf(format, e.name(field), e.value(fields[field])))
	}
	return nil
}

func (e *expression) require(c contract.Condition) error {
	name := e.name(c.Field)
	if c.Op == contract.Absent {
		e.conditions = append(e.conditions, "attribute_not_exists("+name+")")
		return nil
	}
	attribute, err := attributeOf(c.Value)
	if err != nil {
		return err
	}
	format := map[contract.Op]string{
		contract.Equals:         "%[1]s = %[2]s",
		contract.AbsentOrEquals: "(attribute_not_exists(%[1]s) OR %[1]s = %[2]s)",
		contract.AbsentOrLess:   "(attribute_not_exists(%[1]s) OR %[1]s < %[2]s)",
	}[c.Op]
	e.conditions = append(e.conditions, fmt.Sprintf(format, name, e.value(attribute)))
	return nil
}

// name is an alias of a field: many field names are reserved words.
func (e *expression) name(field string) string {
	for alias, known := range e.names {
		if known == field {
			return alias
		}
	}
	alias := fmt.Sprintf("#n%d", len(e.names))
	e.names[alias] = field
	return alias
}

func (e *expression) value(v types.AttributeValue) string {
	alias := fmt.Sprintf(":v%d", len(e.values))
	e.values[alias] = v
	return alias
}

package e2e

import (
	"fmt"
	"strconv"
	"strings"

	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// plain is a table's value as encoding/json would have it, and the letter of
// its type.
func plain(value ddb.AttributeValue) (any, string) {
	switch v := value.(type) {
	case *ddb.AttributeValueMemberS:
		return v.Value, "S"
	case *ddb.AttributeValueMemberN:
		number, _ := strconv.ParseFloat(v.Value, 64)
		return number, "N"
	case *ddb.AttributeValueMemberBOOL:
		return v.Value, "BOOL"
	case *ddb.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, member := range v.Value {
			list[i], _ = plain(member)
		}
		return list, "L"
	case *ddb.AttributeValueMemberM:
		members := map[string]any{}
		for name, member := range v.Value {
			members[name], _ = plain(member)
		}
		return members, "M"
	case *ddb.AttributeValueMemberNULL:
		return nil, "NULL"
	}
	return nil, fmt.Sprintf("%T", value)
}

// nulls are the paths at which a value is null; the contract has none.
func nulls(path string, value any) []string {
	var found []string
	switch v := value.(type) {
	case nil:
		return []string{path}
	case []any:
		for i, member := range v {
			found = append(found, nulls(fmt.Sprintf("%s[%d]", path, i), member)...)
		}
	case map[string]any:
		for name, member := range v {
			found = append(found, nulls(path+"."+name, member)...)
		}
	}
	return found
}

// strings of a list of the record or a message.
func texts(value any) []string {
	list, _ := value.([]any)
	found := make([]string, 0, len(list))
	for _, member := range list {
		text, _ := member.(string)
		found = append(found, text)
	}
	return found
}

func text(record map[string]any, field string) string {
	value, _ := record[field].(string)
	return value
}

func number(text string) float64 {
	value, _ := strconv.ParseFloat(text, 64)
	return value
}

func fraction(text string) float64 {
	num, den, _ := strings.Cut(text, "/")
	if number(den) == 0 {
		return 0
	}
	return number(num) / number(den)
}

// size reads 768x432.
func size(text string) (width, height int) {
	w, h, _ := strings.Cut(text, "x")
	return int(number(w)), int(number(h))
}

// itoa is a whole number as text.
func itoa(n float64) string { return strconv.Itoa(int(n)) }

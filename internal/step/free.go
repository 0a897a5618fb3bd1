package step

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// unstorable is why a table cannot keep a value of free metadata, or empty.
func unstorable(name string, value any, depth int) string {
	switch v := value.(type) {
	case json.Number:
		return unstorableNumber(name, v)
	case map[string]any:
		if depth >= 30 { // DynamoDB nests 32 levels; the item and its map are two
			return name + " is nested more than 30 levels deep"
		}
		for key, inner := range v {
			if key == "" {
				return name + " has a key without a name"
			}
			if why := unstorable(name+"."+key, inner, depth+1); why != "" {
				return why
			}
		}
	case []any:
		if depth >= 30 {
			return name + " is nested more than 30 levels deep"
		}
		for i, inner := range v {
			if why := unstorable(fmt.Sprintf("%s[%d]", name, i), inner, depth+1); why != "" {
				return why
			}
		}
	}
	return ""
}

// unstorableNumber: DynamoDB keeps 38 digits and magnitudes up to 1e126.
func unstorableNumber(name string, n json.Number) string {
	digits, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
	digits = strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(digits), "0")
	value, err := n.Float64()
	size := math.Abs(value)
	if len(digits) > 38 || err != nil || size >= 1e125 || (size != 0 && size < 1e-129) {
		return fmt.Sprintf("%s is the number %s; up to 38 digits and magnitudes from 1e-129 to 1e125 are allowed", name, show(string(n)))
	}
	return ""
}

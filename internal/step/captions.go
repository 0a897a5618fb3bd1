package step

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// captions checks the shape of the option, then says that it is not
// available: what is asked for is never left out in silence.
func (m *metadata) captions(key string, value any) {
	fields, ok := value.(map[string]any)
	if !ok {
		m.problem("%s is %s; an object with srcFile, fontSize and fontColor is allowed", key, show(value))
		return
	}
	before := len(m.problems)
	var srcFile, color string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		full := key + "." + name
		switch contract.LowerFirst(name) {
		case "srcFile":
			m.text(full, fields[name], &srcFile, 1024)
		case "fontSize":
			m.fontSize(full, fields[name])
		case "fontColor":
			m.oneOf(full, fields[name], &color, fontColors)
		default:
			m.problem("%s is unknown; srcFile, fontSize and fontColor are allowed", full)
		}
	}
	if srcFile == "" && len(m.problems) == before {
		m.problem("%s.srcFile is missing; the key of a captions file is required", key)
	}
	if len(m.problems) == before {
		m.unavailable("%s is set, but burned-in captions are not available yet", key)
	}
}

// fontSize is in pixels; 96 is the largest that the service takes.
func (m *metadata) fontSize(key string, value any) {
	number, ok := value.(json.Number)
	size, err := number.Int64()
	if !ok || err != nil || size < 1 || size > 96 {
		m.problem("%s is %s; a whole number from 1 to 96 is allowed", key, show(value))
	}
}

// unavailable notes an option that is well formed but not carried out.
func (m *metadata) unavailable(format string, args ...any) {
	m.missing = append(m.missing, fmt.Sprintf(format, args...))
}

// unavailableError is the Failure for such options, nil when there are none.
func (m *metadata) unavailableError() error {
	if len(m.missing) == 0 {
		return nil
	}
	return contract.Failf(contract.CodeOptionUnavailable, "the metadata file cannot be used: %s", strings.Join(m.missing, "; "))
}

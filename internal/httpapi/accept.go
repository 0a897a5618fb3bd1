package httpapi

import (
	"strconv"
	"strings"
)

// acceptsJSON tells whether an Accept header leaves room for JSON. Where two
// ranges match, the more exact one counts (RFC 9110, 12.5.1). Problems are
// written as problems, whether they are named or not.
func acceptsJSON(header string) bool {
	if strings.TrimSpace(header) == "" {
		return true
	}
	exactness, accepted := 0, false
	for _, entry := range strings.Split(header, ",") {
		kind, rest, _ := strings.Cut(entry, ";")
		exact := exactnessOf(strings.ToLower(strings.TrimSpace(kind)))
		wanted := quality(rest) > 0
		if exact > exactness || exact == exactness && exact > 0 && wanted {
			exactness, accepted = exact, wanted
		}
	}
	return accepted
}

// exactnessOf says how closely a media range fits JSON, 0 for not at all.
func exactnessOf(kind string) int {
	switch kind {
	case "application/json", "application/problem+json":
		return 3
	case "application/*":
		return 2
	case "*/*":
		return 1
	}
	return 0
}

// quality is a range's weight, 1 where it has none that can be read.
func quality(parameters string) float64 {
	for _, parameter := range strings.Split(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				return q
			}
		}
	}
	return 1
}

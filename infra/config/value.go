package config

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A value is what context holds for a key: a string from -c key=value, or
// whatever JSON cdk.json has.
type value struct{ raw any }

// errNotAllowed stands for "the value is not one of those allowed"; the
// message is made where key and value are known.
var errNotAllowed = errors.New("not allowed")

// text is the value as a string; JSON of another type is not one.
func (v value) text() (string, error) {
	s, ok := v.raw.(string)
	if !ok {
		return "", errNotAllowed
	}
	return strings.TrimSpace(s), nil
}

// items are a list's members: a JSON array, or text with commas.
func (v value) items() ([]string, error) {
	if list, ok := v.raw.([]any); ok {
		var items []string
		for _, raw := range list {
			s, err := value{raw}.text()
			if err != nil {
				return nil, err
			}
			items = append(items, s)
		}
		return items, nil
	}
	s, err := v.text()
	if err != nil {
		return nil, err
	}
	items := strings.Split(s, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items, nil
}

func oneOf[T ~string](to *T, v value, allowed ...T) error {
	s, err := v.text()
	if err != nil || !slices.Contains(allowed, T(s)) {
		return errNotAllowed
	}
	*to = T(s)
	return nil
}

// listOf takes a list without repetitions and with at least one member.
func listOf[T ~string](to *[]T, v value, allowed ...T) error {
	items, err := v.items()
	if err != nil || len(items) == 0 {
		return errNotAllowed
	}
	var list []T
	for _, s := range items {
		if !slices.Contains(allowed, T(s)) || slices.Contains(list, T(s)) {
			return errNotAllowed
		}
		list = append(list, T(s))
	}
	*to = list
	return nil
}

func match(to *string, v value, pattern *regexp.Regexp) error {
	s, err := v.text()
	if err != nil || !pattern.MatchString(s) {
		return errNotAllowed
	}
	*to = s
	return nil
}

func boolean(to *bool, v value) error {
	switch v.raw {
	case true, "true":
		*to = true
	case false, "false":
		*to = false
	default:
		return errNotAllowed
	}
	return nil
}

func number(to *int, v value, low, high int) error {
	n, err := v.whole()
	if err != nil || n < low || n > high {
		return errNotAllowed
	}
	*to = n
	return nil
}

func oneNumber(to *int, v value, allowed ...int) error {
	n, err := v.whole()
	if err != nil || !slices.Contains(allowed, n) {
		return errNotAllowed
	}
	*to = n
	return nil
}

// largestExact is the largest number that JSON's floating point has without
// rounding.
const largestExact = 1 << 53

// whole is the value as a whole number.
func (v value) whole() (int, error) {
	switch n := v.raw.(type) {
	case float64:
		if n != math.Trunc(n) || math.Abs(n) > largestExact {
			return 0, errNotAllowed
		}
		return int(n), nil
	case string:
		return strconv.Atoi(strings.TrimSpace(n))
	}
	return 0, errNotAllowed
}

func setRemovalPolicy(c *Config, v value) error {
	var policy string
	if err := oneOf(&policy, v, "RETAIN", "DESTROY"); err != nil {
		return err
	}
	c.Retain = policy == "RETAIN"
	return nil
}

package config

import (
	"fmt"
	"strings"
)

// didYouMean names the keys that a misspelled one may stand for, closest
// first, or points to the list.
func didYouMean(name string) string {
	var close []string
	for limit := range max(2, len(name)/3) + 1 {
		for _, candidate := range Names() {
			if distance(strings.ToLower(name), strings.ToLower(candidate)) == limit {
				close = append(close, candidate)
			}
		}
	}
	if len(close) == 0 {
		return "; docs/configuration.md lists them"
	}
	return fmt.Sprintf("; did you mean %s?", strings.Join(close[:min(3, len(close))], " or "))
}

// distance counts the letters to insert, delete or replace to get from a to
// b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

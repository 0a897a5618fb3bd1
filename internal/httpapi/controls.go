package httpapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// controls are the characters that no name and no title has, as a regular
// expression's class writes them: control characters, which end lines or move
// the cursor of a terminal, and Unicode's bidirectional ones, which make
// "gpj.exe" of another name (Unicode Technical Report 36, 3.4).
const controls = `\x00-\x1f\x7f-\x9f\x{061c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}`

var controlPattern = regexp.MustCompile("[" + controls + "]")

// controlsIn names the controls of a text, each once: nobody sees them.
func controlsIn(text string) string {
	var names []string
	for _, control := range controlPattern.FindAllString(text, -1) {
		name := fmt.Sprintf("U+%04X", []rune(control)[0])
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names[:min(len(names), shownErrors)], ", ")
}

var wideRune = regexp.MustCompile(`\\x\{([0-9a-f]{4})\}`)

// jsonPattern is a pattern of ours as JSON Schema writes it, whose regular
// expressions are JavaScript's.
func jsonPattern(pattern string) string { return wideRune.ReplaceAllString(pattern, `\u$1`) }

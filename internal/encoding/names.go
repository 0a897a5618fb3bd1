package encoding

import (
	"path"
	"strings"
)

// maxBase bounds a base name, in bytes: with name modifier, segment number
// and extension, a file name must stay under 255.
const maxBase = 100

// BaseName is what every output of a source is called: the source's file
// name without extension, made safe for URLs, S3 and MediaConvert, which
// reads "$" in a destination as a variable.
func BaseName(key string) string {
	name := path.Base("/" + key)
	if ext := path.Ext(name); ext != name {
		name = strings.TrimSuffix(name, ext)
	}
	var b strings.Builder
	for _, r := range name {
		if b.Len() == maxBase {
			break
		}
		switch {
		case safe(r):
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	if base := strings.Trim(b.String(), "_.-"); base != "" {
		return base
	}
	return "video"
}

func safe(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		r == '-' || r == '_' || r == '.'
}

package transcode

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// bibliographic are the ISO 639-2 codes that have a second, terminological
// spelling; files and the service use both.
var bibliographic = map[string]string{
	"alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces", "dut": "nld",
	"fre": "fra", "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl", "mac": "mkd", "mao": "mri",
	"may": "msa", "per": "fas", "rum": "ron", "slo": "slk", "tib": "bod", "wel": "cym",
}

// tag is the language as playlists spell it (RFC 5646: "fr", not "fra"),
// empty when it is not known.
func tag(code string) string {
	code = strings.ToLower(code)
	if t, ok := bibliographic[code]; ok {
		code = t
	}
	parsed, err := language.Parse(code)
	if err != nil || parsed == language.Und {
		return ""
	}
	return parsed.String()
}

func sameLanguage(a, b string) bool { return a == b || tag(a) != "" && tag(a) == tag(b) }

// languageName is what a player's menu shows.
func languageName(code string) string {
	t := tag(code)
	if t == "" {
		return ""
	}
	return display.English.Tags().Name(language.Make(t))
}

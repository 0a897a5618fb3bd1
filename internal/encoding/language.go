package encoding

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// languages maps the codes that files carry and the service does not know,
// the bibliographic ones of ISO 639-2 and the short ones of ISO 639-1, to
// the ones that it does.
var languages = map[string]types.LanguageCode{
	"alb": "SQI", "arm": "HYE", "baq": "EUS", "bur": "MYA", "chi": "ZHO", "cze": "CES",
	"dut": "NLD", "fre": "FRA", "geo": "KAT", "ger": "DEU", "gre": "ELL", "ice": "ISL",
	"mac": "MKD", "may": "MSA", "per": "FAS", "rum": "RON", "slo": "SLK", "tib": "BOD", "wel": "CYM",
	"ar": "ARA", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
	"fi": "FIN", "fr": "FRA", "he": "HEB", "hi": "HIN", "hu": "HUN", "it": "ITA", "ja": "JPN",
	"ko": "KOR", "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR", "ro": "RON", "ru": "RUS",
	"sv": "SWE", "th": "THA", "tr": "TUR", "uk": "UKR", "vi": "VIE", "zh": "ZHO",
}

// languageNames are labels for players; other languages show their code.
var languageNames = map[types.LanguageCode]string{
	"ARA": "Arabic", "CES": "Czech", "DAN": "Danish", "DEU": "German", "ELL": "Greek",
	"ENG": "English", "FIN": "Finnish", "FRA": "French", "HEB": "Hebrew", "HIN": "Hindi",
	"HUN": "Hungarian", "ITA": "Italian", "JPN": "Japanese", "KOR": "Korean", "NLD": "Dutch",
	"NOR": "Norwegian", "POL": "Polish", "POR": "Portuguese", "RON": "Romanian", "RUS": "Russian",
	"SPA": "Spanish", "SWE": "Swedish", "THA": "Thai", "TUR": "Turkish", "UKR": "Ukrainian",
	"VIE": "Vietnamese", "ZHO": "Chinese",
}

// languageCode is the service's code of a track's language, empty when the
// track has none ("und") or one that the service does not know.
func languageCode(inFile string) types.LanguageCode {
	short, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(inFile)), "-")
	if code, ok := languages[short]; ok {
		return code
	}
	code := types.LanguageCode(strings.ToUpper(short))
	if slices.Contains(code.Values(), code) {
		return code
	}
	return ""
}

// tag is a language in a file name.
func tag(code types.LanguageCode) string {
	if code == "" {
		return "und"
	}
	return strings.ToLower(string(code))
}

func languageName(code types.LanguageCode) string {
	if code == "" {
		return "Audio"
	}
	if name, ok := languageNames[code]; ok {
		return name
	}
	return strings.ToLower(string(code))
}

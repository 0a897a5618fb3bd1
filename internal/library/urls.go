package library

import (
	"net/url"
	"slices"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// ownURLs leaves out of a message and its record every URL that is not the
// stack's own for this encode: pages and apps play what a row says, and a row
// must not send them anywhere else. What is left out is logged as an error.
func (s *Events) ownURLs(m Message, rec *contract.Record) (Message, *contract.Record) {
	own := func(field, text string) bool {
		if isUnder(s.DeliveryBase+"/"+m.GUID+"/", text) {
			return true
		}
		s.Log.Error("URL is not the stack's own, and left out of the row", "guid", m.GUID, "field", field, "url", clip(text, 200))
		return false
	}
	one := func(field, text string) string {
		if text == "" || own(field, text) {
			return text
		}
		return ""
	}
	all := func(field string, list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(text string) bool { return !own(field, text) })
	}
	m.HLSURL, m.DASHURL = one("hlsUrl", m.HLSURL), one("dashUrl", m.DASHURL)
	m.MP4URLs, m.ThumbNailURL = all("mp4Urls", m.MP4URLs), all("thumbNailUrl", m.ThumbNailURL)
	if rec != nil {
		kept := *rec
		kept.MP4URLs, kept.ThumbNailURL = all("mp4Urls of the record", rec.MP4URLs), all("thumbNailUrl of the record", rec.ThumbNailURL)
		rec = &kept
	}
	return m, rec
}

// isUnder tells whether a URL lies under another one, which ends in a slash,
// for everybody who reads it: browsers resolve dots, and take a backslash for a
// slash.
func isUnder(base, text string) bool {
	path, ok := strings.CutPrefix(text, base)
	if !ok || path == "" || strings.ContainsAny(path, `\?#`) {
		return false
	}
	u, err := url.Parse(text)
	return err == nil && !slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return segment == "." || segment == ".." })
}

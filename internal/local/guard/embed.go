package guard

import (
	"net/http"
	"slices"
)

// What a browser says of a request's purpose:
// https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
var media = []string{"audio", "image", "track", "video"}

// Media lets the pages of any site link to what a port serves and show it in
// their media elements, as a CDN does. They cannot read it, and it cannot run
// in them: no scripts, no frames, no plugins.
func Media(r *http.Request) bool {
	return Links(r) || reads(r) && slices.Contains(media, r.Header.Get("Sec-Fetch-Dest"))
}

// Links lets the pages of any site link to what a port serves: it opens in
// place of the page, which learns nothing.
func Links(r *http.Request) bool {
	return reads(r) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// Presigned lets the pages of any site link to an object and show it, if
// whoever may read it has signed the URL. The store verifies the signature.
func Presigned(r *http.Request) bool {
	return Media(r) && r.URL.Query().Has("X-Amz-Signature")
}

func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

package mediaconvert

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxPage is the service's largest page, and its default.
const maxPage = 20

// paging is the part of a List request that every resource shares.
type paging struct {
	max        int
	token      string
	scope      string // of the token: the resource and its filters
	descending bool
}

// pagingOf checks maxResults, order and nextToken. A token is only good for
// the same list with the same filters.
func pagingOf(r *http.Request, descending bool) (paging, error) {
	query := r.URL.Query()
	p := paging{max: maxPage, token: query.Get("nextToken"), descending: descending}
	if text := query.Get("maxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return p, badRequest("/maxResults: must be a number from 1 to %d", maxPage)
		}
		p.max = n
	}
	switch order := query.Get("order"); order {
	case "":
	case "ASCENDING", "DESCENDING":
		p.descending = order == "DESCENDING"
	default:
		return p, badRequest("/order: must be ASCENDING or DESCENDING, not %q", order)
	}
	p.scope = scopeOf(r.URL.Path, query, p.descending)
	return p, nil
}

// scopeOf names a list: its path, filters and order, without the page.
func scopeOf(path string, query url.Values, descending bool) string {
	filters := url.Values{"path": {path}, "descending": {strconv.FormatBool(descending)}}
	for name, values := range query {
		if name != "nextToken" && name != "maxResults" && name != "order" {
			filters[name] = values
		}
	}
	sum := sha256.Sum256([]byte(filters.Encode()))
	return hex.EncodeToString(sum[:8])
}

// cut takes a page out of a list that is in ascending order, and returns the
// token of the next one, empty after the last.
func cut[T any](all []T, p paging, key func(T) string) ([]T, string, error) {
	all, err := rest(all, p, key)
	if err != nil {
		return nil, "", err
	}
	all, next := first(all, p, key)
	return all, next, nil
}

// rest puts a list that is in ascending order into the page's order, without
// the earlier pages.
func rest[T any](all []T, p paging, key func(T) string) ([]T, error) {
	if p.descending {
		slices.Reverse(all)
	}
	if p.token == "" {
		return all, nil
	}
	after, err := p.after()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(item T) bool { return key(item) == after })
	if at < 0 {
		return nil, errToken()
	}
	return all[at+1:], nil
}

// first is the first page of a list, and the token of the next one, empty
// after the last.
func first[T any](all []T, p paging, key func(T) string) ([]T, string) {
	if len(all) <= p.max {
		return all, ""
	}
	return all[:p.max], p.tokenAfter(key(all[p.max-1]))
}

func errToken() error { return badRequest("/nextToken: is not a token of this list") }

func (p paging) tokenAfter(key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.scope + " " + key))
}

func (p paging) after() (string, error) {
	text, err := base64.RawURLEncoding.DecodeString(p.token)
	scope, key, ok := strings.Cut(string(text), " ")
	if err != nil || !ok || scope != p.scope {
		return "", errToken()
	}
	return key, nil
}

// oneOf checks a query parameter that names one of several values.
func oneOf(r *http.Request, name string, allowed ...string) (string, error) {
	value := r.URL.Query().Get(name)
	if value == "" || slices.Contains(allowed, value) {
		return value, nil
	}
	return "", badRequest("/%s: must be one of %s, not %q", name, strings.Join(allowed, ", "), value)
}

package examples

import (
	"net/http"
	"strings"
	"testing"
)

// announced is the length that the tests' URLs are for, in bytes.
const announced = 5

// takesNoOther asks that a URL for a video/mp4 of the announced length refuses
// everything else. That it takes its own file the READMEs' commands show.
func takesNoOther(t *testing.T, url string) {
	t.Helper()
	for what, try := range map[string]struct{ body, kind, condition string }{
		"a longer file":      {"123456", "video/mp4", "*"},
		"a shorter file":     {"1234", "video/mp4", "*"},
		"an empty file":      {"", "video/mp4", "*"},
		"another type":       {"<html", "text/html", "*"},
		"one that may again": {"12345", "video/mp4", ""},
	} {
		if status := put(t, url, try.body, try.kind, try.condition); status != http.StatusForbidden {
			t.Errorf("%s: the bucket answers %d, want 403", what, status)
		}
	}
}

// put is the status that a PUT is answered with.
func put(t *testing.T, url, body, kind, condition string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if condition != "" {
		request.Header.Set("If-None-Match", condition)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

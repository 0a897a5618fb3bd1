package browser

import (
	"bytes"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/local/gateway"
	"github.com/vodstack/vodstack/test/rig"
)

// aTry is one visit to the page, with the stack behind it.
type aTry struct {
	name  string
	stack *standIn
	visit Visit
	check func(t *testing.T, s *standIn, seen Visited)
}

const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script>`

// All tries in one browser, since a start of it takes longer than most.
func TestThePageTakesAVideoAllTheWay(t *testing.T) {
	origin := openPage(t)
	base := streams(t)
	car, err := os.ReadFile(filepath.Join(media(t), "car-768x432-aac.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	complete := map[string]any{
		"id": "v1", "encodingStatus": "Complete", "hlsUrl": base + "/good/main.m3u8", "mp4Urls": []string{base + "/good/v.mp4"},
		"placeholderUrl": base + "/good/poster.jpg", "dashUrl": "javascript:alert(3)", "duration": 6160, "width": 320, "height": 180,
	}
	failed := map[string]any{
		"id": "v1", "encodingStatus": "Error", "errorCode": "SourceUnreadable",
		"errorMessage": "it is no video: " + hostile, "errorAction": "Export it again.",
	}
	stack := func(result map[string]any, how func(*standIn)) *standIn {
		s := newStandIn(t, origin, result)
		how(s)
		return s
	}
	tries := []aTry{
		{"a small video goes in one PUT", stack(complete, func(*standIn) {}), Visit{Title: hostile}, checkSmall},
		{"a large video goes in parts, each of which fails once", stack(complete, func(s *standIn) { s.partSize, s.flaky = 500_000, true }), Visit{Drop: true}, checkParts},
		{"an upload that broke off goes on where it was", stack(complete, func(s *standIn) { s.partSize, s.slow = 500_000, true }), Visit{ReloadAtPercent: 15}, checkResumed},
		{"a video that fails shows its reason", stack(failed, func(*standIn) {}), Visit{}, checkFailed},
		{"a refusal is the API's own sentence", stack(nil, func(s *standIn) { s.refuse = `{"detail":"size must be at most 5","code":"FileTooLarge"}` }), Visit{}, checkRefused},
	}
	var visits []Visit
	for _, c := range tries {
		c.visit.File, c.visit.PatienceMilliseconds = filepath.Join(media(t), "car-768x432-aac.mp4"), 60000
		c.visit.Page = origin + "/?api=" + url.QueryEscape(c.stack.URL+"/")
		visits = append(visits, c.visit)
	}
	results, err := RunPage(t.Context(), visits)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range tries {
		t.Run(c.name, func(t *testing.T) {
			if len(results[i].Ran) > 0 {
				t.Errorf("ran %v", results[i].Ran)
			}
			c.check(t, c.stack, results[i])
			if c.stack.complete != "" && !bytes.Equal(c.stack.whole(), car) {
				t.Errorf("%d bytes were stored, and not those of the file", len(c.stack.whole()))
			}
		})
	}
}

// openPage serves the page as the engine does.
func openPage(t *testing.T) string {
	t.Helper()
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gateway.Page{
		HTML:   filepath.Join(root, "web", "index.html"),
		Player: filepath.Join(root, "node_modules", "hls.js", "dist", "hls.min.js"),
	}.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

func playedToItsEnd(t *testing.T, seen Visited) {
	t.Helper()
	if seen.State != "done" || seen.Played == nil || !seen.Played.Ended || seen.Played.Width == 0 {
		t.Errorf("ended as %s %q, played %+v, requests that failed: %v", seen.State, seen.Error, seen.Played, seen.FailedRequests)
	}
	if seen.Between("encoding") == 0 {
		t.Errorf("no progress of the encode was shown: %v", seen.Steps)
	}
}

func checkSmall(t *testing.T, s *standIn, seen Visited) {
	playedToItsEnd(t, seen)
	if seen.Name != hostile {
		t.Errorf("the title is shown as %q", seen.Name)
	}
	if len(seen.Links) != 2 || slices.ContainsFunc(seen.Links, func(l string) bool { return !strings.HasPrefix(l, "http://") }) {
		t.Errorf("links to %v", seen.Links)
	}
	if s.created[0]["title"] != hostile || s.created[0]["contentType"] != "video/mp4" || s.keys[0] == "" || s.complete == "" && s.polls == 0 {
		t.Errorf("created %v with the key %q", s.created, s.keys)
	}
}

func checkParts(t *testing.T, s *standIn, seen Visited) {
	playedToItsEnd(t, seen)
	if seen.Between("uploading") < 3 {
		t.Errorf("the upload's progress was %v", seen.Steps)
	}
	if !slices.Contains(s.asked, "part=3") || !slices.Contains(s.asked, "part=2&limit=1") {
		t.Errorf("URLs were asked for with %q", s.asked)
	}
	if strings.Count(s.complete, "partNumber") != 6 || !strings.HasPrefix(s.complete, `{"parts":[{"partNumber":1,"etag":"\"etag-1\""}`) {
		t.Errorf("completed with %s", s.complete)
	}
	// A file that was dropped has no type here, as .mkv has none.
	if s.created[0]["contentType"] != "application/octet-stream" || s.created[0]["title"] != "car-768x432-aac.mp4" {
		t.Errorf("created %v", s.created)
	}
}

func checkResumed(t *testing.T, s *standIn, seen Visited) {
	playedToItsEnd(t, seen)
	if len(s.keys) != 2 || s.keys[0] != s.keys[1] {
		t.Errorf("created with the keys %q", s.keys)
	}
	for n := 1; n <= 3; n++ {
		if s.tries[n] != 1 {
			t.Errorf("part %d, which had arrived, was sent %d times", n, s.tries[n])
		}
	}
}

func checkFailed(t *testing.T, s *standIn, seen Visited) {
	want := "it is no video: " + hostile + " (SourceUnreadable)\nExport it again."
	if seen.State != "failed" || seen.Error != want || seen.Played != nil {
		t.Errorf("ended as %s %q", seen.State, seen.Error)
	}
}

func checkRefused(t *testing.T, s *standIn, seen Visited) {
	if seen.State != "failed" || seen.Error != "size must be at most 5" || len(s.created) != 1 {
		t.Errorf("ended as %s %q after %d attempts", seen.State, seen.Error, len(s.created))
	}
}

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// badInputs uploads what is not a whole video, with a good one in between.
func badInputs(t *testing.T) {
	t.Parallel()
	codes := map[string][]string{
		clips.Empty.File:    {"EmptySource"},
		clips.Text.File:     {"SourceUnreadable"},
		clips.JPEG.File:     {"SourceUnreadable", "SourceUnencodable"},
		clips.CutLast.File:  {"SourceUnreadable"},
		clips.CutFirst.File: {"SourceUnreadable", "JobFailed"},
	}
	for _, clip := range clips.Bad {
		t.Run(clip.File, func(t *testing.T) {
			t.Parallel()
			uploaded := time.Now()
			key := world.videos.upload(t, clip)
			failed := checkError(t, world.videos, key, codes[clip.File]...)
			within(t, time.Minute, uploaded, failed)
		})
	}
	t.Run("and a good video beside them is not hurt", func(t *testing.T) {
		t.Parallel()
		end := world.videos.ended(t, world.videos.upload(t, clips.Upper), 2*time.Minute)
		if end.Text("workflowStatus") != "Complete" {
			t.Errorf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
		}
	})
}

// within asks that a video's end came soon after something happened.
func within(t *testing.T, limit time.Duration, since time.Time, m rig.Message) {
	t.Helper()
	record, _ := siteOf(m).item(t, m.Text("guid"))
	ended, err := time.Parse(time.RFC3339, text(record, "endTime"))
	if err != nil {
		t.Fatalf("endTime: %v", err)
	}
	if took := ended.Sub(since); took > limit {
		t.Errorf("it took %v until the error was known, want at most %v", took, limit)
	}
}

// checkError waits for the Error message of a key and asks that topic, result
// queue and table agree on one of these codes.
func checkError(t *testing.T, s *site, key string, codes ...string) rig.Message {
	t.Helper()
	end := s.ended(t, key, 3*time.Minute)
	if end.Text("workflowStatus") != "Error" {
		t.Fatalf("ended %s, want Error %v", end.Text("workflowStatus"), codes)
	}
	failed := once(t, s.raw, "Error message", about(key, "Error"))
	result := once(t, s.results, "message in the result queue", about(key))
	record, _ := s.item(t, failed.Text("guid"))
	if !slices.Contains(codes, failed.Text("errorCode")) {
		t.Errorf("code %s (%s), want one of %v", failed.Text("errorCode"), failed.Text("errorMessage"), codes)
	}
	for _, name := range []string{"guid", "srcBucket", "workflowStatus", "workflowErrorAt", "errorCode", "errorMessage", "errorDetails"} {
		value, _ := failed.Body[name].(string)
		if value == "" || record[name] != value || result.Body[name] != value {
			t.Errorf("%s: topic %q, queue %q, table %q", name, value, result.Body[name], record[name])
		}
	}
	if found := s.raw.Find(about(key, "Complete")); len(found) > 0 {
		t.Error("there is a Complete message, too")
	}
	checkAttributes(t, failed, "Error", failed.Text("guid"))
	checkEnvelope(t, once(t, s.enveloped, "Error message in an envelope", about(key, "Error")), "Error", failed.Text("guid"))
	checkSentence(t, failed)
	return failed
}

// checkSentence asks for a published code and a sentence for people.
func checkSentence(t *testing.T, failed rig.Message) {
	t.Helper()
	if !strings.Contains(errorsDoc(t), "`"+failed.Text("errorCode")+"`") {
		t.Errorf("docs/errors.md does not list %s", failed.Text("errorCode"))
	}
	message := failed.Text("errorMessage")
	if !strings.Contains(message, " ") || len(message) > 500 || strings.ContainsAny(message, "{}\n") {
		t.Errorf("errorMessage is not one readable sentence: %q", message)
	}
	if failed.Body["status"] != "Error" {
		t.Errorf("status is %v", failed.Body["status"])
	}
}

// errorsDoc is docs/errors.md, the published list of codes.
func errorsDoc(t *testing.T) string {
	t.Helper()
	published, err := os.ReadFile(filepath.Join(world.root, "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(published)
}

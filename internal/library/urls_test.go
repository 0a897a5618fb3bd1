package library_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
)

// foreign are URLs that are not the stack's own for the encode A.
func foreign() []string {
	own := "https://cdn.example/" + guidA
	return []string{
		"https://elsewhere.example/" + guidA + "/x", "http://cdn.example/" + guidA + "/x", "HTTPS://cdn.example/" + guidA + "/x",
		"https://cdn.example.elsewhere.example/" + guidA + "/x", "https://cdn.example@elsewhere.example/" + guidA + "/x", "https://cdn.example:8443/" + guidA + "/x",
		"//cdn.example/" + guidA + "/x", "javascript:alert(1)", "data:text/html,x", "s3://destination/" + guidA + "/x", "/" + guidA + "/x", "x",
		own, own + "/", own + "x/y", "https://cdn.example/" + guidB + "/x", own + "/../" + guidB + "/x", own + "/%2e%2e/" + guidB + "/x", own + "/./x", own + "/..\\" + guidB,
		own + "/x?y", own + "/x#y", own + "/%zz", own + "/x\ny", " " + own + "/x",
	}
}

func TestARowTakesNoURLThatIsNotTheStacksOwnForItsEncode(t *testing.T) {
	for _, text := range foreign() {
		w := newWorld(t)
		w.videos.Put(newRow())
		rec := record(guidA, contract.StatusComplete)
		mp4, poster := rec.MP4URLs[0], rec.ThumbNailURL[0]
		rec.HLSURL, rec.DASHURL = text, text
		rec.MP4URLs, rec.ThumbNailURL = []string{text, mp4}, append([]string{text}, rec.ThumbNailURL...)
		w.records.Put(rec)
		m, err := contract.FinalMessage(rec)
		if err != nil {
			t.Fatal(err)
		}
		if again := w.deliver(m.Body); again != 0 {
			t.Errorf("%q: the message comes again", text)
		}
		row := w.videos.Row(id)
		if row.EncodingStatus != contract.StatusComplete || row.HLSURL != "" || row.DASHURL != "" || !slices.Equal(row.MP4URLs, []string{mp4}) ||
			row.PlaceholderURL != poster || slices.Contains(row.ThumbnailURLs, text) {
			t.Errorf("%q: row has %q, %q, %q, %q", text, row.HLSURL, row.DASHURL, row.MP4URLs, row.PlaceholderURL)
		}
		if log := w.log.String(); strings.Count(log, "not the stack's own") != 6 || !strings.Contains(log, "ERROR") {
			t.Errorf("%q: log is %s", text, log)
		}
	}
}

func TestURLsOfAnotherGuidInARecordThatIsLongerAreLeftOutToo(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow())
	rec := record(guidA, contract.StatusComplete)
	m, err := contract.FinalMessage(rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.MP4URLs = slices.Repeat([]string{"https://elsewhere.example/x.mp4"}, 5)
	w.records.Put(rec)
	w.deliver(m.Body)
	if row := w.videos.Row(id); len(row.MP4URLs) != 1 || strings.Contains(row.MP4URLs[0], "elsewhere") {
		t.Errorf("row has %q", row.MP4URLs)
	}
}

package e2e

import (
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/browser"
	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rest"
)

// page uses the page that the engine serves, in a real browser: API, storage
// and delivery are other origins than its own.
func page(t *testing.T) {
	token, err := world.issuer.Token("visitor", nil)
	if err != nil {
		t.Fatal(err)
	}
	one := func(s *site, file, title string) browser.Visit {
		return browser.Visit{File: file, Title: title, Page: s.Engine.PageURL() + "/?api=" + url.QueryEscape(s.Outputs["ApiUrl"])}
	}
	hostile := `<script>alert(1)</script><b>Bold</b>`
	small, broken := made(t, clips.Car), made(t, clips.CutLast)
	large := one(world.meta, looped(t), "")
	large.Page += "#token=" + token
	large.UploadBytesPerSecond = 3 << 20
	seen, err := browser.RunPage(t.Context(), []browser.Visit{one(world.videos, small, hostile), large, one(world.videos, broken, "")})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a small video, with a title that is a script, in one PUT", func(t *testing.T) {
		visited(t, seen[0], clips.Car)
		if seen[0].Name != hostile {
			t.Errorf("the title is shown as %q", seen[0].Name)
		}
	})
	t.Run("a large video in parts, with a JWT", func(t *testing.T) {
		visited(t, seen[1], clips.Car)
		video := checkOwner(t, token, "visitor")
		if seen[1].Between("uploading") == 0 || tells(t, token, video) && seen[1].Between("encoding") == 0 {
			t.Errorf("no progress was shown: %v", seen[1].Steps)
		}
	})
	t.Run("a file that is no whole video shows why", func(t *testing.T) {
		if seen[2].State != "failed" || !strings.Contains(seen[2].Error, "SourceUnreadable") || len(strings.Split(seen[2].Error, "\n")) != 2 {
			t.Errorf("ended as %s: %q", seen[2].State, seen[2].Error)
		}
	})
}

// visited asks that a video went all the way and played to its end.
func visited(t *testing.T, seen browser.Visited, clip clips.Clip) {
	t.Helper()
	if seen.State != "done" || seen.Played == nil {
		t.Fatalf("ended as %s: %q; requests that failed: %v", seen.State, seen.Error, seen.FailedRequests)
	}
	if p := seen.Played; !p.Ended || p.Width != clip.Width || p.Height != clip.Height || p.Poster == "" {
		t.Errorf("played %+v, want %dx%d to its end", *p, clip.Width, clip.Height)
	}
	if len(seen.Ran) > 0 || len(seen.FailedRequests) > 0 {
		t.Errorf("ran %v, requests that failed: %v", seen.Ran, seen.FailedRequests)
	}
}

// checkOwner asks that the page's video is its token's subject's, and returns
// its id.
func checkOwner(t *testing.T, token, subject string) string {
	t.Helper()
	c := caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"], Token: token}, world.meta}
	videos, _ := c.get(t, "/videos").Body["videos"].([]any)
	if len(videos) != 1 {
		t.Fatalf("the visitor has %d videos", len(videos))
	}
	video, _ := videos[0].(map[string]any)
	if text(video, "ownerId") != world.issuer.Owner(subject) || text(video, "encodingStatus") != "Complete" {
		t.Errorf("the video is %v", video)
	}
	return text(video, "id")
}

// tells tells whether an encode took so long that the encoder has said on the
// way how far it is: it does so every ten seconds, and the page asks every
// second. A fast machine may be done before.
func tells(t *testing.T, token, id string) bool {
	t.Helper()
	c := caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"], Token: token}, world.meta}
	events, _ := c.get(t, "/videos/"+id+"/events").Body["events"].([]any)
	if len(events) != 2 {
		t.Fatalf("the events are %v", events)
	}
	last, _ := events[1].(map[string]any)
	complete, _ := last["message"].(map[string]any)
	from, err1 := time.Parse(time.RFC3339, text(complete, "startTime"))
	to, err2 := time.Parse(time.RFC3339, text(complete, "endTime"))
	if err1 != nil || err2 != nil {
		t.Fatalf("the Complete message has no times: %v", complete)
	}
	return to.Sub(from) > 13*time.Second
}

func made(t *testing.T, clip clips.Clip) string {
	t.Helper()
	file, err := world.clips.Make(clip)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// looped is a clip four times over: larger than one PUT may be on vodmeta,
// and on most machines so long that the encoder tells how far it is on the way.
func looped(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "looped.mp4")
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "3", "-i", filepath.Join(world.root, "media", clips.Car.File), "-c", "copy", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("loop the clip: %v: %s", err, out)
	}
	return file
}

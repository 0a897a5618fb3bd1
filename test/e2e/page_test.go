package e2e

import (
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
		if seen[1].Between("uploading") == 0 || seen[1].Between("encoding") == 0 {
			t.Errorf("no progress was shown: %v", seen[1].Steps)
		}
		checkOwner(t, token, "visitor")
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

// checkOwner asks that the page's video is its token's subject's.
func checkOwner(t *testing.T, token, subject string) {
	t.Helper()
	c := caller{&rest.Client{URL: world.meta.Outputs["ApiUrl"], Token: token}, world.meta}
	videos, _ := c.get(t, "/videos").Body["videos"].([]any)
	if len(videos) != 1 {
		t.Fatalf("the visitor has %d videos", len(videos))
	}
	if video, _ := videos[0].(map[string]any); text(video, "ownerId") != subject || text(video, "encodingStatus") != "Complete" {
		t.Errorf("the video is %v", video)
	}
}

func made(t *testing.T, clip clips.Clip) string {
	t.Helper()
	file, err := world.clips.Make(clip)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// looped is a clip twice over: larger than one PUT may be on vodmeta,
// and so long that the encoder tells how far it is on the way.
func looped(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "looped.mp4")
	cmd := exec.Command("ffmpeg", "-nostdin", "-v", "error", "-stream_loop", "1", "-i", filepath.Join(world.root, "media", clips.Car.File), "-c", "copy", file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("loop the clip: %v: %s", err, out)
	}
	return file
}

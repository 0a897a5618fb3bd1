package e2e

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// restart takes the engine down and up again, as a developer does overnight.
func restart(t *testing.T, streams []stream) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	engine := world.videos.Engine
	d := anyone().announce(t, clips.Tiny, map[string]any{"title": "over night"})
	if _, err := engine.Down(ctx); err != nil {
		t.Fatal(err)
	}
	if err := engine.NothingLeft(); err != nil {
		t.Error(err)
	}
	began := time.Now()
	if _, err := engine.Up(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("up again in %v", time.Since(began).Round(100*time.Millisecond))
	for _, s := range streams {
		record, _ := world.videos.item(t, s.guid)
		for name := range always {
			if !reflect.DeepEqual(record[name], s.record[name]) {
				t.Errorf("the record of %s has changed: %s is %v, was %v", s.clip.File, name, record[name], s.record[name])
			}
		}
		fetch(t, text(record, "hlsUrl"))
		fetch(t, text(record, "dashUrl"))
	}
	end := world.videos.ended(t, world.videos.upload(t, clips.Tiny), 2*time.Minute)
	if end.Text("workflowStatus") != "Complete" {
		t.Errorf("a new video ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	checkValues(t, d.look(t), map[string]any{"title": "over night", "encodingStatus": "new", "updatedAt": d.video["updatedAt"]})
	d.send(t) // the URL of yesterday, within its hour
	d.published(t)
}

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// send uploads a clip and waits for its end. put is when the upload had
// finished.
func (b *bench) send(ctx context.Context, clip clips.Clip, key string) (guid string, put time.Time, err error) {
	file, err := b.clips.Make(clip)
	if err != nil {
		return "", put, err
	}
	if _, err := b.stack.Upload(ctx, key, file); err != nil {
		return "", put, err
	}
	put = time.Now()
	guid, err = b.published(ctx, key)
	return guid, put, err
}

// published waits for the end of a video and returns its guid.
func (b *bench) published(ctx context.Context, key string) (string, error) {
	end, err := b.topic.Wait(ctx, 5*time.Minute, func(m rig.Message) bool {
		return m.Text("srcVideo") == key && m.Text("workflowStatus") != "Ingest"
	})
	if err != nil {
		return "", err
	}
	if end.Text("workflowStatus") != "Complete" {
		return "", fmt.Errorf("%s ended in %s: %s", key, end.Text("errorCode"), end.Text("errorMessage"))
	}
	return end.Text("guid"), nil
}

package e2e

import (
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// A stream is a published video that later tests come back to.
type stream struct {
	clip   clips.Clip
	guid   string
	record map[string]any
}

// goodVideos uploads every good clip at once and checks each against what is
// known of it. What was published is added to streams.
func goodVideos(t *testing.T, streams *[]stream) {
	t.Parallel()
	var mutex sync.Mutex
	for _, clip := range clips.Good {
		t.Run(clip.File, func(t *testing.T) {
			t.Parallel()
			s := world.videos
			key := s.upload(t, clip)
			s.ingested(t, key)
			end := s.ended(t, key, 5*time.Minute)
			if end.Text("workflowStatus") != "Complete" {
				t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
			}
			guid := end.Text("guid")
			record, types := s.item(t, guid)
			checkRecord(t, clip, key, record, types)
			checkMessages(t, s, key, record)
			checkOutputs(t, record)
			checkStreams(t, clip, record)
			checkPictures(t, clip, record)
			mutex.Lock()
			defer mutex.Unlock()
			*streams = append(*streams, stream{clip, guid, record})
		})
	}
}

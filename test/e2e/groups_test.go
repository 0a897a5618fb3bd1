package e2e

import (
	"strings"
	"sync"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// ownGroups has a stack that makes HLS and DASH as groups of their own: the
// plain fields then name those, and CMAF's keep their own. Audio alone has no
// CMAF.
func ownGroups(t *testing.T, groups *[]stream) {
	t.Parallel()
	var mutex sync.Mutex
	for _, clip := range []clips.Clip{clips.Surround, clips.Languages, clips.SoundMP4} {
		t.Run(clip.File, func(t *testing.T) {
			t.Parallel()
			_, end := describe(t, clip, map[string]any{})
			if end.Text("workflowStatus") != "Complete" {
				t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
			}
			record, types := world.meta.item(t, end.Text("guid"))
			checkTypes(t, always, types)
			folders := map[string]string{"hlsUrl": "hls", "dashUrl": "dash"}
			if clip.Width > 0 {
				folders["cmafHlsUrl"], folders["cmafDashUrl"] = "cmaf", "cmaf"
			} else {
				checkAbsent(t, record, "cmafHlsUrl", "cmafDashUrl")
			}
			for field, folder := range folders {
				if url := text(record, field); !strings.Contains(url, "/"+end.Text("guid")+"/"+folder+"/") {
					t.Errorf("%s is %s, want it in %s/", field, url, folder)
				}
			}
			checkStreams(t, clip, record)
			mutex.Lock()
			defer mutex.Unlock()
			*groups = append(*groups, stream{clip, end.Text("guid"), record})
		})
	}
}

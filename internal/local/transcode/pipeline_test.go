package transcode

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// A custom template may ask for anything; the jobs that the pipeline works
// out by itself are all carried out.
func TestEveryJobOfThePipelineIsCarriedOut(t *testing.T) {
	files, err := filepath.Glob("../../encoding/testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens: %v", err)
	}
	for _, f := range files {
		if strings.HasPrefix(filepath.Base(f), "template-") {
			continue
		}
		var job struct {
			Settings json.RawMessage `json:"settings"`
		}
		if err := json.Unmarshal(contents(t, f), &job); err != nil || job.Settings == nil {
			t.Errorf("%s: no settings: %v", f, err)
			continue
		}
		if _, err := Check(job.Settings); err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
		}
	}
}

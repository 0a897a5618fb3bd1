package encoding_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/apimodel"
	"github.com/vodstack/vodstack/internal/encoding"
)

// From an answer of Probe to the CreateJob request, both as they are on the
// wire. The request is kept as a golden, and must be one that the service's
// model takes.
func TestGoldens(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			body := c.created(t)
			for _, v := range apimodel.Validate("CreateJob", body) {
				t.Error(v)
			}
			encoding.CompareGolden(t, filepath.Join("testdata", "golden", encoding.FileName(c.name)), body)
		})
	}
}

func TestEveryAnswerIsOneThatTheServiceMayGive(t *testing.T) {
	for _, c := range cases() {
		for _, v := range apimodel.ValidateOutput("Probe", []byte(c.answerOf(t))) {
			t.Errorf("%s: %v", c.name, v)
		}
	}
}

func TestEveryFileBelongsToACase(t *testing.T) {
	golden, answer := map[string]bool{}, map[string]bool{}
	for _, c := range cases() {
		golden[encoding.FileName(c.name)] = true
		answer[encoding.FileName(c.name)] = c.answer == ""
	}
	for folder, known := range map[string]map[string]bool{"golden": golden, "probe": answer} {
		files, err := os.ReadDir(filepath.Join("testdata", folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !known[f.Name()] && !strings.HasPrefix(f.Name(), "template-") {
				t.Errorf("%s/%s is left over", folder, f.Name())
			}
		}
	}
}

// Wherever an answer tells HDR, every picture of the job is tone-mapped.
func TestHDRIsToneMappedWhateverItComesIn(t *testing.T) {
	hdr := 0
	for _, c := range cases() {
		if !strings.HasPrefix(c.name, "HDR") {
			continue
		}
		hdr++
		for _, g := range c.planned(t).Job.Settings.OutputGroups {
			for _, o := range g.Outputs {
				v := o.VideoDescription
				if v != nil && (v.VideoPreprocessors == nil || v.VideoPreprocessors.ColorCorrector == nil) {
					t.Errorf("%s: %s%s is not tone-mapped", c.name, *g.Name, *o.NameModifier)
				}
			}
		}
	}
	if hdr < 4 {
		t.Errorf("%d cases of HDR", hdr)
	}
}

// The job lies in the record as JSON and is sent from there.
func TestAJobSurvivesTheRecord(t *testing.T) {
	for _, c := range cases() {
		planned := c.planned(t)
		raw, err := json.Marshal(planned.Job)
		if err != nil {
			t.Fatal(err)
		}
		var back encoding.Job
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(planned.Job, back) {
			t.Errorf("%s: another job came back:\n%s", c.name, raw)
		}
		if text := string(raw); strings.Contains(text, "null") || strings.Contains(text, `""`) {
			t.Errorf("%s: what is not set is in %s", c.name, text)
		}
	}
}

package mediaconvert

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// template is what a job's settings are without their input.
func (b *bench) template(name string) *types.JobTemplate {
	b.Helper()
	group := b.fileGroup("from-the-template")
	group.OutputGroupSettings.FileGroupSettings.Destination = nil
	out, err := b.client.CreateJobTemplate(b.Context(), &sdk.CreateJobTemplateInput{
		Name: &name, Category: aws.String("vod"), Priority: aws.Int32(7),
		StatusUpdateInterval: types.StatusUpdateIntervalSeconds15,
		Settings: &types.JobTemplateSettings{
			Inputs: []types.InputTemplate{{
				VideoSelector:  &types.VideoSelector{Rotate: types.InputRotateAuto},
				AudioSelectors: map[string]types.AudioSelector{"Audio Selector 1": {DefaultSelection: types.AudioDefaultSelectionDefault}},
			}},
			OutputGroups: []types.OutputGroup{group},
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return out.JobTemplate
}

func TestAJobOverridesItsTemplate(t *testing.T) {
	b := newBench(t, nil)
	template := b.template("ours")
	request := &sdk.CreateJobInput{
		Role: aws.String(role), JobTemplate: template.Arn,
		Settings: &types.JobSettings{
			Inputs: []types.Input{{
				FileInput:     aws.String(b.put("in.mp4", []byte("a video"))),
				VideoSelector: &types.VideoSelector{Rotate: types.InputRotateDegrees90},
			}},
			OutputGroups: []types.OutputGroup{{
				Outputs: []types.Output{},
				OutputGroupSettings: &types.OutputGroupSettings{FileGroupSettings: &types.FileGroupSettings{
					Destination: aws.String("s3://" + b.bucket + "/from-the-job"),
				}},
			}},
		},
	}
	out, err := b.client.CreateJob(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	settings := out.Job.Settings
	if got := settings.Inputs[0].VideoSelector.Rotate; got != types.InputRotateDegrees90 {
		t.Errorf("rotate is %s", got)
	}
	if _, ok := settings.Inputs[0].AudioSelectors["Audio Selector 1"]; !ok {
		t.Error("the template's audio selector is lost")
	}
	group := settings.OutputGroups[0]
	if group.OutputGroupSettings.Type != types.OutputGroupTypeFileGroupSettings || len(group.Outputs) != 1 {
		t.Errorf("group is %+v", group)
	}
	if *out.Job.Priority != 7 || out.Job.StatusUpdateInterval != types.StatusUpdateIntervalSeconds15 {
		t.Errorf("priority %d, interval %s", *out.Job.Priority, out.Job.StatusUpdateInterval)
	}
	b.waitFor(*out.Job.Id, "COMPLETE")
	b.object("from-the-job_mp4.mp4")
}

func TestATemplateWithAJobThatLacksSomethingIsRefused(t *testing.T) {
	b := newBench(t, nil)
	b.template("ours")
	_, err := b.client.CreateJob(t.Context(), &sdk.CreateJobInput{
		Role: aws.String(role), JobTemplate: aws.String("ours"), Settings: &types.JobSettings{},
	})
	wantError(t, err, "BadRequestException", "/inputs/0/fileInput")
}

func TestTemplatesAreKeptListedChangedAndDeleted(t *testing.T) {
	b := newBench(t, nil)
	b.template("one")
	b.template("two")
	_, err := b.client.CreateJobTemplate(t.Context(), &sdk.CreateJobTemplateInput{Name: aws.String("one"), Settings: &types.JobTemplateSettings{}})
	wantError(t, err, "ConflictException", "one")
	_, err = b.client.UpdateJobTemplate(t.Context(), &sdk.UpdateJobTemplateInput{Name: aws.String("two"), Category: aws.String("other")})
	if err != nil {
		t.Fatal(err)
	}
	b.restart(nil)
	list, err := b.client.ListJobTemplates(t.Context(), &sdk.ListJobTemplatesInput{Category: aws.String("vod")})
	if err != nil || len(list.JobTemplates) != 1 || *list.JobTemplates[0].Name != "one" {
		t.Errorf("templates are %+v, %v", list, err)
	}
	got, err := b.client.GetJobTemplate(t.Context(), &sdk.GetJobTemplateInput{Name: aws.String("two")})
	if err != nil || *got.JobTemplate.Category != "other" || *got.JobTemplate.Priority != 7 {
		t.Errorf("template is %+v, %v", got, err)
	}
	if _, err := b.client.DeleteJobTemplate(t.Context(), &sdk.DeleteJobTemplateInput{Name: aws.String("two")}); err != nil {
		t.Error(err)
	}
	_, err = b.client.GetJobTemplate(t.Context(), &sdk.GetJobTemplateInput{Name: aws.String("two")})
	wantError(t, err, "NotFoundException", "two")
}

func TestMergePutsTheJobOverTheTemplate(t *testing.T) {
	for name, c := range map[string]struct{ below, above, want string }{
		"members":           {`{"a":1,"b":{"c":2}}`, `{"b":{"d":3}}`, `{"a":1,"b":{"c":2,"d":3}}`},
		"a value wins":      {`{"a":1}`, `{"a":2}`, `{"a":2}`},
		"null is absent":    {`{"a":1}`, `{"a":null}`, `{"a":1}`},
		"items by position": {`{"l":[{"a":1},{"a":2}]}`, `{"l":[{"b":3}]}`, `{"l":[{"a":1,"b":3},{"a":2}]}`},
		"more items":        {`{"l":[{"a":1}]}`, `{"l":[{},{"a":2}]}`, `{"l":[{"a":1},{"a":2}]}`},
		"an empty list":     {`{"l":[{"a":1}]}`, `{"l":[]}`, `{"l":[{"a":1}]}`},
		"plain values":      {`{"l":[1,2]}`, `{"l":[3]}`, `{"l":[3]}`},
		"other kinds":       {`{"a":[1]}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := mergeSettings(json.RawMessage(c.below), json.RawMessage(c.above))
			if err != nil {
				t.Fatal(err)
			}
			var a, b any
			if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(c.want), &b) != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("merged to %s, not %s", got, c.want)
			}
		})
	}
}

func TestTemplatesAreSortedAsAsked(t *testing.T) {
	s := &state{templates: map[string]*Template{
		"b": {Name: "b", CreatedAt: 1}, "a": {Name: "a", CreatedAt: 2},
	}}
	for by, want := range map[string][]string{"": {"a", "b"}, "NAME": {"a", "b"}, "CREATION_DATE": {"b", "a"}, "SYSTEM": nil} {
		var names []string
		for _, found := range s.sortedTemplates(by, "") {
			names = append(names, found.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("by %q: %v, not %v", by, names, want)
		}
	}
}

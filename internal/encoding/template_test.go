package encoding

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/apimodel"
	"github.com/vodstack/vodstack/internal/video"
)

// template is one as an operator might have made it in the console: groups
// of every type, two of one type, settings that we do not use.
func template() *types.JobTemplateSettings {
	h265 := func(modifier string, container types.ContainerType) types.Output {
		return types.Output{
			NameModifier:      new(modifier),
			ContainerSettings: &types.ContainerSettings{Container: container},
			VideoDescription: &types.VideoDescription{Height: new(int32(1080)), CodecSettings: &types.VideoCodecSettings{
				Codec: types.VideoCodecH265,
				H265Settings: &types.H265Settings{
					RateControlMode: types.H265RateControlModeQvbr, MaxBitrate: new(int32(5_000_000)),
				},
			}},
		}
	}
	group := func(s types.OutputGroupSettings, outputs ...types.Output) types.OutputGroup {
		return types.OutputGroup{Name: new(string(s.Type)), OutputGroupSettings: &s, Outputs: outputs}
	}
	frames := types.Output{
		NameModifier:      new("_still"),
		ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeRaw},
		VideoDescription: &types.VideoDescription{Height: new(int32(2160)),
			CodecSettings: &types.VideoCodecSettings{Codec: types.VideoCodecFrameCapture}},
	}
	return &types.JobTemplateSettings{
		AdAvailOffset: new(int32(7)),
		Inputs: []types.InputTemplate{{
			DeblockFilter:  types.InputDeblockFilterEnabled,
			AudioSelectors: map[string]types.AudioSelector{"Audio Selector 1": {DefaultSelection: types.AudioDefaultSelectionDefault}},
			VideoSelector:  &types.VideoSelector{ColorSpace: types.ColorSpaceFollow},
		}},
		OutputGroups: []types.OutputGroup{
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeHlsGroupSettings, HlsGroupSettings: &types.HlsGroupSettings{
				Destination: new("s3://elsewhere/"), SegmentLength: new(int32(4)), MinSegmentLength: new(int32(1))}}, h265("_a", types.ContainerTypeM3u8)),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeHlsGroupSettings}, h265("_a", types.ContainerTypeM3u8)),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeCmafGroupSettings}, h265("_a", types.ContainerTypeCmfc)),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeDashIsoGroupSettings}, h265("_a", types.ContainerTypeMpd)),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeMsSmoothGroupSettings}, h265("_a", types.ContainerTypeIsmv)),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeFileGroupSettings}, h265("_a", types.ContainerTypeMp4), frames),
			group(types.OutputGroupSettings{Type: types.OutputGroupTypeFileGroupSettings}, frames),
		},
	}
}

func fromTemplate(t *testing.T, tpl *types.JobTemplateSettings, media video.Media, opts Options) Planned {
	t.Helper()
	opts.JobTemplate = "custom"
	planned, err := FromTemplate(source("phone.mov"), media, tpl, opts)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

var phone = tracks(time.Minute, turned(picture(1920, 1080), 90), stereo("eng"))

func TestATemplateKeepsItsSettings(t *testing.T) {
	planned := fromTemplate(t, template(), phone, options())
	body := wire(t, planned.Job)
	for _, v := range apimodel.Validate("CreateJob", body) {
		t.Error(v)
	}
	compare(t, filepath.Join("testdata", "golden", "template-of-every-group.json"), body)
	if planned.Profile != 1080 || planned.Picture != (video.Picture{Width: 1080, Height: 1920}) || len(planned.Rungs) != 0 {
		t.Errorf("profile %d, picture %v, rungs %v", planned.Profile, planned.Picture, planned.Rungs)
	}
}

func TestATemplateIsNotChanged(t *testing.T) {
	tpl := template()
	fromTemplate(t, tpl, phone, options())
	if !reflect.DeepEqual(tpl, template()) {
		t.Error("the caller's template was written to")
	}
}

func TestEveryGroupOfATemplateHasAPlaceOfItsOwn(t *testing.T) {
	raw, err := json.Marshal(fromTemplate(t, template(), phone, options()).Job)
	if err != nil {
		t.Fatal(err)
	}
	var job struct {
		Settings struct {
			OutputGroups []struct{ OutputGroupSettings map[string]json.RawMessage }
		}
	}
	if err := json.Unmarshal(raw, &job); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, g := range job.Settings.OutputGroups {
		for name, settings := range g.OutputGroupSettings {
			if name == "Type" {
				continue
			}
			var s struct{ Destination string }
			if err := json.Unmarshal(settings, &s); err != nil {
				t.Fatal(err)
			}
			if s.Destination == "" || seen[s.Destination] {
				t.Errorf("%s goes to %q", name, s.Destination)
			}
			seen[s.Destination] = true
		}
	}
	if len(seen) != 7 {
		t.Errorf("destinations %v", seen)
	}
}

func TestInputOfATemplate(t *testing.T) {
	rotated := template()
	rotated.Inputs[0].VideoSelector.Rotate = types.InputRotateDegrees180
	bare := template()
	bare.Inputs = nil
	for _, c := range []struct {
		name   string
		tpl    *types.JobTemplateSettings
		option string
		rotate types.InputRotate
		want   video.Picture
	}{
		{"follows the file where the template does not say", template(), "AUTO", types.InputRotateAuto, video.Picture{Width: 1080, Height: 1920}},
		{"turns as the template says", rotated, "AUTO", types.InputRotateDegrees180, video.Picture{Width: 1920, Height: 1080}},
		{"turns as the video's own option says", rotated, "DEGREE_0", types.InputRotateDegree0, video.Picture{Width: 1920, Height: 1080}},
		{"is ours where the template has none", bare, "AUTO", types.InputRotateAuto, video.Picture{Width: 1080, Height: 1920}},
	} {
		t.Run(c.name, func(t *testing.T) {
			planned := fromTemplate(t, c.tpl, phone, with(func(o *Options) { o.InputRotate = c.option }))
			in := planned.Job.Settings.Inputs[0]
			if in.VideoSelector.Rotate != c.rotate || planned.Picture != c.want {
				t.Errorf("rotate %s, picture %v", in.VideoSelector.Rotate, planned.Picture)
			}
			if *in.FileInput != "s3://source-bucket/phone.mov" || len(in.AudioSelectors) != 1 {
				t.Errorf("input %+v", in)
			}
		})
	}
}

func TestAccelerationOfATemplateHoldsUnlessTheOptionsAskForOne(t *testing.T) {
	if got := fromTemplate(t, template(), phone, options()).Job.AccelerationSettings; got != nil {
		t.Errorf("got %+v", got)
	}
	asked := with(func(o *Options) { o.AcceleratedTranscoding = "PREFERRED" })
	if got := fromTemplate(t, template(), phone, asked).Job.AccelerationSettings; got == nil || got.Mode != types.AccelerationModePreferred {
		t.Errorf("got %+v", got)
	}
}

func TestATemplateThatCannotBeUsed(t *testing.T) {
	odd := template()
	odd.OutputGroups[1].OutputGroupSettings.Type = "TAPE_GROUP_SETTINGS"
	bare := template()
	bare.OutputGroups[0].OutputGroupSettings = nil
	for name, tpl := range map[string]*types.JobTemplateSettings{
		"none": nil, "without output groups": {}, "of an unknown type": odd, "without settings": bare,
	} {
		if _, err := FromTemplate(source("x.mov"), phone, tpl, options()); !errors.Is(err, ErrTemplate) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var refused *Unencodable
	if _, err := FromTemplate(source("x.mov"), video.Media{}, template(), options()); !errors.As(err, &refused) {
		t.Errorf("a source without tracks: got %v", err)
	}
}

package transcode

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// at walks into JSON by keys and indexes.
func at(v any, path ...any) m {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(m)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v.(m)
}

func video(s m) m { return at(s, "outputGroups", 0, "outputs", 0, "videoDescription") }
func h264(s m) m  { return at(video(s), "codecSettings", "h264Settings") }
func cmaf(s m) m {
	return at(s, "outputGroups", 0, "outputGroupSettings", "cmafGroupSettings")
}

func aac(s m) m {
	return at(s, "outputGroups", 0, "outputs", 1, "audioDescriptions", 0, "codecSettings", "aacSettings")
}

func TestWhatIsNotCarriedOutIsRefusedWithItsPath(t *testing.T) {
	const output = "/settings/outputGroups/0/outputs/0"
	for _, c := range []struct {
		path string
		edit func(s m)
	}{
		{"/settings/esam", func(s m) { s["esam"] = m{} }},
		{"/settings/inputs", func(s m) { s["inputs"] = append(s["inputs"].([]any), s["inputs"].([]any)[0]) }},
		{"/settings/inputs/0/fileInput", func(s m) { delete(at(s, "inputs", 0), "fileInput") }},
		{"/settings/inputs/0/crop", func(s m) { at(s, "inputs", 0)["crop"] = m{"x": 0} }},
		{"/settings/inputs/0/inputClippings", func(s m) { at(s, "inputs", 0)["inputClippings"] = []any{m{}} }},
		{"/settings/inputs/0/imageInserter", func(s m) { at(s, "inputs", 0)["imageInserter"] = m{} }},
		{"/settings/inputs/0/captionSelectors", func(s m) { at(s, "inputs", 0)["captionSelectors"] = m{} }},
		{"/settings/inputs/0/videoSelector/colorSpace", func(s m) { at(s, "inputs", 0, "videoSelector")["colorSpace"] = "HDR10" }},
		{"/settings/inputs/0/audioSelectors/Audio Selector 1/selectorType", func(s m) {
			at(s, "inputs", 0, "audioSelectors", "Audio Selector 1")["selectorType"] = "PID"
		}},
		{"/settings/inputs/0/audioSelectors/Audio Selector 1/remixSettings", func(s m) {
			at(s, "inputs", 0, "audioSelectors", "Audio Selector 1")["remixSettings"] = m{}
		}},
		{"/settings/inputs/0/audioSelectors/Audio Selector 1/tracks/0", func(s m) {
			at(s, "inputs", 0, "audioSelectors", "Audio Selector 1")["tracks"] = []int{0}
		}},
		{"/settings/outputGroups", func(s m) { s["outputGroups"] = []any{} }},
		{"/settings/outputGroups/0/automatedEncodingSettings", func(s m) { at(s, "outputGroups", 0)["automatedEncodingSettings"] = m{} }},
		{"/settings/outputGroups/0/outputGroupSettings/type", func(s m) {
			at(s, "outputGroups", 0, "outputGroupSettings")["type"] = "MS_SMOOTH_GROUP_SETTINGS"
		}},
		{"/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings/encryption", func(s m) { cmaf(s)["encryption"] = m{} }},
		{"/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings/segmentControl", func(s m) { cmaf(s)["segmentControl"] = "SINGLE_FILE" }},
		{"/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings/destination", func(s m) { cmaf(s)["destination"] = "/folder/x" }},
		{"/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings/destinationSettings", func(s m) { cmaf(s)["destinationSettings"] = m{} }},
		{"/settings/outputGroups/0/outputGroupSettings/cmafGroupSettings/fragmentLength", func(s m) { cmaf(s)["fragmentLength"] = 9 }},
		{output + "/preset", func(s m) { at(s, "outputGroups", 0, "outputs", 0)["preset"] = "System-x" }},
		{output + "/nameModifier", func(s m) { delete(at(s, "outputGroups", 0, "outputs", 0), "nameModifier") }},
		{"/settings/outputGroups/0/outputs/1/nameModifier", func(s m) {
			at(s, "outputGroups", 0, "outputs", 1)["nameModifier"] = "_180"
			at(s, "outputGroups", 0, "outputs", 1)["videoDescription"] = video(s)
			delete(at(s, "outputGroups", 0, "outputs", 1), "audioDescriptions")
		}},
		{output + "/captionDescriptions/0", func(s m) { at(s, "outputGroups", 0, "outputs", 0)["captionDescriptions"] = []any{m{}} }},
		{output + "/containerSettings/container", func(s m) {
			at(s, "outputGroups", 0, "outputs", 0)["containerSettings"] = m{"container": "MP4"}
		}},
		{"/settings/outputGroups/0/outputs/1/audioDescriptions", func(s m) {
			at(s, "outputGroups", 0, "outputs", 1)["videoDescription"] = video(s)
		}},
		{output + "/videoDescription", func(s m) { video(s)["width"] = 321 }},
		{output + "/videoDescription/crop", func(s m) { video(s)["crop"] = m{} }},
		{output + "/videoDescription/scalingBehavior", func(s m) { video(s)["scalingBehavior"] = "FILL" }},
		{output + "/videoDescription/timecodeInsertion", func(s m) { video(s)["timecodeInsertion"] = "PIC_TIMING_SEI" }},
		{output + "/videoDescription/videoPreprocessors/imageInserter", func(s m) { video(s)["videoPreprocessors"] = m{"imageInserter": m{}} }},
		{output + "/videoDescription/codecSettings/codec", func(s m) { at(video(s), "codecSettings")["codec"] = "H_265" }},
		{output + "/videoDescription/codecSettings/h264Settings/codecProfile", func(s m) { h264(s)["codecProfile"] = "HIGH_10BIT" }},
		{output + "/videoDescription/codecSettings/h264Settings/interlaceMode", func(s m) { h264(s)["interlaceMode"] = "TOP_FIELD" }},
		{output + "/videoDescription/codecSettings/h264Settings/maxBitrate", func(s m) { delete(h264(s), "maxBitrate") }},
		{output + "/videoDescription/codecSettings/h264Settings/bitrate", func(s m) { h264(s)["rateControlMode"] = "CBR" }},
		{output + "/videoDescription/codecSettings/h264Settings/gopSize", func(s m) { delete(h264(s), "gopSize") }},
		{output + "/videoDescription/codecSettings/h264Settings/framerateNumerator", func(s m) { h264(s)["framerateControl"] = "SPECIFIED" }},
		{output + "/videoDescription/codecSettings/h264Settings/qvbrSettings/maxAverageBitrate", func(s m) {
			at(h264(s), "qvbrSettings")["maxAverageBitrate"] = 1000
		}},
		{"/settings/outputGroups/0/outputs/1/audioDescriptions/0/codecSettings/codec", func(s m) {
			at(s, "outputGroups", 0, "outputs", 1, "audioDescriptions", 0, "codecSettings")["codec"] = "AC3"
		}},
		{"/settings/outputGroups/0/outputs/1/audioDescriptions/0/codecSettings/aacSettings/codecProfile", func(s m) { aac(s)["codecProfile"] = "HEV1" }},
		{"/settings/outputGroups/0/outputs/1/audioDescriptions/0/audioNormalizationSettings", func(s m) {
			at(s, "outputGroups", 0, "outputs", 1, "audioDescriptions", 0)["audioNormalizationSettings"] = m{}
		}},
		{"/settings/outputGroups/1/outputs/0/nameModifier", func(s m) {
			s["outputGroups"] = append(s["outputGroups"].([]any), s["outputGroups"].([]any)[0])
		}},
	} {
		t.Run(c.path, func(t *testing.T) {
			_, err := Check(settingsOf(want{sizes: ladder[:1], tracks: first, groups: []string{"CMAF"}, edit: c.edit}))
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok || refusal.Path != c.path || !strings.HasSuffix(refusal.Message, ".") {
				t.Errorf("refusal %v, want %s", err, c.path)
			}
		})
	}
}

// The console's own job for HLS, as it exports it, cut to one output.
const consoleJob = `{"timecodeConfig":{"source":"ZEROBASED"},"followSource":1,"outputGroups":[
{"customName":"hls","name":"Apple HLS","outputs":[
 {"containerSettings":{"container":"M3U8","m3u8Settings":{"audioFramesPerPes":4,"pcrControl":"PCR_EVERY_PES_PACKET","pmtPid":480,
   "privateMetadataPid":503,"programNumber":1,"patInterval":0,"pmtInterval":0,"scte35Source":"NONE","nielsenId3":"NONE","timedMetadata":"NONE",
   "timedMetadataPid":502,"videoPid":481,"audioPids":[482,483,484,485,486,487,488,489,490,491,492]}},
  "videoDescription":{"width":320,"scalingBehavior":"DEFAULT","height":180,"timecodeInsertion":"DISABLED","antiAlias":"ENABLED","sharpness":50,
   "codecSettings":{"codec":"H_264","h264Settings":{"interlaceMode":"PROGRESSIVE","numberReferenceFrames":3,"syntax":"DEFAULT","softness":0,
    "gopClosedCadence":1,"gopSize":90,"slices":1,"gopBReference":"DISABLED","maxBitrate":2000000,"slowPal":"DISABLED",
    "spatialAdaptiveQuantization":"ENABLED","temporalAdaptiveQuantization":"ENABLED","flickerAdaptiveQuantization":"DISABLED",
    "entropyEncoding":"CABAC","framerateControl":"INITIALIZE_FROM_SOURCE","rateControlMode":"QVBR","qvbrSettings":{"qvbrQualityLevel":7},
    "codecProfile":"MAIN","telecine":"NONE","minIInterval":0,"adaptiveQuantization":"HIGH","codecLevel":"AUTO","fieldEncoding":"PAFF",
    "sceneChangeDetect":"TRANSITION_DETECTION","qualityTuningLevel":"SINGLE_PASS_HQ","framerateConversionAlgorithm":"DUPLICATE_DROP",
    "unregisteredSeiTimecode":"DISABLED","gopSizeUnits":"FRAMES","parControl":"INITIALIZE_FROM_SOURCE",
    "numberBFramesBetweenReferenceFrames":2,"repeatPps":"DISABLED","dynamicSubGop":"STATIC"}},
   "afdSignaling":"NONE","dropFrameTimecode":"ENABLED","respondToAfd":"NONE","colorMetadata":"INSERT"},
  "audioDescriptions":[{"audioTypeControl":"FOLLOW_INPUT","audioSourceName":"Audio Selector 1","codecSettings":{"codec":"AAC",
   "aacSettings":{"audioDescriptionBroadcasterMix":"NORMAL","bitrate":96000,"rateControlMode":"CBR","codecProfile":"LC",
   "codingMode":"CODING_MODE_2_0","rawFormat":"NONE","sampleRate":48000,"specification":"MPEG4"}},"languageCodeControl":"FOLLOW_INPUT"}],
  "outputSettings":{"hlsSettings":{"audioGroupId":"program_audio","audioRenditionSets":"program_audio","audioOnlyContainer":"AUTOMATIC","iFrameOnlyManifest":"EXCLUDE"}},
  "nameModifier":"_main"}],
 "outputGroupSettings":{"type":"HLS_GROUP_SETTINGS","hlsGroupSettings":{"manifestDurationFormat":"FLOATING_POINT","segmentLength":10,
  "timedMetadataId3Period":10,"captionLanguageSetting":"OMIT","destination":"s3://dest/HLS/","timedMetadataId3Frame":"PRIV",
  "codecSpecification":"RFC_4281","outputSelection":"MANIFESTS_AND_SEGMENTS","programDateTimePeriod":600,"minSegmentLength":0,
  "minFinalSegmentLength":0,"directoryStructure":"SINGLE_DIRECTORY","programDateTime":"EXCLUDE","segmentControl":"SEGMENTED_FILES",
  "manifestCompression":"NONE","clientCache":"ENABLED","streamInfResolution":"INCLUDE"}}}],
"inputs":[{"audioSelectors":{"Audio Selector 1":{"offset":0,"defaultSelection":"DEFAULT","programSelection":1}},
 "videoSelector":{"colorSpace":"FOLLOW","rotate":"DEGREE_0","alphaBehavior":"DISCARD"},"filterEnable":"AUTO","psiControl":"USE_PSI",
 "filterStrength":0,"deblockFilter":"DISABLED","denoiseFilter":"DISABLED","timecodeSource":"EMBEDDED","fileInput":"s3://source/a clip.mov"}]}`

func TestAJobAsTheConsoleWritesItIsCarriedOut(t *testing.T) {
	t.Parallel()
	settings, err := Check(json.RawMessage(consoleJob))
	if err != nil {
		t.Fatal(err)
	}
	result, err := (&Transcoder{}).Run(t.Context(), Job{Settings: settings, Inputs: []Input{{Path: clip(t, "ntsc.mp4")}}, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range result.Files {
		names = append(names, f.URI)
	}
	got := strings.Join(names, " ")
	if want := "s3://dest/HLS/a clip_main_00001.ts s3://dest/HLS/a clip_main.m3u8 s3://dest/HLS/a clip.m3u8"; got != want {
		t.Errorf("files %s\nwant  %s", got, want)
	}
}

func TestAWrongTypeIsARefusalToo(t *testing.T) {
	for _, raw := range []string{`{`, `[]`, `{"inputs": 1}`, `{"inputs": [{"fileInput": 5}]}`, `{"outputGroups": [[]]}`} {
		_, err := Check(json.RawMessage(raw))
		if _, ok := errors.AsType[*Refusal](err); !ok {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

// Every value that is accepted although nothing reads it has a reason.
func TestIdleSettingsHaveTheirReason(t *testing.T) {
	var walk func(path string, r rule)
	walk = func(path string, r rule) {
		switch r := r.(type) {
		case object:
			for name, inner := range r {
				walk(path+"/"+name, inner)
			}
		case each:
			walk(path+"/*", r.rule)
		case named:
			walk(path+"/*", r.rule)
		case idle:
			if len(r.why) < 10 {
				t.Errorf("%s: no reason", path)
			}
		}
	}
	walk("/settings", settingsRule)
}

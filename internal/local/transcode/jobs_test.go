package transcode

import (
	"encoding/json"
	"fmt"
	"testing"
)

// m is a JSON object.
type m = map[string]any

// want is what a test's job asks for.
type want struct {
	sizes   [][2]int // of the rungs, largest first; none means sound only
	tracks  []int    // sound tracks of the source, from 1
	langs   []string // configured languages of the tracks
	coding  string
	groups  []string // CMAF, HLS, DASH, MP4, JPEG; all when empty
	rotate  string
	hdr     bool
	edit    func(settings m)
	h264    m // laid over the default H.264 settings
	base    string
	capture m
}

// settingsOf builds the settings that the pipeline's own jobs have.
func settingsOf(w want) json.RawMessage {
	s := m{"timecodeConfig": m{"source": "ZEROBASED"}, "inputs": []any{w.input()}}
	names := w.groups
	if len(names) == 0 {
		names = []string{"CMAF", "HLS", "DASH", "MP4", "JPEG"}
	}
	var groups []any
	for _, name := range names {
		if name != "JPEG" || len(w.sizes) > 0 {
			groups = append(groups, w.group(name))
		}
	}
	s["outputGroups"] = groups
	if w.edit != nil {
		w.edit(s)
	}
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return raw
}

func (w want) input() m {
	in := m{"fileInput": "s3://source/clip.mp4", "timecodeSource": "ZEROBASED"}
	if len(w.sizes) > 0 {
		rotate := w.rotate
		if rotate == "" {
			rotate = "AUTO"
		}
		in["videoSelector"] = m{"rotate": rotate}
	}
	selectors := m{}
	for i, t := range w.tracks {
		fallback := "NOT_DEFAULT"
		if i == 0 {
			fallback = "DEFAULT"
		}
		selectors[fmt.Sprintf("Audio Selector %d", i+1)] = m{"selectorType": "TRACK", "tracks": []int{t}, "defaultSelection": fallback}
	}
	if len(selectors) > 0 {
		in["audioSelectors"] = selectors
	}
	return in
}

func (w want) group(name string) m {
	base := w.base
	if base == "" {
		base = "clip"
	}
	segments := m{"segmentControl": "SEGMENTED_FILES", "segmentLength": 2}
	var settings m
	switch name {
	case "CMAF":
		segments["fragmentLength"] = 2
		settings = m{"type": "CMAF_GROUP_SETTINGS", "cmafGroupSettings": segments}
	case "HLS":
		settings = m{"type": "HLS_GROUP_SETTINGS", "hlsGroupSettings": segments}
	case "DASH":
		segments["fragmentLength"] = 2
		settings = m{"type": "DASH_ISO_GROUP_SETTINGS", "dashIsoGroupSettings": segments}
	default:
		segments = m{}
		settings = m{"type": "FILE_GROUP_SETTINGS", "fileGroupSettings": segments}
	}
	segments["destination"] = "s3://dest/" + name + "/" + base
	return m{"name": name, "outputGroupSettings": settings, "outputs": w.outputs(name)}
}

func (w want) outputs(name string) []any {
	container := map[string]string{"CMAF": "CMFC", "HLS": "M3U8", "DASH": "MPD", "MP4": "MP4", "JPEG": "RAW"}[name]
	if name == "JPEG" {
		return []any{m{"nameModifier": "_thumb", "containerSettings": m{"container": "RAW"}, "videoDescription": w.still()}}
	}
	var list []any
	muxed := name == "MP4" || name == "HLS" && len(w.tracks) == 1 && len(w.sizes) > 0
	for i, size := range w.sizes {
		o := m{"nameModifier": fmt.Sprintf("_%d", size[1]), "containerSettings": m{"container": container}, "videoDescription": w.video(size)}
		if muxed {
			o["audioDescriptions"] = w.sounds()
		} else if name == "HLS" && len(w.tracks) > 0 {
			o["outputSettings"] = m{"hlsSettings": m{"audioRenditionSets": "audio"}}
		}
		list = append(list, o)
		if name == "MP4" && i == 0 {
			return list
		}
	}
	if muxed && len(w.sizes) > 0 {
		return list
	}
	if name == "MP4" {
		return []any{m{"nameModifier": "_audio", "containerSettings": m{"container": container}, "audioDescriptions": w.sounds()}}
	}
	for i := range w.tracks {
		list = append(list, w.soundOutput(name, container, i))
	}
	return list
}

func (w want) soundOutput(name, container string, i int) m {
	kind := "ALTERNATE_AUDIO_AUTO_SELECT"
	switch {
	case len(w.sizes) == 0:
		kind = "AUDIO_ONLY_VARIANT_STREAM"
	case i == 0:
		kind = "ALTERNATE_AUDIO_AUTO_SELECT_DEFAULT"
	}
	role := m{"audioGroupId": "audio", "audioTrackType": kind}
	o := m{"nameModifier": fmt.Sprintf("_audio%d", i+1), "containerSettings": m{"container": container}, "audioDescriptions": []any{w.sound(i)}}
	switch name {
	case "CMAF":
		o["containerSettings"].(m)["cmfcSettings"] = role
	case "HLS":
		role["audioOnlyContainer"] = "M2TS"
		o["outputSettings"] = m{"hlsSettings": role}
	}
	return o
}

func (w want) video(size [2]int) m {
	h := m{"rateControlMode": "QVBR", "qvbrSettings": m{"qvbrQualityLevel": 7}, "maxBitrate": 1500000,
		"codecProfile": "HIGH", "codecLevel": "AUTO", "gopSize": 1, "gopSizeUnits": "SECONDS", "gopClosedCadence": 1,
		"gopBReference": "DISABLED", "interlaceMode": "PROGRESSIVE", "parControl": "SPECIFIED", "parNumerator": 1,
		"parDenominator": 1, "framerateControl": "INITIALIZE_FROM_SOURCE"}
	for k, v := range w.h264 {
		h[k] = v
	}
	return w.picture(size, m{"codec": "H_264", "h264Settings": h})
}

func (w want) still() m {
	c := w.capture
	if c == nil {
		c = m{"framerateNumerator": 1, "framerateDenominator": 2, "maxCaptures": 100, "quality": 80}
	}
	return w.picture(w.sizes[0], m{"codec": "FRAME_CAPTURE", "frameCaptureSettings": c})
}

func (w want) picture(size [2]int, codec m) m {
	v := m{"width": size[0], "height": size[1], "scalingBehavior": "DEFAULT", "codecSettings": codec}
	if w.hdr {
		v["videoPreprocessors"] = m{"colorCorrector": m{"colorSpaceConversion": "FORCE_709", "hdrToSdrToneMapper": "PRESERVE_DETAILS"}}
	}
	return v
}

func (w want) sounds() []any {
	var list []any
	for i := range w.tracks {
		list = append(list, w.sound(i))
	}
	return list
}

func (w want) sound(i int) m {
	coding := w.coding
	if coding == "" {
		coding = "CODING_MODE_2_0"
	}
	d := m{"audioSourceName": fmt.Sprintf("Audio Selector %d", i+1), "codecSettings": m{"codec": "AAC", "aacSettings": m{
		"codecProfile": "LC", "rateControlMode": "CBR", "codingMode": coding, "bitrate": 128000, "sampleRate": 48000}}}
	if i < len(w.langs) {
		d["languageCode"], d["languageCodeControl"] = w.langs[i], "USE_CONFIGURED"
	}
	return d
}

func checked(t *testing.T, w want) *Settings {
	t.Helper()
	s, err := Check(settingsOf(w))
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return s
}

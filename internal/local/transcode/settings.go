package transcode

// Settings are a job's settings, in the service's wire form, reduced to what
// is carried out here. Check makes them.
type Settings struct {
	TimecodeConfig struct {
		Source string `json:"source"`
	} `json:"timecodeConfig"`
	Inputs       []InputSettings `json:"inputs"`
	OutputGroups []OutputGroup   `json:"outputGroups"`
}

// InputSettings tell how a source is read.
type InputSettings struct {
	FileInput      string                   `json:"fileInput"`
	AudioSelectors map[string]AudioSelector `json:"audioSelectors"`
	InputScanType  string                   `json:"inputScanType"`
	VideoSelector  VideoSelector            `json:"videoSelector"`
}

// VideoSelector tells how the source's picture is taken.
type VideoSelector struct {
	Rotate   string `json:"rotate"`
	PadVideo string `json:"padVideo"`
}

// AudioSelector chooses one of the source's sound tracks.
type AudioSelector struct {
	DefaultSelection   string `json:"defaultSelection"`
	SelectorType       string `json:"selectorType"`
	Tracks             []int  `json:"tracks"` // from 1, counting sound tracks only
	LanguageCode       string `json:"languageCode"`
	CustomLanguageCode string `json:"customLanguageCode"`
	Offset             int    `json:"offset"` // milliseconds
}

// OutputGroup is a set of outputs that are packaged together.
type OutputGroup struct {
	Name                string              `json:"name"`
	OutputGroupSettings OutputGroupSettings `json:"outputGroupSettings"`
	Outputs             []Output            `json:"outputs"`
}

// OutputGroupSettings are a group's kind and, under the kind's own name, its
// settings.
type OutputGroupSettings struct {
	Type string         `json:"type"`
	CMAF *GroupSettings `json:"cmafGroupSettings"`
	HLS  *GroupSettings `json:"hlsGroupSettings"`
	DASH *GroupSettings `json:"dashIsoGroupSettings"`
	File *GroupSettings `json:"fileGroupSettings"`
}

// GroupSettings are the settings of any kind of group; each kind has some of
// them.
type GroupSettings struct {
	Destination                          string  `json:"destination"`
	BaseURL                              string  `json:"baseUrl"`
	SegmentLength                        int     `json:"segmentLength"`  // seconds
	FragmentLength                       int     `json:"fragmentLength"` // seconds
	MinFinalSegmentLength                float64 `json:"minFinalSegmentLength"`
	MinBufferTime                        int     `json:"minBufferTime"` // milliseconds
	WriteHLSManifest                     string  `json:"writeHlsManifest"`
	WriteDASHManifest                    string  `json:"writeDashManifest"`
	WriteSegmentTimelineInRepresentation string  `json:"writeSegmentTimelineInRepresentation"`
	MPDManifestBandwidthType             string  `json:"mpdManifestBandwidthType"`
	StreamInfResolution                  string  `json:"streamInfResolution"`
	ManifestDurationFormat               string  `json:"manifestDurationFormat"`
	CodecSpecification                   string  `json:"codecSpecification"`
	ClientCache                          string  `json:"clientCache"`
}

// Output is one output of a group.
type Output struct {
	NameModifier      string             `json:"nameModifier"`
	Extension         string             `json:"extension"`
	ContainerSettings ContainerSettings  `json:"containerSettings"`
	VideoDescription  *VideoDescription  `json:"videoDescription"`
	AudioDescriptions []AudioDescription `json:"audioDescriptions"`
	OutputSettings    struct {
		HLS RenditionSettings `json:"hlsSettings"`
	} `json:"outputSettings"`
}

// ContainerSettings are the file format of an output.
type ContainerSettings struct {
	Container string            `json:"container"`
	CMFC      RenditionSettings `json:"cmfcSettings"`
	MP4       struct {
		MoovPlacement string `json:"moovPlacement"`
	} `json:"mp4Settings"`
}

// RenditionSettings tell how the playlist ties sound to picture.
type RenditionSettings struct {
	AudioGroupID       string `json:"audioGroupId"`
	AudioRenditionSets string `json:"audioRenditionSets"`
	AudioTrackType     string `json:"audioTrackType"`
	SegmentModifier    string `json:"segmentModifier"`
	AudioOnlyContainer string `json:"audioOnlyContainer"`
}

// VideoDescription is the picture of an output.
type VideoDescription struct {
	Width              int    `json:"width"`
	Height             int    `json:"height"`
	ScalingBehavior    string `json:"scalingBehavior"`
	VideoPreprocessors struct {
		Deinterlacer   *Deinterlacer   `json:"deinterlacer"`
		ColorCorrector *ColorCorrector `json:"colorCorrector"`
	} `json:"videoPreprocessors"`
	CodecSettings VideoCodecSettings `json:"codecSettings"`
}

// Deinterlacer makes frames of fields.
type Deinterlacer struct {
	Algorithm string `json:"algorithm"`
	Control   string `json:"control"`
	Mode      string `json:"mode"`
}

// ColorCorrector converts colours.
type ColorCorrector struct {
	ColorSpaceConversion string `json:"colorSpaceConversion"`
	HDRToSDRToneMapper   string `json:"hdrToSdrToneMapper"`
}

// VideoCodecSettings are the picture's codec and its settings.
type VideoCodecSettings struct {
	Codec        string                `json:"codec"`
	H264         *H264Settings         `json:"h264Settings"`
	FrameCapture *FrameCaptureSettings `json:"frameCaptureSettings"`
}

// H264Settings are how H.264 is encoded. Bitrates are bits per second,
// HrdBufferSize is bits.
type H264Settings struct {
	RateControlMode string `json:"rateControlMode"`
	Bitrate         int    `json:"bitrate"`
	MaxBitrate      int    `json:"maxBitrate"`
	HrdBufferSize   int    `json:"hrdBufferSize"`
	QVBR            struct {
		Level      int     `json:"qvbrQualityLevel"`
		FineTune   float64 `json:"qvbrQualityLevelFineTune"`
		MaxAverage int     `json:"maxAverageBitrate"`
	} `json:"qvbrSettings"`
	GopSize              float64 `json:"gopSize"`
	GopSizeUnits         string  `json:"gopSizeUnits"`
	GopClosedCadence     *int    `json:"gopClosedCadence"`
	GopBReference        string  `json:"gopBReference"`
	MinIInterval         int     `json:"minIInterval"`
	NumberBFrames        *int    `json:"numberBFramesBetweenReferenceFrames"`
	NumberReferences     int     `json:"numberReferenceFrames"`
	CodecProfile         string  `json:"codecProfile"`
	CodecLevel           string  `json:"codecLevel"`
	EntropyEncoding      string  `json:"entropyEncoding"`
	Slices               int     `json:"slices"`
	SceneChangeDetect    string  `json:"sceneChangeDetect"`
	QualityTuningLevel   string  `json:"qualityTuningLevel"`
	FramerateControl     string  `json:"framerateControl"`
	FramerateNumerator   int     `json:"framerateNumerator"`
	FramerateDenominator int     `json:"framerateDenominator"`
	ParControl           string  `json:"parControl"`
	ParNumerator         int     `json:"parNumerator"`
	ParDenominator       int     `json:"parDenominator"`
}

// FrameCaptureSettings are how stills are taken: one at the start, then
// Numerator/Denominator a second. Quality is 1 to 100.
type FrameCaptureSettings struct {
	FramerateNumerator   int `json:"framerateNumerator"`
	FramerateDenominator int `json:"framerateDenominator"`
	MaxCaptures          int `json:"maxCaptures"`
	Quality              int `json:"quality"`
}

// AudioDescription is one sound track of an output.
type AudioDescription struct {
	AudioSourceName     string             `json:"audioSourceName"`
	LanguageCode        string             `json:"languageCode"`
	CustomLanguageCode  string             `json:"customLanguageCode"`
	LanguageCodeControl string             `json:"languageCodeControl"`
	StreamName          string             `json:"streamName"`
	CodecSettings       AudioCodecSettings `json:"codecSettings"`
}

// AudioCodecSettings are the sound's codec and its settings.
type AudioCodecSettings struct {
	Codec string       `json:"codec"`
	AAC   *AACSettings `json:"aacSettings"`
}

// AACSettings are how AAC is encoded: Bitrate in bits per second, SampleRate
// in hertz.
type AACSettings struct {
	Bitrate         int    `json:"bitrate"`
	CodingMode      string `json:"codingMode"`
	CodecProfile    string `json:"codecProfile"`
	RateControlMode string `json:"rateControlMode"`
	VBRQuality      string `json:"vbrQuality"`
	SampleRate      int    `json:"sampleRate"`
}

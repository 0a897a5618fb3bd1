package transcode

// ProbeResult is one entry of probeResults in the service's answer to Probe,
// without the metadata, which belongs to the storage.
type ProbeResult struct {
	Container     Container      `json:"container"`
	TrackMappings []TrackMapping `json:"trackMappings"`
}

// Container is the file and its tracks.
type Container struct {
	BitRate  int     `json:"bitRate,omitempty"`  // of the whole file, bits per second
	Duration float64 `json:"duration,omitempty"` // seconds
	// Format is the service's name, empty where the service has none.
	Format string  `json:"format,omitempty"`
	Tracks []Track `json:"tracks"`
}

// TrackMapping lists the tracks by kind.
type TrackMapping struct {
	AudioTrackIndexes []int `json:"audioTrackIndexes"`
	DataTrackIndexes  []int `json:"dataTrackIndexes"`
	VideoTrackIndexes []int `json:"videoTrackIndexes"`
}

// Track is one track of the file.
type Track struct {
	Index           int              `json:"index"`
	TrackType       string           `json:"trackType"` // video, audio or data
	Codec           string           `json:"codec,omitempty"`
	Duration        float64          `json:"duration,omitempty"` // seconds
	VideoProperties *VideoProperties `json:"videoProperties,omitempty"`
	AudioProperties *AudioProperties `json:"audioProperties,omitempty"`
	DataProperties  *DataProperties  `json:"dataProperties,omitempty"`
}

// Fraction is a frame rate or an aspect ratio.
type Fraction struct {
	Numerator   int `json:"numerator"`
	Denominator int `json:"denominator"`
}

// VideoProperties are the picture as it is coded: neither rotation nor pixel
// aspect is applied to its size.
type VideoProperties struct {
	Width                   int            `json:"width"`
	Height                  int            `json:"height"`
	BitDepth                int            `json:"bitDepth,omitempty"`
	BitRate                 int            `json:"bitRate,omitempty"` // bits per second
	FrameRate               *Fraction      `json:"frameRate,omitempty"`
	ColorPrimaries          string         `json:"colorPrimaries,omitempty"`
	TransferCharacteristics string         `json:"transferCharacteristics,omitempty"`
	MatrixCoefficients      string         `json:"matrixCoefficients,omitempty"`
	CodecMetadata           *CodecMetadata `json:"codecMetadata,omitempty"`
	// Rotation is how far a player turns the picture, in degrees clockwise.
	Rotation           int       `json:"rotation,omitempty"`
	SampleAspectRatio  *Fraction `json:"sampleAspectRatio,omitempty"`
	DisplayAspectRatio *Fraction `json:"displayAspectRatio,omitempty"`
}

// CodecMetadata is what the codec's own header says. ffprobe does not tell the
// rotation that it may have.
type CodecMetadata struct {
	BitDepth                int       `json:"bitDepth,omitempty"`
	ChromaSubsampling       string    `json:"chromaSubsampling,omitempty"`
	CodedFrameRate          *Fraction `json:"codedFrameRate,omitempty"`
	ColorPrimaries          string    `json:"colorPrimaries,omitempty"`
	Height                  int       `json:"height,omitempty"`
	Level                   string    `json:"level,omitempty"`
	MatrixCoefficients      string    `json:"matrixCoefficients,omitempty"`
	Profile                 string    `json:"profile,omitempty"`
	ScanType                string    `json:"scanType,omitempty"`
	TransferCharacteristics string    `json:"transferCharacteristics,omitempty"`
	Width                   int       `json:"width,omitempty"`
	FieldOrder              string    `json:"fieldOrder,omitempty"`
	SampleAspectRatio       *Fraction `json:"sampleAspectRatio,omitempty"`
	DisplayAspectRatio      *Fraction `json:"displayAspectRatio,omitempty"`
}

// AudioProperties are one sound track.
type AudioProperties struct {
	BitDepth      int       `json:"bitDepth,omitempty"`
	BitRate       int       `json:"bitRate,omitempty"` // bits per second
	ChannelLayout string    `json:"channelLayout,omitempty"`
	Channels      int       `json:"channels"`
	FrameRate     *Fraction `json:"frameRate,omitempty"`
	LanguageCode  string    `json:"languageCode,omitempty"`
	SampleRate    int       `json:"sampleRate"` // hertz
}

// DataProperties are a track that is neither picture nor sound.
type DataProperties struct {
	LanguageCode string `json:"languageCode,omitempty"`
}

package transcode

// Reasons why a setting may be accepted although nothing reads it.
const (
	already    = "this is what happens anyway"
	noTimecode = "no output carries timecode and no input is clipped"
	noCaptions = "no captions are carried"
	noMetadata = "no timed metadata, ad markers or watermarks are carried"
	tuning     = "tunes the service's own encoder; x264 has its own ways"
	transport  = "a detail of transport streams that players do not see"
)

func as(why string, values ...string) idle { return idle{why: why, values: values} }

// settingsRule is the whole of what is carried out. What it does not name is
// refused.
var settingsRule = object{
	"timecodeConfig": object{"source": as(noTimecode), "start": as(noTimecode), "anchor": as(noTimecode)},
	"adAvailOffset":  as(noMetadata, "0"),
	"followSource":   as("there is one input", "1"),
	"inputs":         each{inputRule},
	"outputGroups":   each{groupRule},
}

var inputRule = object{
	"fileInput":      carried{},
	"audioSelectors": named{audioSelectorRule},
	"videoSelector":  videoSelectorRule,
	"timecodeSource": as(noTimecode, "EMBEDDED", "ZEROBASED"),
	"inputScanType":  as(already, "AUTO"),
	"filterEnable":   as("the automatic filter is for poor MPEG-2", "AUTO", "DISABLE"),
	"filterStrength": as(already, "0"),
	"deblockFilter":  as(already, "DISABLED"),
	"denoiseFilter":  as(already, "DISABLED"),
	"psiControl":     as("concerns damaged transport streams only", "USE_PSI", "IGNORE_PSI"),
}

var videoSelectorRule = object{
	"rotate":                   only{"AUTO", "DEGREE_0", "DEGREES_90", "DEGREES_180", "DEGREES_270"},
	"colorSpace":               as(already, "FOLLOW"),
	"colorSpaceUsage":          as("colorSpace is FOLLOW", "FORCE", "FALLBACK"),
	"sampleRange":              as(already, "FOLLOW"),
	"alphaBehavior":            as(already, "DISCARD"),
	"embeddedTimecodeOverride": as(noTimecode, "NONE"),
	"padVideo":                 as(already, "DISABLED"),
}

var audioSelectorRule = object{
	"defaultSelection":        only{"DEFAULT", "NOT_DEFAULT"},
	"selectorType":            only{"TRACK", "LANGUAGE_CODE"},
	"tracks":                  each{carried{}},
	"languageCode":            carried{},
	"customLanguageCode":      carried{},
	"offset":                  carried{},
	"programSelection":        as("the first program is taken", "0", "1"),
	"audioDurationCorrection": as("drift is corrected always", "DISABLED", "AUTO"),
}

var groupRule = object{
	"name":       as("a label for people"),
	"customName": as("a label for people"),
	"outputGroupSettings": object{
		"type":                 only{"CMAF_GROUP_SETTINGS", "HLS_GROUP_SETTINGS", "DASH_ISO_GROUP_SETTINGS", "FILE_GROUP_SETTINGS"},
		"cmafGroupSettings":    cmafGroupRule,
		"hlsGroupSettings":     hlsGroupRule,
		"dashIsoGroupSettings": dashGroupRule,
		"fileGroupSettings":    object{"destination": carried{}},
	},
	"outputs": each{outputRule},
}

var cmafGroupRule = object{
	"destination":                          carried{},
	"baseUrl":                              carried{},
	"segmentLength":                        carried{},
	"fragmentLength":                       carried{},
	"minFinalSegmentLength":                carried{},
	"minBufferTime":                        carried{},
	"writeHlsManifest":                     only{"ENABLED", "DISABLED"},
	"writeDashManifest":                    only{"ENABLED", "DISABLED"},
	"writeSegmentTimelineInRepresentation": only{"ENABLED", "DISABLED"},
	"streamInfResolution":                  only{"INCLUDE", "EXCLUDE"},
	"codecSpecification":                   as("one spelling serves H.264 and AAC", "RFC_4281", "RFC_6381"),
	"segmentControl":                       only{"SEGMENTED_FILES"},
	"segmentLengthControl":                 only{"EXACT", "GOP_MULTIPLE"},
	"manifestDurationFormat":               only{"FLOATING_POINT"},
	"manifestCompression":                  only{"NONE"},
	"mpdProfile":                           only{"MAIN_PROFILE"},
	"mpdManifestBandwidthType":             only{"AVERAGE", "MAX"},
	"dashManifestStyle":                    only{"BASIC"},
	"clientCache":                          as(already, "ENABLED"),
	"ptsOffsetHandlingForBFrames":          only{"ZERO_BASED"},
	"videoCompositionOffsets":              only{"SIGNED"},
	"targetDurationCompatibilityMode":      only{"SPEC_COMPLIANT"},
	"imageBasedTrickPlay":                  as(already, "NONE"),
}

var dashGroupRule = object{
	"destination":                          carried{},
	"baseUrl":                              carried{},
	"segmentLength":                        carried{},
	"fragmentLength":                       carried{},
	"minFinalSegmentLength":                carried{},
	"minBufferTime":                        carried{},
	"writeSegmentTimelineInRepresentation": only{"ENABLED", "DISABLED"},
	"segmentControl":                       only{"SEGMENTED_FILES"},
	"segmentLengthControl":                 only{"EXACT", "GOP_MULTIPLE"},
	"mpdProfile":                           only{"MAIN_PROFILE"},
	"mpdManifestBandwidthType":             only{"AVERAGE", "MAX"},
	"dashManifestStyle":                    only{"BASIC"},
	"hbbtvCompliance":                      only{"NONE"},
	"ptsOffsetHandlingForBFrames":          only{"ZERO_BASED"},
	"videoCompositionOffsets":              only{"SIGNED"},
	"imageBasedTrickPlay":                  as(already, "NONE"),
	"audioChannelConfigSchemeIdUri":        only{"MPEG_CHANNEL_CONFIGURATION"},
}

var hlsGroupRule = object{
	"destination":                     carried{},
	"baseUrl":                         carried{},
	"segmentLength":                   carried{},
	"minFinalSegmentLength":           carried{},
	"streamInfResolution":             only{"INCLUDE", "EXCLUDE"},
	"codecSpecification":              as("one spelling serves H.264 and AAC", "RFC_4281", "RFC_6381"),
	"minSegmentLength":                as("segments are cut on the grid of segmentLength", "0"),
	"segmentControl":                  only{"SEGMENTED_FILES"},
	"segmentLengthControl":            only{"EXACT", "GOP_MULTIPLE"},
	"manifestDurationFormat":          only{"FLOATING_POINT"},
	"manifestCompression":             only{"NONE"},
	"directoryStructure":              only{"SINGLE_DIRECTORY"},
	"outputSelection":                 only{"MANIFESTS_AND_SEGMENTS"},
	"programDateTime":                 only{"EXCLUDE"},
	"programDateTimePeriod":           as("programDateTime is EXCLUDE"),
	"clientCache":                     as(already, "ENABLED"),
	"targetDurationCompatibilityMode": only{"SPEC_COMPLIANT"},
	"captionLanguageSetting":          as(noCaptions, "OMIT", "NONE"),
	"captionSegmentLengthControl":     as(noCaptions),
	"timedMetadataId3Frame":           as(noMetadata),
	"timedMetadataId3Period":          as(noMetadata),
	"timestampDeltaMilliseconds":      as(already, "0"),
	"audioOnlyHeader":                 as(already, "INCLUDE"),
	"progressiveWriteHlsManifest":     as("the finished playlists are the same", "ENABLED", "DISABLED"),
	"imageBasedTrickPlay":             as(already, "NONE"),
}

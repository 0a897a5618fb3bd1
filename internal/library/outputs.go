package library

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/vodstack/vodstack/internal/contract"
)

// outputs are the fields of a row that an encode makes.
type outputs struct {
	hls, dash, poster string
	mp4s, thumbnails  []string
	renditions        []contract.Rendition
	duration          int64 // milliseconds
	width, height     int   // displayed pixels
}

func withOutputs(row contract.VideoRow, o outputs) contract.VideoRow {
	row.HLSURL, row.DASHURL, row.PlaceholderURL = o.hls, o.dash, o.poster
	row.MP4URLs, row.ThumbnailURLs, row.Renditions = o.mp4s, o.thumbnails, o.renditions
	row.Duration, row.Width, row.Height = o.duration, o.width, o.height
	return row
}

// outputsOf takes the URLs from the message, and from the record what only
// the record has, or has whole: long messages are cut.
func outputsOf(m Message, rec *contract.Record) outputs {
	o := outputs{hls: m.HLSURL, dash: m.DASHURL, mp4s: m.MP4URLs, thumbnails: m.ThumbNailURL, width: m.SrcWidth, height: m.SrcHeight}
	if rec != nil {
		o.mp4s, o.thumbnails = longer(o.mp4s, rec.MP4URLs), longer(o.thumbnails, rec.ThumbNailURL)
		o.duration = durationOf(rec.SrcMediainfo)
		o.renditions = renditionsOf(rec.EncodingOutput)
		if rec.SrcWidth > 0 && rec.SrcHeight > 0 {
			o.width, o.height = rec.SrcWidth, rec.SrcHeight
		}
	}
	o.mp4s, o.thumbnails = bounded(o.mp4s), bounded(o.thumbnails)
	if len(o.thumbnails) > 0 { // the poster is the first of them
		o.poster, o.thumbnails = o.thumbnails[0], o.thumbnails[1:]
	}
	if len(o.thumbnails) == 0 {
		o.thumbnails = nil
	}
	return o
}

func longer(a, b []string) []string {
	if len(b) > len(a) {
		return b
	}
	return a
}

// durationOf is how long the source is, in milliseconds; 0 when nobody knows.
func durationOf(mediainfo string) int64 {
	var info struct {
		Container struct {
			Duration int64 `json:"duration"`
		} `json:"container"`
	}
	if json.Unmarshal([]byte(mediainfo), &info) != nil {
		return 0
	}
	return max(info.Container.Duration, 0)
}

// jobOutput is as much of a job's last event as tells its renditions.
type jobOutput struct {
	Detail struct {
		OutputGroupDetails []outputGroup `json:"outputGroupDetails"`
	} `json:"detail"`
}

type outputGroup struct {
	Type          string `json:"type"`
	OutputDetails []struct {
		OutputFilePaths []string `json:"outputFilePaths"`
		VideoDetails    *struct {
			WidthInPx      int `json:"widthInPx"`
			HeightInPx     int `json:"heightInPx"`
			AverageBitrate int `json:"averageBitrate"`
		} `json:"videoDetails"`
	} `json:"outputDetails"`
}

// groupNames are the kinds of groups as a row names them.
var groupNames = map[string]string{
	"CMAF_GROUP": "CMAF", "HLS_GROUP": "HLS", "DASH_ISO_GROUP": "DASH", "MS_SMOOTH_GROUP": "MSS", "FILE_GROUP": "MP4",
}

// maxRenditions bounds what a hostile event can put into a row.
const maxRenditions = 100

// renditionsOf are the versions that a job has written; none when its event
// cannot be read.
func renditionsOf(encodingOutput []byte) (all []contract.Rendition) {
	var event jobOutput
	if json.Unmarshal(encodingOutput, &event) != nil {
		return nil
	}
	for _, group := range event.Detail.OutputGroupDetails {
		all = append(all, group.renditions()...)
	}
	return all[:min(len(all), maxRenditions)]
}

// renditions of one group: its pictures, or its sound where it has none.
func (g outputGroup) renditions() (all []contract.Rendition) {
	name, known := groupNames[g.Type]
	sound := false
	for _, output := range g.OutputDetails {
		switch {
		case !known || name == "MP4" && !isMP4(output.OutputFilePaths):
		case output.VideoDetails == nil:
			sound = true
		default:
			v := output.VideoDetails
			all = append(all, contract.Rendition{Type: name, Width: max(v.WidthInPx, 0), Height: max(v.HeightInPx, 0), Bitrate: max(v.AverageBitrate, 0)})
		}
	}
	if len(all) == 0 && sound {
		all = []contract.Rendition{{Type: name}}
	}
	return all
}

// isMP4 tells a file group's videos from its frame captures.
func isMP4(paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".mp4") })
}

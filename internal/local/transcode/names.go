package transcode

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// The kinds of output groups, as the COMPLETE event names them.
const (
	cmafGroup = "CMAF_GROUP"
	hlsGroup  = "HLS_GROUP"
	dashGroup = "DASH_ISO_GROUP"
	fileGroup = "FILE_GROUP"
)

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func (g OutputGroup) kind() string {
	return strings.TrimSuffix(g.OutputGroupSettings.Type, "_SETTINGS")
}

func (g OutputGroup) settings() *GroupSettings {
	s := g.OutputGroupSettings
	return map[string]*GroupSettings{cmafGroup: s.CMAF, hlsGroup: s.HLS, dashGroup: s.DASH, fileGroup: s.File}[g.kind()]
}

func (g OutputGroup) settingsName() string {
	return map[string]string{cmafGroup: "cmafGroupSettings", hlsGroup: "hlsGroupSettings",
		dashGroup: "dashIsoGroupSettings", fileGroup: "fileGroupSettings"}[g.kind()]
}

// segmentLength is in seconds; the service's own default is 10.
func (s GroupSettings) segmentLength() int {
	if s.SegmentLength == 0 {
		return 10
	}
	return s.SegmentLength
}

// extension is what an output's file names end in, without the dot.
func (o Output) extension() string {
	if o.Extension != "" {
		return o.Extension
	}
	switch o.ContainerSettings.Container {
	case "CMFC":
		if o.VideoDescription == nil {
			return "cmfa"
		}
		return "cmfv"
	case "M3U8":
		return "ts"
	case "RAW":
		return "jpg"
	}
	return "mp4"
}

// base is where a group's files go: the folder with its slash, and the name
// that all of them begin with. A destination that ends in a slash takes the
// input's name.
func base(destination, input string) (folder, name string) {
	folder, name = path.Split(destination)
	if name == "" {
		name = strings.TrimSuffix(path.Base(input), path.Ext(input))
	}
	return folder, name
}

// initName and segmentName are the service's names of fragmented MP4.
func initName(stem, ext string) string { return stem + "init." + ext }

func segmentName(stem, ext string, n int) string {
	if ext == "ts" {
		return fmt.Sprintf("%s_%05d.ts", stem, n)
	}
	return fmt.Sprintf("%s_%09d.%s", stem, n, ext)
}

var contentTypes = map[string]string{
	"m3u8": "application/vnd.apple.mpegurl",
	"mpd":  "application/dash+xml",
	"cmfv": "video/mp4",
	"cmfa": "audio/mp4",
	"mp4":  "video/mp4",
	"ts":   "video/mp2t",
	"jpg":  "image/jpeg",
}

func contentType(name string) string {
	if t, ok := contentTypes[strings.TrimPrefix(path.Ext(name), ".")]; ok {
		return t
	}
	return "application/octet-stream"
}

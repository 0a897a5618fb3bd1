package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Delivery says where outputs lie and where they are delivered.
type Delivery struct {
	Bucket string // destination bucket
	Base   string // URL in front of the keys, no slash at the end
}

// maxWarnings bounds what a hostile event can put into a record.
const maxWarnings = 20

// Collect makes the output fields of what a job says it has written. It takes
// what it knows; everything else becomes a warning, never an error.
func (d Delivery) Collect(groups []OutputGroup) (Outputs, []string) {
	c := collector{Delivery: d}
	for _, group := range groups {
		c.add(group)
	}
	c.sortMP4s()
	c.alias()
	return c.out, c.warnings
}

type mp4 struct {
	uri       string
	shortSide int
}

type collector struct {
	Delivery
	out      Outputs
	mp4s     []mp4
	warnings []string
}

func (c *collector) add(group OutputGroup) {
	switch group.Type {
	case "HLS_GROUP":
		c.playlist(group, ".m3u8", &c.out.HLSPlaylist, &c.out.HLSURL)
	case "DASH_ISO_GROUP":
		c.playlist(group, ".mpd", &c.out.DASHPlaylist, &c.out.DASHURL)
	case "MS_SMOOTH_GROUP":
		c.playlist(group, ".ism", &c.out.MSSPlaylist, &c.out.MSSURL)
	case "CMAF_GROUP":
		c.cmaf(group)
	case "FILE_GROUP":
		c.files(group)
	default:
		c.warn("output group of unknown type %q left out", clip(group.Type))
	}
}

// cmaf tells the group's two manifests apart; either may be missing.
func (c *collector) cmaf(group OutputGroup) {
	hls := c.first(group, ".m3u8", &c.out.CMAFHLSPlaylist, &c.out.CMAFHLSURL)
	dash := c.first(group, ".mpd", &c.out.CMAFDASHPlaylist, &c.out.CMAFDASHURL)
	if !hls && !dash {
		c.warn("%s without a manifest left out", group.Type)
	}
}

func (c *collector) playlist(group OutputGroup, ext string, playlist, link *string) {
	if !c.first(group, ext, playlist, link) {
		c.warn("%s without a manifest %s left out", group.Type, ext)
	}
}

// first takes the group's first manifest of that extension. A second group of
// the same kind doesn't replace the first.
func (c *collector) first(group OutputGroup, ext string, playlist, link *string) bool {
	for _, uri := range group.PlaylistFilePaths {
		if extension(uri) != ext {
			continue
		}
		if key, ok := c.key(uri); ok {
			if *playlist == "" {
				*playlist, *link = uri, URL(c.Base, key)
			}
			return true
		}
	}
	return false
}

// files takes a file group's MP4s. Frame captures are found by listing, since
// the event names only the last picture.
func (c *collector) files(group OutputGroup) {
	if len(group.OutputDetails) == 0 {
		c.warn("%s without outputs left out", group.Type)
	}
	for _, output := range group.OutputDetails {
		for _, uri := range output.OutputFilePaths {
			switch extension(uri) {
			case ".mp4":
				if _, ok := c.key(uri); ok {
					c.mp4s = append(c.mp4s, mp4{uri, output.shortSide()})
				}
			case ".jpg", ".jpeg":
			default:
				c.warn("file %s left out: not an MP4", clip(uri))
			}
		}
	}
}

// sortMP4s puts them in the order of the ladder, the largest first.
func (c *collector) sortMP4s() {
	slices.SortStableFunc(c.mp4s, func(a, b mp4) int { return cmp.Compare(b.shortSide, a.shortSide) })
	for _, m := range c.mp4s {
		_, key, _ := ParseS3URI(m.uri)
		c.out.MP4Outputs = append(c.out.MP4Outputs, m.uri)
		c.out.MP4URLs = append(c.out.MP4URLs, URL(c.Base, key))
	}
}

// alias gives CMAF's manifests the plain names too, where no group of their
// own has taken them: every HLS and DASH client plays them.
func (c *collector) alias() {
	if c.out.HLSPlaylist == "" {
		c.out.HLSPlaylist, c.out.HLSURL = c.out.CMAFHLSPlaylist, c.out.CMAFHLSURL
	}
	if c.out.DASHPlaylist == "" {
		c.out.DASHPlaylist, c.out.DASHURL = c.out.CMAFDASHPlaylist, c.out.CMAFDASHURL
	}
}

// key is the key of a URI in the destination bucket.
func (c *collector) key(uri string) (string, bool) {
	bucket, key, ok := ParseS3URI(uri)
	if !ok || bucket != c.Bucket {
		c.warn("output %s left out: not in the destination bucket", clip(uri))
		return "", false
	}
	return key, true
}

func (c *collector) warn(format string, args ...any) {
	if len(c.warnings) < maxWarnings {
		c.warnings = append(c.warnings, fmt.Sprintf(format, args...))
	}
}

// SetThumbnails writes the one list under its three names.
func (o *Outputs) SetThumbnails(d Delivery, keys []string) {
	o.ThumbNails, o.ThumbNailsURLs = nil, nil
	for _, key := range keys {
		o.ThumbNails = append(o.ThumbNails, S3URI(d.Bucket, key))
		o.ThumbNailsURLs = append(o.ThumbNailsURLs, URL(d.Base, key))
	}
	o.ThumbNailURL = o.ThumbNailsURLs
}

// Announced are the URIs of all manifests and files, each once.
func (o Outputs) Announced() []string {
	all := append([]string{
		o.HLSPlaylist, o.DASHPlaylist, o.CMAFHLSPlaylist, o.CMAFDASHPlaylist, o.MSSPlaylist,
	}, o.MP4Outputs...)
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(uri string) bool { return uri == "" })
}

func (d OutputDetail) shortSide() int {
	var size struct{ WidthInPx, HeightInPx int }
	if json.Unmarshal(d.VideoDetails, &size) != nil {
		return 0
	}
	return min(size.WidthInPx, size.HeightInPx)
}

func extension(uri string) string { return strings.ToLower(path.Ext(uri)) }

// clip bounds text of others that a warning repeats.
func clip(s string) string {
	const limit = 200
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

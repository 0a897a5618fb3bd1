package faults

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// wrongOutputs asks that every key that a Complete record names is there, and
// every key that its playlists name; and, where it is played, that ffprobe
// reads it.
func (tr *trial) wrongOutputs(r record, play bool) (found []string) {
	sizes, err := tr.sizes(r.GUID)
	if err != nil {
		return []string{err.Error()}
	}
	uris := slices.Concat([]string{r.HLSPlaylist, r.DASHPlaylist, r.CMAFHLSPlaylist, r.CMAFDASHPlaylist}, r.MP4Outputs, r.ThumbNails)
	for _, uri := range uris {
		key, _ := strings.CutPrefix(uri, "s3://"+tr.house.stack.Outputs["Destination"]+"/")
		if uri != "" && sizes[key] == 0 {
			found = append(found, uri+" is missing or empty")
		}
	}
	if r.HLSPlaylist == "" || len(r.MP4Outputs) == 0 || len(r.ThumbNails) == 0 {
		found = append(found, r.GUID+" is Complete without a playlist, an MP4 or a poster")
	}
	master, _ := strings.CutPrefix(r.HLSPlaylist, "s3://"+tr.house.stack.Outputs["Destination"]+"/")
	found = append(found, tr.missingSegments(master, sizes)...)
	if play && len(found) == 0 {
		for _, url := range append([]string{r.HLSURL}, r.MP4URLs...) {
			if err := tr.playable(url); err != nil {
				found = append(found, err.Error())
			}
		}
	}
	return found
}

// sizes are those of all outputs of a guid, by key.
func (tr *trial) sizes(guid string) (map[string]int64, error) {
	sizes := map[string]int64{}
	pages := s3.NewListObjectsV2Paginator(tr.house.stack.S3, &s3.ListObjectsV2Input{
		Bucket: aws.String(tr.house.stack.Outputs["Destination"]), Prefix: aws.String(guid + "/"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(tr.ctx)
		if err != nil {
			return nil, fmt.Errorf("list the outputs of %s: %w", guid, err)
		}
		for _, object := range page.Contents {
			sizes[aws.ToString(object.Key)] = aws.ToInt64(object.Size)
		}
	}
	return sizes, nil
}

var playlistURI = regexp.MustCompile(`URI="([^"]+)"`)

// missingSegments follows a playlist to everything it names.
func (tr *trial) missingSegments(playlist string, sizes map[string]int64) (found []string) {
	if sizes[playlist] == 0 {
		return nil // said already
	}
	object, err := tr.house.stack.S3.GetObject(tr.ctx, &s3.GetObjectInput{Bucket: aws.String(tr.house.stack.Outputs["Destination"]), Key: &playlist})
	if err != nil {
		return []string{fmt.Sprintf("read %s: %v", playlist, err)}
	}
	defer object.Body.Close()
	for _, name := range namesIn(object.Body) {
		key := path.Join(path.Dir(playlist), name)
		if sizes[key] == 0 {
			found = append(found, fmt.Sprintf("%s names %s, which is missing or empty", playlist, name))
		} else if path.Ext(key) == ".m3u8" {
			found = append(found, tr.missingSegments(key, sizes)...)
		}
	}
	return found
}

// namesIn are the URIs of a playlist of HLS.
func namesIn(playlist io.Reader) (names []string) {
	for lines := bufio.NewScanner(playlist); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if m := playlistURI.FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
		} else if line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	return names
}

// playable has ffprobe read it from delivery.
func (tr *trial) playable(url string) error {
	out, err := exec.CommandContext(tr.ctx, "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", url).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ffprobe cannot read %s: %w: %s", url, err, out)
	}
	if seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64); err != nil || seconds < 0.5 {
		return fmt.Errorf("ffprobe reads %s as %q seconds", url, strings.TrimSpace(string(out)))
	}
	return nil
}

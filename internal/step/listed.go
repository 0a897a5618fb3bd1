package step

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
)

// folders are the output groups by their folder under the guid.
var folders = []struct{ name, group string }{
	{"cmaf", "CMAF_GROUP"}, {"hls", "HLS_GROUP"}, {"dash", "DASH_ISO_GROUP"}, {"mss", "MS_SMOOTH_GROUP"}, {"mp4", "FILE_GROUP"},
}

// listed makes up the groups of a lost event from what lies in the bucket.
func (s *Publish) listed(ctx context.Context, guid string) ([]contract.OutputGroup, error) {
	var groups []contract.OutputGroup
	for _, folder := range folders {
		// A folder's own manifest sorts before those of its renditions, whose
		// names go on with an underscore, so one page is enough.
		objects, err := s.Destination.List(ctx, guid+"/"+folder.name+"/", 1000)
		if err != nil {
			return nil, fmt.Errorf("list outputs of video %s: %w", guid, err)
		}
		if len(objects) > 0 {
			groups = append(groups, s.group(folder.group, objects))
		}
	}
	return groups, nil
}

func (s *Publish) group(kind string, objects []contract.Object) contract.OutputGroup {
	group := contract.OutputGroup{Type: kind}
	shortest := map[string]string{}
	for _, object := range objects {
		ext := strings.ToLower(path.Ext(object.Key))
		uri := contract.S3URI(s.Delivery.Bucket, object.Key)
		if kind == "FILE_GROUP" {
			group.OutputDetails = append(group.OutputDetails, contract.OutputDetail{OutputFilePaths: []string{uri}})
		} else if known, ok := shortest[ext]; !ok || len(uri) < len(known) {
			shortest[ext] = uri
		}
	}
	for _, ext := range []string{".m3u8", ".mpd", ".ism"} {
		if uri, ok := shortest[ext]; ok {
			group.PlaylistFilePaths = append(group.PlaylistFilePaths, uri)
		}
	}
	return group
}

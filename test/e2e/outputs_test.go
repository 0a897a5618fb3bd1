package e2e

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// pairs are the s3:// fields and the URL fields that say the same.
var pairs = map[string]string{
	"hlsPlaylist": "hlsUrl", "dashPlaylist": "dashUrl",
	"cmafHlsPlaylist": "cmafHlsUrl", "cmafDashPlaylist": "cmafDashUrl",
	"mp4Outputs": "mp4Urls", "thumbNails": "thumbNailsUrls",
}

// checkOutputs holds URLs against s3:// URIs, and both against the paths
// that the contract promises.
func checkOutputs(t *testing.T, record map[string]any) {
	t.Helper()
	for uris, urls := range pairs {
		want := make([]string, 0, 8)
		for _, uri := range list(record[uris]) {
			want = append(want, deliveryURL(t, record, uri))
		}
		if got := list(record[urls]); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", urls, got, want)
		}
	}
	if !reflect.DeepEqual(record["thumbNailUrl"], record["thumbNailsUrls"]) {
		t.Error("thumbNailUrl and thumbNailsUrls differ")
	}
	for field, folder := range map[string]string{
		"cmafHlsPlaylist": "cmaf", "cmafDashPlaylist": "cmaf", "mp4Outputs": "mp4", "thumbNails": "thumbnails",
	} {
		for _, uri := range list(record[field]) {
			guid, _ := record["guid"].(string)
			prefix := "s3://" + world.videos.Outputs["Destination"] + "/" + guid + "/" + folder + "/"
			if !strings.HasPrefix(uri, prefix) {
				t.Errorf("%s has %s, want it under %s", field, uri, prefix)
			}
		}
	}
}

// list is a field's text or texts.
func list(value any) []string {
	if text, ok := value.(string); ok {
		return []string{text}
	}
	return texts(value)
}

// deliveryURL is the delivery base and the key, percent-encoded by segment.
func deliveryURL(t *testing.T, record map[string]any, uri string) string {
	t.Helper()
	bucket, _ := record["destBucket"].(string)
	key, ok := strings.CutPrefix(uri, "s3://"+bucket+"/")
	if !ok {
		t.Errorf("%s is not in the destination bucket %s", uri, bucket)
	}
	segments := strings.Split(key, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	host, _ := record["cloudFront"].(string)
	return "http://" + host + "/" + strings.Join(segments, "/")
}

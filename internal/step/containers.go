package step

import (
	"path"
	"strings"

	"github.com/vodstack/vodstack/internal/video"
)

// IsVideoFile tells whether a key has the extension of a video that starts the
// pipeline, in any letter case.
func IsVideoFile(key string) bool {
	_, ok := video.Extension(key)
	return ok
}

func isMetadataFile(key string) bool { return strings.EqualFold(path.Ext(key), ".json") }

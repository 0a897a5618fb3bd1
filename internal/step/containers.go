package step

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"path"
	"strings"
)

//go:embed containers.json
var containersFile []byte

// videoExtensions are the extensions of the containers that MediaConvert
// reads, in lower case with their dot.
var videoExtensions = func() map[string]bool {
	var file struct {
		Source     string
		Containers map[string][]string
	}
	dec := json.NewDecoder(bytes.NewReader(containersFile))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		panic("containers.json: " + err.Error()) // the tests read the same file
	}
	known := map[string]bool{}
	for _, extensions := range file.Containers {
		for _, ext := range extensions {
			known["."+ext] = true
		}
	}
	return known
}()

// IsVideoFile tells whether a key has the extension of a video that starts the
// pipeline, in any letter case.
func IsVideoFile(key string) bool { return videoExtensions[strings.ToLower(path.Ext(key))] }

func isMetadataFile(key string) bool { return strings.EqualFold(path.Ext(key), ".json") }

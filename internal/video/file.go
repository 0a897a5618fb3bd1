package video

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed containers.json
var containersFile []byte

// extensions are the extensions of the containers that MediaConvert's Probe
// reads, in lower case without their dot.
var extensions = sync.OnceValue(func() map[string]bool {
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
	for _, all := range file.Containers {
		for _, ext := range all {
			known[ext] = true
		}
	}
	return known
})

// Extensions are the extensions that a video's file may have, sorted, in
// lower case without their dot.
func Extensions() []string { return slices.Sorted(maps.Keys(extensions())) }

// Extension is a file name's, in lower case without its dot; ok is false when
// it is none of a video that the encoder can probe.
func Extension(name string) (ext string, ok bool) {
	ext = strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
	return ext, extensions()[ext]
}

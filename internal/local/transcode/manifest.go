package transcode

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// manifest is a playlist that was written for a group.
type manifest struct {
	local  string // name in the scratch folder
	name   string // name when it is published
	master bool   // the service tells it in playlistFilePaths
}

// manifests writes the group's playlists, those that others point to first.
func (g *group) manifests(dir string, made []*media) ([]manifest, error) {
	if g.kind == fileGroup {
		return nil, nil
	}
	var all []manifest
	write := func(name string, master bool, content []byte) error {
		local := fmt.Sprintf("manifest-%s-%d", g.outputs[0].id, len(all))
		if err := os.WriteFile(filepath.Join(dir, local), content, 0o644); err != nil {
			return fmt.Errorf("write manifest %s: %w", name, err)
		}
		all = append(all, manifest{local, name, master})
		return nil
	}
	if g.writesHLS() {
		for i, o := range g.outputs {
			if err := write(o.stem+".m3u8", false, g.mediaPlaylist(o, made[i])); err != nil {
				return nil, err
			}
		}
	}
	if g.writesDASH() {
		mpd, err := g.mpd(made)
		if err == nil {
			err = write(g.name+".mpd", true, mpd)
		}
		if err != nil {
			return nil, err
		}
	}
	if g.writesHLS() {
		if err := write(g.name+".m3u8", true, g.masterPlaylist(made)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (g *group) writesHLS() bool {
	return g.kind == hlsGroup || g.kind == cmafGroup && g.settings.WriteHLSManifest != "DISABLED"
}

func (g *group) writesDASH() bool {
	return g.kind == dashGroup || g.kind == cmafGroup && g.settings.WriteDASHManifest != "DISABLED"
}

// href is a file's address in a manifest. A colon would make a relative
// address look like one with a scheme.
func (g *group) href(name string) string {
	prefix := g.settings.BaseURL
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return prefix + strings.ReplaceAll(url.PathEscape(name), ":", "%3A")
}

// label is the track's name in a player's menu.
func (o *output) label(n int) string {
	d := o.AudioDescriptions[0]
	name := orDefault(d.StreamName, languageName(o.audio[0].language))
	return orDefault(name, fmt.Sprintf("audio_%d", n))
}

// role is how the playlist ties the output to others.
func (o *output) role() RenditionSettings {
	if o.ContainerSettings.Container == "M3U8" {
		return o.OutputSettings.HLS
	}
	return o.ContainerSettings.CMFC
}

// isAlternate is true for sound that goes with a picture's variant.
func (o *output) isAlternate() bool {
	return o.video == nil && o.role().AudioTrackType != "AUDIO_ONLY_VARIANT_STREAM"
}

// defaultGroup is the service's own name of an audio group.
const defaultGroup = "program_audio"

func (o *output) audioGroup() string { return orDefault(o.role().AudioGroupID, defaultGroup) }

// codecList joins what a variant needs, each once.
func codecList(media ...*media) string {
	var list []string
	for _, m := range media {
		for _, c := range m.codecs {
			if c != "" && !contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return strings.Join(list, ",")
}

func encoded(b *bytes.Buffer) []byte { return bytes.Clone(b.Bytes()) }

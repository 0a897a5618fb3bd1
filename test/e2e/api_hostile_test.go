package e2e

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// falseNames uploads files that name another owner's video, and other hosts,
// under a video's name. The encoder, which may read all of the source bucket,
// must not.
func falseNames(t *testing.T) {
	t.Parallel()
	victim := anyone().announce(t, clips.Tiny, nil).send(t)
	victim.published(t)
	secret := "s3://" + world.videos.Outputs["Source"] + "/" + text(victim.video, "s3key")
	for name, data := range map[string]string{
		"a HLS playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n" + secret + "\n#EXT-X-ENDLIST\n",
		"DASH":           `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>` + secret + `</BaseURL></MPD>`,
		"a concat list":  "ffconcat version 1.0\nfile '" + secret + "'\n",
		"a movie whose media lie elsewhere": box("ftyp", "qt  ") + box("moov", box("trak", box("mdia", box("minf", box("dinf",
			box("dref", "\x00\x00\x00\x00\x00\x00\x00\x01", box("url ", "\x00\x00\x00\x00"+secret+"\x00"))))))),
	} {
		d := anyone().announceBytes(t, clips.Tiny, []byte(data), nil).send(t)
		video, _ := d.until(t, "refused", time.Minute, func(video map[string]any) bool {
			return text(video, "encodingStatus") == "Error" || text(video, "encodingStatus") == "Complete"
		})
		record, _ := d.s.item(t, text(video, "vodGuid")) // has the operator's sentence
		if text(video, "errorCode") != "SourceUnreadable" || !strings.Contains(text(record, "errorMessage"), "no video of its own") {
			t.Errorf("%s ends in %v: %v", name, video["errorCode"], record["errorMessage"])
		}
		if jobs, err := d.s.Jobs(t.Context(), text(video, "vodGuid")); err != nil || len(jobs) > 0 {
			t.Errorf("%s has %d jobs (%v)", name, len(jobs), err)
		}
	}
}

// box writes a box of a movie.
func box(kind string, content ...string) string {
	body := strings.Join(content, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

// forbiddenOptions are refused when a video is created; wantBadOption asks the
// same of another encode.
func forbiddenOptions(t *testing.T) {
	t.Parallel()
	c := anyone()
	for _, name := range []string{"enableSqs", "enableSns", "acceleratedTranscoding", "jobTemplate"} {
		value := any("ENABLED")
		if strings.HasPrefix(name, "enable") {
			value = false
		}
		answer := c.do(t, http.MethodPost, "/videos", request(clips.Tiny, 1000, map[string]any{"options": map[string]any{name: value}}))
		wantProblem(t, answer, http.StatusUnprocessableEntity, "OptionUnavailable")
		if answer.Field() != "options."+name {
			t.Errorf("%s: %s", name, answer)
		}
	}
}

package e2e

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// api are the tests of the integration: the REST API, the video table, and
// what an application sees of both.
func api(t *testing.T) {
	t.Parallel()
	t.Run("a video goes from POST /videos to a stream that plays", wholeWay)
	t.Run("a large one goes in parts, and goes on where it stopped", inParts)
	t.Run("an upload that is aborted can begin again", abortedUpload)
	t.Run("an Idempotency-Key makes one video", oneByKey)
	t.Run("lists are by owner, newest first, by status and by page", lists)
	t.Run("title and metadata change under If-Match", changes)
	t.Run("a video is encoded again with other options", againWithOthers)
	t.Run("an owner sees nobody else's videos", strangers)
	t.Run("a JWT that is not good opens nothing", badTokens)
	t.Run("a presigned PUT binds what was announced", presigned)
	t.Run("a playlist under a video's name is no video", falseNames)
	t.Run("options that cost or hide are the operator's", forbiddenOptions)
	t.Run("bad requests name what is wrong", badRequests)
	t.Run("messages that belong to no video are kept", strayMessages)
	t.Run("the document and the API agree in a thousand made-up requests", madeUpRequests)
}

// slow are those that wait for the sweep's schedule.
func slow(t *testing.T) {
	t.Parallel()
	t.Run("a deleted video leaves nothing", deletions)
	t.Run("an upload that never comes is marked, and can be revived", expiredUpload)
}

var (
	uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	// internals are fields of the row that no answer may carry.
	internals = []string{
		"lastMessage", "version", "ownerStatus", "vodStartedAt", "vodEventTime", "vodSequencer", "encodes", "guids", "requestHash", "uploadId",
		"partSize", "urlsExpireAt", "pendingWork", "dueAt", "deletedAt", "expireAt",
	}
)

func wholeWay(t *testing.T) {
	t.Parallel()
	c := anyone()
	metadata := map[string]any{"album": "Blåbær", "rating": 4.5, "tags": []any{"a", "b"}, "place": map[string]any{"lat": 1.5}}
	d := c.announce(t, clips.Phone, map[string]any{"title": "Tur til fjells 🏔", "metadata": metadata})
	checkNew(t, d, metadata)
	d.send(t)
	last, looks := d.until(t, "at its end", 3*time.Minute, func(video map[string]any) bool {
		return text(video, "encodingStatus") == "Complete" || text(video, "encodingStatus") == "Error"
	})
	checkForward(t, looks)
	checkPublished(t, d, last)
	checkValues(t, last, map[string]any{"title": "Tur til fjells 🏔", "fileName": clips.Phone.File, "s3key": d.video["s3key"]})
	if !reflect.DeepEqual(last["metadata"], any(metadata)) {
		t.Errorf("metadata is %v, want %v", last["metadata"], metadata)
	}
	checkHistory(t, d, "Ingest", "Complete")
	if one := d.get(t, d.path()); one.Header.Get("ETag") == "" {
		t.Error("GET /videos/{id} has no ETag")
	}
}

// checkNew holds what POST /videos answers against the request.
func checkNew(t *testing.T, d draft, metadata map[string]any) {
	t.Helper()
	if !uuid4.MatchString(d.id) {
		t.Errorf("id %q is no random UUID", d.id)
	}
	checkValues(t, d.video, map[string]any{
		"s3key": "video/" + d.id + "/media.mov", "encodingStatus": "new", "fileName": d.clip.File,
		"contentType": "video/quicktime", "size": float64(len(d.content)),
	})
	if !reflect.DeepEqual(d.video["metadata"], any(metadata)) {
		t.Errorf("metadata is %v, want %v", d.video["metadata"], metadata)
	}
	for _, name := range []string{"createdAt", "updatedAt"} {
		if !timestamp.MatchString(text(d.video, name)) {
			t.Errorf("%s is %v, want ISO-8601 UTC with milliseconds and Z", name, d.video[name])
		}
	}
	checkAbsent(t, d.video, append(internals, "vodGuid", "hlsUrl", "duration", "errorCode")...)
	if d.upload.Type != "single" || d.upload.Method != "PUT" || d.upload.Headers["Content-Type"] != "video/quicktime" {
		t.Errorf("the upload is %+v, want one PUT", d.upload)
	}
	expires, err := time.Parse(time.RFC3339, d.upload.ExpiresAt)
	if left := time.Until(expires); err != nil || !timestamp.MatchString(d.upload.ExpiresAt) || left < 58*time.Minute || left > 61*time.Minute {
		t.Errorf("the URL is good until %q, want an hour from now", d.upload.ExpiresAt)
	}
}

// checkForward asks that the looks at a video went new, Ingest, Complete,
// and its progress never back.
func checkForward(t *testing.T, looks []map[string]any) {
	t.Helper()
	order := []string{"new", "Ingest", "Complete"}
	at, progress := 0, 0.0
	seen := map[string]bool{}
	for _, video := range looks {
		status := text(video, "encodingStatus")
		seen[status] = true
		next := slices.Index(order, status)
		if next < at {
			t.Errorf("the status is %s after %s", status, order[at])
		}
		at = next
		now, _ := video["progress"].(float64)
		if now < progress {
			t.Errorf("the progress is %v after %v", now, progress)
		}
		progress = now
	}
	if !seen["Ingest"] || progress != 100 {
		t.Errorf("of %d looks none saw Ingest (%v), or the last one saw a progress of %v", len(looks), seen, progress)
	}
}

// checkPublished holds a Complete video against its clip and against the
// pipeline's own record.
func checkPublished(t *testing.T, d draft, video map[string]any) {
	t.Helper()
	record, _ := d.s.item(t, text(video, "vodGuid"))
	posters := texts(record["thumbNailUrl"])
	checkValues(t, video, map[string]any{
		"encodingStatus": "Complete", "progress": 100.0, "width": float64(d.clip.Width), "height": float64(d.clip.Height),
		"hlsUrl": record["hlsUrl"], "dashUrl": record["dashUrl"], "placeholderUrl": posters[0],
	})
	if !reflect.DeepEqual(texts(video["mp4Urls"]), texts(record["mp4Urls"])) || !slices.Equal(texts(video["thumbnailUrls"]), posters[1:]) {
		t.Errorf("mp4Urls %v and thumbnailUrls %v are not those of the record", video["mp4Urls"], video["thumbnailUrls"])
	}
	if got, want := video["duration"].(float64), d.clip.Seconds*1000; math.Abs(got-want) > 200 || got != math.Trunc(got) {
		t.Errorf("the duration is %v ms, want about %v", got, want)
	}
	checkAbsent(t, video, append(internals, "errorCode", "errorMessage")...)
	if found := nulls("video", video); len(found) > 0 {
		t.Errorf("null at %v", found)
	}
	if got := resolutions(fetch(t, text(video, "hlsUrl"))); !slices.Equal(got, d.clip.Rungs) {
		t.Errorf("the HLS playlist lists %v, want %v", got, d.clip.Rungs)
	}
	fetch(t, text(video, "dashUrl"))
	exists(t, texts(video["mp4Urls"])[0])
	decode(t, text(video, "placeholderUrl"))
	checkRenditions(t, d, video)
}

// checkRenditions asks for one rendition a rung, and the download.
func checkRenditions(t *testing.T, d draft, video map[string]any) {
	t.Helper()
	found := map[string]int{}
	members, _ := video["renditions"].([]any)
	for _, member := range members {
		r, _ := member.(map[string]any)
		width, _ := r["width"].(float64)
		height, _ := r["height"].(float64)
		if width > 0 {
			found[text(r, "type")+" "+sizeText(width, height)]++
		}
	}
	for _, rung := range d.clip.Rungs {
		if found["CMAF "+rung] != 1 {
			t.Errorf("there is no rendition CMAF %s, or more than one: %v", rung, members)
		}
	}
	if !slices.ContainsFunc(members, func(m any) bool { r, _ := m.(map[string]any); return text(r, "type") == "MP4" }) {
		t.Errorf("there is no MP4 among the renditions: %v", members)
	}
}

func sizeText(width, height float64) string {
	return strings.Join([]string{itoa(width), itoa(height)}, "x")
}

// checkHistory asks for messages of these statuses, oldest first.
func checkHistory(t *testing.T, d draft, statuses ...string) []any {
	t.Helper()
	events, _ := d.get(t, d.path()+"/events").Body["events"].([]any)
	var got []string
	for _, event := range events {
		e, _ := event.(map[string]any)
		got = append(got, text(e, "status"))
	}
	if !slices.Equal(got, statuses) {
		t.Errorf("the events are %v, want %v", got, statuses)
	}
	return events
}

package step_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

// frame is a JPEG of one grey, with noise of that many steps.
func frame(grey, noise uint8) []byte {
	picture := image.NewGray(image.Rect(0, 0, 64, 48))
	for i := range picture.Pix {
		picture.Pix[i] = grey
		if noise > 0 && i%2 == 0 {
			picture.Pix[i] += noise
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, picture, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// encoded is a world whose job has written its outputs and ended.
func encoded(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.planned()
	w.wait()
	for _, name := range []string{"cmaf/a.m3u8", "cmaf/a.mpd", "cmaf/a_720p.m3u8", "cmaf/a_720p_000000001.cmfv", "mp4/a_720p.mp4"} {
		w.destination.Put(guid+"/"+name, []byte(name))
	}
	for i, grey := range []uint8{0, 0, 120, 200} {
		w.destination.Put(fmt.Sprintf("%s/thumbnails/a_poster.%07d.jpg", guid, i), frame(grey, 0))
		w.destination.Put(fmt.Sprintf("%s/thumbnails/a_thumb.%07d.jpg", guid, i), frame(grey, 0))
	}
	w.hear(event(contract.JobComplete, wrote(
		contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{out("cmaf/a.mpd"), out("cmaf/a.m3u8")}},
		contract.OutputGroup{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{{OutputFilePaths: []string{out("mp4/a_720p.mp4")}}}},
		contract.OutputGroup{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{{OutputFilePaths: []string{out("thumbnails/a_thumb.0000003.jpg")}}}},
	)))
	return w
}

func out(name string) string { return "s3://destination/" + guid + "/" + name }

func wrote(groups ...contract.OutputGroup) func(*contract.JobDetail) {
	return func(d *contract.JobDetail) { d.OutputGroupDetails = groups }
}

func publish(w *world) error {
	return w.publish().Handle(context.Background(), step.Waiting{GUID: guid})
}

func TestAPublishedVideoHasItsStreamsInTheRecordAndInBothMessages(t *testing.T) {
	w := encoded(t)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	rec := w.table.Record(guid)
	base := "https://cdn.example/" + guid
	want(t, "status", rec.WorkflowStatus, contract.StatusComplete)
	want(t, "end", rec.EndTime, contract.Time(w.clock.Now()))
	want(t, "progress", *rec.Progress, 100)
	want(t, "hlsPlaylist", rec.HLSPlaylist, out("cmaf/a.m3u8"))
	want(t, "cmafHlsUrl", rec.CMAFHLSURL, base+"/cmaf/a.m3u8")
	want(t, "dashUrl", rec.DASHURL, base+"/cmaf/a.mpd")
	want(t, "mp4Urls", strings.Join(rec.MP4URLs, " "), base+"/mp4/a_720p.mp4")
	want(t, "poster", rec.ThumbNailURL[0], base+"/thumbnails/a_poster.0000002.jpg")
	want(t, "pictures", len(rec.ThumbNails), 5)
	if !strings.Contains(string(rec.EncodingOutput), "CMAF_GROUP") || rec.JobEvent != nil {
		t.Errorf("encodingOutput is %s, jobEvent %s", rec.EncodingOutput, rec.JobEvent)
	}
	messages := w.topic.Of(contract.StatusComplete)
	want(t, "Complete messages", len(messages), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
	checkBodies(t, messages[0].Body, w.queue.Bodies()[0])
}

func checkBodies(t *testing.T, message, result string) {
	t.Helper()
	var m, r map[string]any
	if err := errors.Join(json.Unmarshal([]byte(message), &m), json.Unmarshal([]byte(result), &r)); err != nil {
		t.Fatal(err)
	}
	for _, heavy := range []string{"srcMediainfo", "encodingJob", "encodingOutput"} {
		if m[heavy] != nil || r[heavy] == nil {
			t.Errorf("%s: in the message %v, in the result %v", heavy, m[heavy] != nil, r[heavy] != nil)
		}
	}
	for _, internal := range []string{"taskToken", "jobEvent", "srcVersionId", "ingestSentAt", "snsSentAt", "jobSubmittedAt"} {
		if m[internal] != nil || r[internal] != nil {
			t.Errorf("%s leaked", internal)
		}
	}
	want(t, "status", m["status"], any("Complete"))
	want(t, "workflowStatus", m["workflowStatus"], any("Complete"))
}

func TestPublishCalledAgainAnnouncesNothingTwice(t *testing.T) {
	w := encoded(t)
	for range 3 {
		if err := publish(w); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 1)
	want(t, "results", len(w.queue.Bodies()), 1)
}

func TestPublishThatLosesAnAnswerGoesOnWhereItStopped(t *testing.T) {
	for dies := range 8 {
		w := encoded(t)
		n := 0
		w.table.After = func(string, string) error {
			if n++; n == dies {
				return errLost
			}
			return nil
		}
		if err := publish(w); err != nil {
			if err := publish(w); err != nil {
				t.Fatal(err)
			}
		}
		want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusComplete)
		want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 1)
		want(t, "results", len(w.queue.Bodies()), 1)
	}
}

func TestAMessageThatIsSentAgainIsEqualToTheFirst(t *testing.T) {
	w := encoded(t)
	writes := 0 // the record, then the mark of both messages, three times
	w.table.Before = func(op, _ string) error {
		if op != "update" {
			return nil
		}
		if writes++; writes == 2 || writes == 3 {
			return errLost
		}
		return nil
	}
	for range 2 {
		if err := publish(w); !errors.Is(err, errLost) {
			t.Fatalf("error is %v", err)
		}
		w.clock.Advance(time.Minute)
	}
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	messages, results := w.topic.Of(contract.StatusComplete), w.queue.Bodies()
	if len(messages) != 3 || messages[0] != messages[1] || messages[1] != messages[2] {
		t.Errorf("on the topic: %+v", messages)
	}
	if len(results) != 3 || results[0] != results[1] || results[1] != results[2] {
		t.Errorf("on the queue: %q", results)
	}
}

func TestTheRecordIsCompleteBeforeAnythingIsAnnounced(t *testing.T) {
	w := encoded(t)
	w.topic.Before = func(contract.Message) error {
		want(t, "status when announced", w.table.Record(guid).WorkflowStatus, contract.StatusComplete)
		return nil
	}
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesThatAreSwitchedOffAreNotSent(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.EnableSns, rec.EnableSqs = new(false), new(false)
	w.table.Put(rec)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "messages", len(w.topic.Of(contract.StatusComplete))+len(w.queue.Bodies()), 0)
}

func TestALostEventIsMadeUpFromTheBucket(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.JobEvent = json.RawMessage(`{"detail":{"status":"COMPLETE","jobId":"job-1"}}`)
	w.table.Put(rec)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	rec = w.table.Record(guid)
	want(t, "hlsPlaylist", rec.HLSPlaylist, out("cmaf/a.m3u8"))
	want(t, "dashPlaylist", rec.DASHPlaylist, out("cmaf/a.mpd"))
	want(t, "mp4Outputs", strings.Join(rec.MP4Outputs, " "), out("mp4/a_720p.mp4"))
}

func TestAnOddEventNeverLosesTheVideo(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.JobEvent = event(contract.JobComplete, wrote(
		contract.OutputGroup{Type: "HOLOGRAM_GROUP"},
		contract.OutputGroup{Type: "FILE_GROUP"},
		contract.OutputGroup{Type: "HLS_GROUP", PlaylistFilePaths: []string{"https://elsewhere/x.m3u8", "s3://", ""}},
		contract.OutputGroup{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{{OutputFilePaths: []string{out("mp4/a.wav")}}, {}}},
		contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{out("cmaf/a.m3u8")}},
	))
	w.table.Put(rec)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	rec = w.table.Record(guid)
	want(t, "hlsPlaylist", rec.HLSPlaylist, out("cmaf/a.m3u8"))
	want(t, "dashPlaylist", rec.DASHPlaylist, "")
	if len(rec.Warnings) < 4 {
		t.Errorf("warnings are %q", rec.Warnings)
	}
}

func TestWhatIsAnnouncedButNotThereIsAFailure(t *testing.T) {
	w := encoded(t)
	w.destination.Delete(guid + "/cmaf/a.mpd")
	w.destination.Put(guid+"/cmaf/a.mpd.part", []byte("another key that begins alike"))
	wantFailure(t, publish(w), contract.CodeOutputMissing)
	want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 0)
}

func TestAnOutputInACrowdedFolderIsFound(t *testing.T) {
	w := encoded(t)
	for i := range 50 { // they sort before a.mpd
		w.destination.Put(fmt.Sprintf("%s/cmaf/a.%07d.jpg", guid, i), []byte("frame"))
	}
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "dashUrl", w.table.Record(guid).DASHURL, "https://cdn.example/"+guid+"/cmaf/a.mpd")
}

// The manifests lie side by side, and so do the pictures.
func TestPublishListsEachFolderOnce(t *testing.T) {
	w := encoded(t)
	var mutex sync.Mutex // lists run at once
	var calls []string
	w.destination.Before = func(op, key string) error {
		mutex.Lock()
		defer mutex.Unlock()
		if op == "list" {
			calls = append(calls, strings.TrimPrefix(key, guid+"/"))
		}
		return nil
	}
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	slices.Sort(calls)
	want(t, "lists", strings.Join(calls, " "), "cmaf/a. mp4/a_720p. thumbnails/")
}

func TestWhenOneOfTheMessagesFailsOnlyThatIsSentAgain(t *testing.T) {
	for _, broken := range []string{"topic", "queue"} {
		w := encoded(t)
		fails := true
		w.topic.Before = func(contract.Message) error {
			if fails && broken == "topic" {
				return contract.ErrUnavailable
			}
			return nil
		}
		w.queue.Before = func(contract.Message) error {
			if fails && broken == "queue" {
				return contract.ErrUnavailable
			}
			return nil
		}
		if err := publish(w); !errors.Is(err, contract.ErrUnavailable) {
			t.Errorf("%s: the error is %v", broken, err)
		}
		fails = false
		if err := publish(w); err != nil {
			t.Fatal(err)
		}
		want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 1)
		want(t, "results", len(w.queue.Bodies()), 1)
	}
}

func TestASourceReplacedOrDeletedWhileItWasEncodedIsNeverPublished(t *testing.T) {
	w := encoded(t)
	w.source.Put("video/a.mp4", []byte("another"))
	wantFailure(t, publish(w), contract.CodeSourceReplaced)
	w.source.Delete("video/a.mp4")
	wantFailure(t, publish(w), contract.CodeSourceGone)
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusIngest)
}

func TestTheEncodedVersionIsMarkedForItsStorageClass(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.ArchiveSource = "GLACIER"
	w.table.Put(rec)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "tag", w.source.TagOf("video/a.mp4", "v1"), "GLACIER")
}

func TestASourceThatCannotBeMarkedIsAWarning(t *testing.T) {
	for why, warning := range map[error]string{
		contract.ErrDenied:                          "the source was not marked for GLACIER",
		fmt.Errorf("tag: %w", contract.ErrTagsFull): "the source was not marked for GLACIER: the object has 10 tags already, and S3 takes no more",
	} {
		w := encoded(t)
		rec := w.table.Record(guid)
		rec.ArchiveSource = "GLACIER"
		w.table.Put(rec)
		w.source.Before = func(op, _ string) error {
			if op == "tag" {
				return why
			}
			return nil
		}
		if err := publish(w); err != nil {
			t.Fatal(err)
		}
		want(t, "warnings", strings.Join(w.table.Record(guid).Warnings, "; "), warning)
	}
}

func TestThePosterIsNeverBlackWhereTheVideoHasAnotherFrame(t *testing.T) {
	name := func(kind string, i int) string { return fmt.Sprintf("%s/thumbnails/a_%s.%07d.jpg", guid, kind, i) }
	black, grainy, dark, bright := frame(2, 0), frame(8, 6), frame(12, 60), frame(150, 0)
	cases := map[string]struct {
		candidates, thumbnails [][]byte
		poster                 string
	}{
		"a frame from inside rather than the very first":   {[][]byte{bright, dark, bright}, nil, name("poster", 1)},
		"the first frame only when no other is better":     {[][]byte{bright, black, black}, nil, name("poster", 0)},
		"a dark scene with contrast is a picture":          {[][]byte{black, black, dark, bright}, nil, name("poster", 2)},
		"grain on black is black":                          {[][]byte{black, grainy, bright}, nil, name("poster", 2)},
		"a thumbnail when all candidates are black":        {[][]byte{black, black}, [][]byte{black, bright}, name("thumb", 1)},
		"the brightest when everything is black":           {[][]byte{black, grainy, black}, [][]byte{black}, name("poster", 1)},
		"a broken candidate is left out":                   {[][]byte{black, []byte("no jpeg"), bright}, nil, name("poster", 2)},
		"the only frame of a video":                        {[][]byte{black}, nil, name("poster", 0)},
		"a thumbnail where a template makes no candidates": {nil, [][]byte{black, black, bright}, name("thumb", 2)},
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			w := encoded(t)
			for i := range 4 {
				w.destination.Delete(name("poster", i))
				w.destination.Delete(name("thumb", i))
			}
			for i, data := range c.candidates {
				w.destination.Put(name("poster", i), data)
			}
			for i, data := range c.thumbnails {
				w.destination.Put(name("thumb", i), data)
			}
			if err := publish(w); err != nil {
				t.Fatal(err)
			}
			got := w.table.Record(guid).ThumbNails
			want(t, "poster", got[0], "s3://destination/"+c.poster)
		})
	}
}

func TestAHugePictureIsNotDecoded(t *testing.T) {
	w := encoded(t)
	huge := frame(200, 0)
	at := bytes.Index(huge, []byte{0xff, 0xc0}) // the frame header: its height and width are 5 bytes on
	copy(huge[at+5:], []byte{0xff, 0xff, 0xff, 0xff})
	w.destination.Put(guid+"/thumbnails/a_poster.0000001.jpg", huge)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "poster", w.table.Record(guid).ThumbNails[0], out("thumbnails/a_poster.0000002.jpg"))
}

func TestAVideoWithoutFrameCaptureHasNoPictures(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.FrameCapture = new(false)
	w.table.Put(rec)
	if err := publish(w); err != nil {
		t.Fatal(err)
	}
	want(t, "pictures", len(w.table.Record(guid).ThumbNails), 0)
}

func TestPublishOfAVideoInErrorFailsWithItsOwnCode(t *testing.T) {
	w := encoded(t)
	rec := w.table.Record(guid)
	rec.WorkflowStatus, rec.ErrorCode, rec.ErrorMessage = contract.StatusError, contract.CodeJobCanceled, "cancelled"
	w.table.Put(rec)
	wantFailure(t, publish(w), contract.CodeJobCanceled)
	want(t, "Complete messages", len(w.topic.Of(contract.StatusComplete)), 0)
}

package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/video"
)

func plan(w *world, exec contract.Execution) error {
	_, err := w.plan().Handle(context.Background(), exec)
	return err
}

func TestAPlannedVideoHasItsRecordItsMessageAndItsJob(t *testing.T) {
	w := newWorld(t)
	rec := w.planned()
	want(t, "status", rec.WorkflowStatus, contract.StatusIngest)
	want(t, "trigger", rec.WorkflowTrigger, contract.TriggerVideo)
	want(t, "start", rec.StartTime, "2026-11-23T16:00:00.000Z")
	want(t, "width", rec.SrcWidth, 1280)
	want(t, "height", rec.SrcHeight, 720)
	want(t, "profile", rec.EncodingProfile, 720)
	want(t, "version", rec.SrcVersionID, "v1")
	want(t, "custom template", *rec.IsCustomTemplate, false)
	want(t, "frame capture", *rec.FrameCapture, true)
	want(t, "MediaPackage", *rec.EnableMediaPackage, false)
	var info contract.Mediainfo
	if err := json.Unmarshal([]byte(rec.SrcMediainfo), &info); err != nil {
		t.Fatal(err)
	}
	want(t, "duration in milliseconds", info.Container.Duration, 10000)
	want(t, "file size", info.Container.FileSize, int64(len("a video")))
	want(t, "file name", info.Filename, "a.mp4")
	var job encoding.Job
	if err := json.Unmarshal(rec.EncodingJob, &job); err != nil {
		t.Fatal(err)
	}
	want(t, "client request token", job.ClientRequestToken, guid)
	want(t, "Ingest messages", len(w.topic.Of(contract.StatusIngest)), 1)
}

func TestPlanCalledAgainDoesNothingTwice(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mp4", []byte("a video"))
	for range 3 {
		if err := plan(w, exec); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(1e9)
		w.prober.err = errors.New("probed again")
	}
	want(t, "Ingest messages", len(w.topic.Of(contract.StatusIngest)), 1)
	want(t, "start", w.table.Record(guid).StartTime, "2026-11-23T16:00:00.000Z")
}

func TestPlanThatDiesAfterAnyStepGoesOnWhereItStopped(t *testing.T) {
	for dies := range 12 {
		w := newWorld(t)
		exec := w.upload("a.mp4", []byte("a video"))
		n := 0
		w.table.After = func(string, string) error {
			if n++; n == dies {
				return errLost
			}
			return nil
		}
		err := plan(w, exec)
		if err != nil {
			want(t, "name", contract.ErrorName(err), contract.NameUnavailable)
			err = plan(w, exec)
		}
		if err != nil {
			t.Fatal(err)
		}
		if w.table.Record(guid).EncodingJob == nil {
			t.Errorf("died at %d: no job in the record", dies)
		}
		want(t, "Ingest messages", len(w.topic.Of(contract.StatusIngest)), 1)
	}
}

func TestTheRecordStandsBeforeAnythingCanFail(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mp4", []byte("a video"))
	w.source.Before = func(string, string) error { return errLost }
	w.prober.err = errLost
	if err := plan(w, exec); err == nil {
		t.Fatal("no error")
	}
	want(t, "srcVideo", w.table.Record(guid).SrcVideo, "a.mp4")
	want(t, "Ingest messages", len(w.topic.Of(contract.StatusIngest)), 1)
}

func TestASourceThatCannotBeEncodedIsAFailureWithItsCode(t *testing.T) {
	cases := map[string]struct {
		code    contract.Code
		prepare func(*world, *contract.Execution)
	}{
		"an empty file": {contract.CodeEmptySource, func(w *world, e *contract.Execution) {
			*e = w.upload("a.mp4", nil)
			w.prober.err = contract.Failf(contract.CodeSourceUnreadable, "nothing in it")
		}},
		"a source that was deleted": {contract.CodeSourceGone, func(w *world, e *contract.Execution) {
			w.source.Delete("a.mp4")
			w.prober.err = contract.Failf(contract.CodeSourceUnreadable, "not there")
		}},
		"a source that was replaced": {contract.CodeSourceReplaced, func(w *world, e *contract.Execution) {
			w.source.Put("a.mp4", []byte("another"))
		}},
		"a source replaced in a bucket without versions": {contract.CodeSourceReplaced, func(w *world, e *contract.Execution) {
			e.VersionID, e.ETag = "null", "another"
		}},
		"text named as a video": {contract.CodeSourceUnreadable, func(w *world, e *contract.Execution) {
			w.prober.err = contract.Failf(contract.CodeSourceUnreadable, "no container")
		}},
		"a file without tracks": {contract.CodeSourceUnencodable, func(w *world, e *contract.Execution) {
			w.prober.media = video.Media{Format: "mp4"}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			exec := w.upload("a.mp4", []byte("a video"))
			c.prepare(w, &exec)
			wantFailure(t, plan(w, exec), c.code)
		})
	}
}

func TestAVersionlessBucketIsToldByETag(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mp4", []byte("a video"))
	exec.VersionID = "null"
	if err := plan(w, exec); err != nil {
		t.Error(err)
	}
}

func TestThrottlingKeepsItsNameForTheStateMachine(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mp4", []byte("a video"))
	w.prober.err = errors.Join(contract.ErrThrottled, errors.New("too many probes"))
	want(t, "name", contract.ErrorName(plan(w, exec)), contract.NameThrottled)
}

func TestTheTrackHeaderOfARealFileIsRead(t *testing.T) {
	data, err := os.ReadFile("../../media/car-768x432-aac.mp4")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.prober.media.Video[0].FrameCount = 0
	if err := plan(w, w.upload("a.mp4", data)); err != nil {
		t.Fatal(err)
	}
	if info := w.table.Record(guid).SrcMediainfo; !strings.Contains(info, `"frameCount":`) {
		t.Errorf("srcMediainfo %s lacks what only the header tells", info)
	}
}

// A plan without the header may turn the picture the wrong way for ever.
func TestAHeaderThatCouldNotBeReadIsReadAgain(t *testing.T) {
	for name, failed := range map[string]error{
		contract.NameThrottled:            errors.Join(contract.ErrThrottled, errors.New("slow down")),
		contract.NameUnavailable:          errors.Join(contract.ErrUnavailable, io.ErrUnexpectedEOF),
		string(contract.CodeAccessDenied): errors.Join(contract.ErrDenied, errors.New("no")),
		string(contract.CodeInternal):     errors.New("the connection is gone"),
		string(contract.CodeSourceGone):   contract.ErrNotFound,
	} {
		w := newWorld(t)
		exec := w.upload("a.mp4", make([]byte, 100))
		w.source.Before = func(op, _ string) error {
			if op == "ranges" {
				return failed
			}
			return nil
		}
		err := plan(w, exec)
		want(t, "name", contract.ErrorName(orNil(err)), name)
		if w.table.Record(guid).EncodingJob != nil {
			t.Errorf("%s: planned without the header", name)
		}
		w.source.Before = nil
		if err := plan(w, exec); err != nil || w.table.Record(guid).EncodingJob == nil {
			t.Errorf("%s: the next try ends in %v", name, err)
		}
	}
}

func TestAHeaderThatCannotBeParsedTellsNothing(t *testing.T) {
	for name, data := range map[string][]byte{"text": []byte("a video"), "one byte": {0}, "a box of no length": {0, 0, 0, 4, 'm', 'o', 'o', 'v'}} {
		w := newWorld(t)
		if err := plan(w, w.upload("a.mov", data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARotationThatTheServiceDoesNotDoIsAWarningInTheRecord(t *testing.T) {
	w := newWorld(t)
	w.prober.media.Video[0].ScanType, w.prober.media.Video[0].Rotation = "interlaced", 90
	rec := w.planned()
	if len(rec.Warnings) != 1 || !strings.Contains(rec.Warnings[0], "90 degrees") || rec.SrcWidth != 1280 {
		t.Errorf("warnings %q, width %d", rec.Warnings, rec.SrcWidth)
	}
}

func TestAVideoThatEndedWhileItWasPlannedStaysEnded(t *testing.T) {
	w := newWorld(t)
	exec := w.upload("a.mp4", []byte("a video"))
	w.topic.Before = func(contract.Message) error {
		rec := w.table.Record(guid)
		rec.WorkflowStatus = contract.StatusError
		w.table.Put(rec)
		return nil
	}
	wantFailure(t, plan(w, exec), contract.CodeExecutionStopped)
	want(t, "status", w.table.Record(guid).WorkflowStatus, contract.StatusError)
}

// templates has one template.
type templates struct {
	settings *types.JobTemplateSettings
	err      error
}

func (t templates) Template(context.Context, string) (*types.JobTemplateSettings, error) {
	return t.settings, t.err
}

func TestATemplateThatIsNotThereOrNotUsableIsAFailureWithItsCode(t *testing.T) {
	for code, answer := range map[contract.Code]templates{
		contract.CodeJobTemplateUnknown: {err: contract.ErrNotFound},
		contract.CodeJobTemplateInvalid: {settings: &types.JobTemplateSettings{}},
	} {
		w := newWorld(t)
		exec := w.upload("a.mp4", []byte("a video"))
		p := w.plan()
		p.Stack.Options.JobTemplate = "mine"
		p.Templates = answer
		_, err := p.Handle(context.Background(), exec)
		wantFailure(t, err, code)
	}
}

package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/testkit"
)

// A version is one of two uploads to a key: it is uploaded, its event arrives,
// its execution plans it and ends.
type version struct {
	n      int
	stages int // how far it is
	event  step.ObjectCreated
	exec   contract.Execution
}

const uploaded, heardOf, planned, ended = 1, 2, 3, 4

// versionsRun plays two versions, one stage of either after the other.
type versionsRun struct {
	*world
	executions testkit.Executions
	versions   [2]version
	apart      time.Duration
}

// next plays a version's next stage. Each event is delivered twice.
func (r *versionsRun) next(v *version) {
	r.clock.Advance(10 * time.Millisecond)
	v.stages++
	switch v.stages {
	case uploaded:
		v.event = r.store(v.n)
	case heardOf:
		r.ingest(v.event)
		r.ingest(v.event)
		v.exec = r.started(v.event)
	case planned:
		_, err := r.plan().Handle(context.Background(), v.exec)
		r.failed(v, "Plan", err)
	case ended:
		r.publishVersion(v)
		r.ingest(v.event)
	}
}

// store uploads a version, and returns S3's event of it: with full seconds,
// in which its sequencer tells the order.
func (r *versionsRun) store(n int) (event step.ObjectCreated) {
	key := contract.SourceKey(videoID, "mp4")
	event.Detail.Object.VersionID = r.source.Put(key, fmt.Appendf(nil, "version %d", n))
	at := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC).Add(time.Duration(n) * r.apart)
	event.Time = at.Format(time.RFC3339)
	event.Detail.Bucket.Name = "source"
	event.Detail.Object.Key, event.Detail.Object.Size = key, 9
	event.Detail.Object.Sequencer = fmt.Sprintf("00617F08299329D18%d", n)
	return event
}

func (r *versionsRun) ingest(event step.ObjectCreated) {
	ingest := &step.Ingest{SourceBucket: "source", Trigger: contract.TriggerVideo, Rows: &r.rows, Executions: &r.executions, Log: r.log.Logger()}
	if err := ingest.Handle(context.Background(), event); err != nil {
		r.t.Fatal(err)
	}
}

func (r *versionsRun) started(event step.ObjectCreated) (exec contract.Execution) {
	object := event.Detail.Object
	input := r.executions.Inputs()[contract.GUID("source", object.Key, object.VersionID)]
	if err := json.Unmarshal([]byte(input), &exec); err != nil {
		r.t.Fatal(err)
	}
	return exec
}

// publishVersion ends a version that was planned, as if its job had written
// its outputs.
func (r *versionsRun) publishVersion(v *version) {
	if r.table.Record(v.exec.GUID).Ended() {
		return
	}
	uri := "s3://destination/" + v.exec.GUID + "/cmaf/a.m3u8"
	r.destination.Put(v.exec.GUID+"/cmaf/a.m3u8", nil)
	job := event(contract.JobComplete, wrote(contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{uri}}))
	_, _, err := r.table.Update(context.Background(), v.exec.GUID, contract.Change{Set: contract.Record{Internal: contract.Internal{JobEvent: job}}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.failed(v, "Publish", r.publish().Handle(context.Background(), step.Waiting{GUID: v.exec.GUID}))
}

func (r *versionsRun) failed(v *version, stage string, err error) {
	var failure *contract.Failure
	if err == nil {
		return
	}
	if !errors.As(err, &failure) || failure.Code != contract.CodeSourceReplaced || v.n != 1 {
		r.t.Fatalf("version %d: %s failed: %v", v.n, stage, err)
	}
	input := v.exec
	input.PlanError = &contract.StateError{Error: string(failure.Code), Cause: failure.Message}
	text, _ := json.Marshal(contract.Failing{Execution: contract.ExecutionContext{ARN: arn}, Input: input})
	fail(r.t, r.world, text)
}

// orders are all ways to play the stages of two versions, the first of which
// is uploaded first.
func orders() (all [][]int) {
	var add func(order []int, left [2]int)
	add = func(order []int, left [2]int) {
		if left == [2]int{} {
			all = append(all, slices.Clone(order))
		}
		for v := range left {
			firstIsUploaded := left[0] < ended
			if left[v] > 0 && (v == 0 || firstIsUploaded) {
				rest := left
				rest[v]--
				add(append(order, v), rest)
			}
		}
	}
	add(nil, [2]int{ended, ended})
	return all
}

func TestInWhateverOrderTwoVersionsAreHeardOfTheRowShowsTheNewerUpload(t *testing.T) {
	replaced := 0
	for _, apart := range []time.Duration{0, time.Second} {
		for _, order := range orders() {
			r := &versionsRun{world: newWorld(t), apart: apart, versions: [2]version{{n: 1}, {n: 2}}}
			for _, v := range order {
				r.next(&r.versions[v])
			}
			newer := r.versions[1].exec.GUID
			if rec := r.table.Record(newer); rec.WorkflowStatus != contract.StatusComplete {
				t.Fatalf("order %v: the newer version ends in %s", order, rec.WorkflowStatus)
			}
			if r.table.Record(r.versions[0].exec.GUID).ErrorCode == contract.CodeSourceReplaced {
				replaced++
			}
			heard := r.heard()
			permutations(len(heard), func(delivery []int) {
				for _, again := range delivery {
					row := rowAfter(heard, append(slices.Clone(delivery), again))
					if row.VodGUID != newer || row.EncodingStatus != contract.StatusComplete || row.ErrorCode != "" {
						t.Fatalf("stages %v, %v apart, messages %v: the row is %s %s at version %s, want the newer one's Complete",
							order, apart, delivery, row.EncodingStatus, row.ErrorCode, row.VodGUID)
					}
				}
			})
		}
	}
	if replaced == 0 {
		t.Error("no version was replaced: nothing was tried")
	}
}

// A message as the row hears of it.
type heardMessage struct {
	message library.Message
	record  contract.Record
}

func (r *versionsRun) heard() (all []heardMessage) {
	for _, published := range r.topic.Messages() {
		m, err := library.Parse([]byte(published.Body))
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, heardMessage{m, r.table.Record(m.GUID)})
	}
	return all
}

func rowAfter(heard []heardMessage, delivery []int) contract.VideoRow {
	row := contract.VideoRow{ID: videoID, S3Key: contract.SourceKey(videoID, "mp4"), EncodingStatus: contract.StatusNew}
	for _, i := range delivery {
		row, _ = library.Apply(row, heard[i].message, &heard[i].record)
	}
	return row
}

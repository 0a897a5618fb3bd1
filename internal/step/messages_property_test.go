package step_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/workflow"
)

// A run plays one execution as the state machine does: what fails for want of
// an answer is tried again, anything else goes to Fail.
type run struct {
	*world
	exec     contract.Execution
	redrives int

	mu   sync.Mutex // of what calls that are made at once count and change
	died error      // of the process that is called, until it has ended
}

func (r *run) dead() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.died
}

// videos are the ways of a video: what happens to it before the execution
// starts or while it runs, and how its job ends.
var videos = map[string]struct {
	source   []byte
	metadata string // the metadata file, where one starts the video
	crashes  string // a state whose function crashes for good before it does anything
	before   func(r *run)
	encoding func(r *run) (stopped bool)
	job      json.RawMessage
	redriven bool // once, after everything is mended
}{
	"one that goes well":                             {source: []byte("v"), job: written()},
	"an empty one":                                   {source: []byte{}},
	"one that is gone before it is planned":          {source: []byte("v"), before: func(r *run) { r.source.Delete("video/a.mp4") }},
	"one that cannot be probed":                      {source: []byte("v"), before: func(r *run) { r.prober.err = contract.Failf(contract.CodeSourceUnreadable, "no video") }},
	"one with a bad metadata file":                   {source: []byte("v"), metadata: `{"srcVideo":"video/a.mp4","frameCapture":"x"}`},
	"one without its metadata file's video":          {source: []byte("v"), metadata: `{"srcVideo":"video/b.mp4"}`},
	"one whose plan crashes":                         {source: []byte("v"), crashes: "Plan"},
	"one whose publish crashes":                      {source: []byte("v"), job: written(), crashes: "Publish"},
	"one that is stopped while it is encoded":        {source: []byte("v"), encoding: func(*run) bool { return true }},
	"one whose job fails":                            {source: []byte("v"), job: event(contract.JobError, failedWith(1030, "cannot decode"))},
	"one that is replaced while it is encoded":       {source: []byte("v"), job: written(), encoding: func(r *run) bool { r.source.Put("video/a.mp4", []byte("w")); return false }},
	"one whose outputs are missing":                  {source: []byte("v"), job: event(contract.JobComplete)},
	"one whose job fails and that is redriven":       {source: []byte("v"), job: event(contract.JobError, failedWith(1030, "cannot decode")), redriven: true},
	"one whose plan crashes and that is redriven":    {source: []byte("v"), crashes: "Plan", redriven: true},
	"one whose publish crashes and that is redriven": {source: []byte("v"), job: written(), crashes: "Publish", redriven: true},
}

// written is the event of a job that has written its outputs.
func written() json.RawMessage {
	return event(contract.JobComplete, wrote(contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{out("cmaf/a.mpd"), out("cmaf/a.m3u8")}}))
}

// TestWhicheverAnswerIsLostMessagesRepeatWordForWordAndIngestComesFirst has
// the answer of one call after the other lost: it was carried out, and its
// caller doesn't know.
func TestWhicheverAnswerIsLostMessagesRepeatWordForWordAndIngestComesFirst(t *testing.T) {
	for name := range videos {
		t.Run(name, func(t *testing.T) {
			repeats := 0
			for lost := 0; ; lost++ {
				calls, repeated := playVideo(t, name, lost)
				if repeats += repeated; lost > calls {
					break
				}
			}
			if repeats == 0 {
				t.Error("no message was ever repeated: nothing was tried")
			}
		})
	}
}

// playVideo plays a video with the answer of one call lost, the first being 1,
// and returns how many calls there were and how many messages were repeats.
func playVideo(t *testing.T, name string, lost int) (calls, repeated int) {
	video := videos[name]
	r := &run{world: newWorld(t)}
	lose := func(string, string) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.clock.Advance(time.Second) // a body that tells the moment of its send differs from the first
		if calls++; calls == lost {
			return errLost
		}
		return nil
	}
	r.table.After, r.running.After = lose, lose
	r.topic.After = func(contract.Message) error { return lose("", "") }
	r.queue.After = r.topic.After
	r.jobs.After = func() error {
		if lose("", "") != nil {
			return contract.ErrInDoubt
		}
		return nil
	}
	r.exec = r.upload("video/a.mp4", video.source)
	if video.metadata != "" {
		r.exec = r.upload("a.json", []byte(video.metadata))
		r.exec.Trigger, r.exec.SrcVideo, r.exec.SrcMetadataFile = contract.TriggerMetadata, "", "a.json"
	}
	for _, file := range []string{"a.mpd", "a.m3u8"} {
		r.destination.Put(guid+"/cmaf/"+file, []byte(file))
	}
	if video.before != nil {
		video.before(r)
	}
	r.play(name)
	if video.redriven {
		r.redrives = 1
		r.redrive()
	}
	return calls, r.check(fmt.Sprintf("%s, answer %d lost", name, lost), 1+r.redrives)
}

// play runs the execution to its end.
func (r *run) play(name string) {
	video := videos[name]
	failed := func(stage string, err error) bool {
		if err != nil {
			r.fails(stage, nameOf(err), contract.Sentence(err))
		}
		return err != nil
	}
	if video.crashes == "Plan" {
		r.fails("Plan", "Runtime.ExitError", "signal: killed")
		return
	}
	if failed("Plan", r.state("Plan", func() error { _, err := r.plan().Handle(context.Background(), r.exec); return err })) {
		return
	}
	if end, stopped := r.encodes(video.encoding, video.job); stopped {
		r.finally(stoppedRun("ABORTED", r.redrives))
		return
	} else if end.Name != "" {
		r.fails("Encode", end.Name, end.Cause)
		return
	}
	if video.crashes == "Publish" {
		r.fails("Publish", "Runtime.ExitError", "signal: killed")
		return
	}
	failed("Publish", r.state("Publish", func() error { return r.publish().Handle(context.Background(), step.Waiting{GUID: guid}) }))
}

func stoppedRun(status string, redrives int) json.RawMessage {
	return stopped(status, map[string]any{"redriveCount": redrives})
}

// state calls a state's function, and again for each error that the state
// machine tries again.
func (r *run) state(name string, do func() error) error {
	for try := 0; ; try++ {
		err := r.invoke(do)
		if err == nil || try == 10 || !slices.Contains(retried(r.t, name), nameOf(err)) {
			return err
		}
		r.clock.Advance(time.Second)
	}
}

// A death is what the state machine calls a process that died.
type death string

func (d death) Error() string { return string(d) }

func nameOf(err error) string {
	var d death
	if errors.As(err, &d) {
		return string(d)
	}
	return contract.ErrorName(err)
}

// invoke calls a function, and starts its process again where it died.
func (r *run) invoke(do func() error) error {
	err := do()
	if r.died != nil {
		err, r.died = r.died, nil
	}
	return err
}

// retried are the names of errors that a state tries again.
func retried(t *testing.T, state string) (names []string) {
	text, err := workflow.Definition(workflow.Params{PlanArn: "p", EncodeArn: "e", PublishArn: "p", FailArn: "f", Partition: "aws", EncodeCheckSeconds: 1})
	if err != nil {
		t.Fatal(err)
	}
	var machine struct {
		States map[string]struct {
			Retry []struct{ ErrorEquals []string }
		}
	}
	if err := json.Unmarshal([]byte(text), &machine); err != nil {
		t.Fatal(err)
	}
	for _, retrier := range machine.States[state].Retry {
		names = append(names, retrier.ErrorEquals...)
	}
	return names
}

// encodes plays the Encode state until its task is completed.
func (r *run) encodes(meanwhile func(*run) bool, end json.RawMessage) (completion struct{ Name, Cause string }, stopped bool) {
	for range 20 {
		var token string
		if err := r.state("Encode", func() error {
			r.tokens++
			token = fmt.Sprintf("token-%d", r.tokens)
			r.tasks.Open(token)
			return r.encode().Handle(context.Background(), step.Waiting{GUID: guid, Token: token})
		}); err != nil {
			completion.Name, completion.Cause = nameOf(err), err.Error()
			return completion, false
		}
		if meanwhile != nil && meanwhile(r) {
			return completion, true
		}
		if jobs := len(r.jobs.Submitted()); jobs > 0 {
			var job contract.JobEvent
			_ = json.Unmarshal(end, &job)
			job.Detail.JobID = fmt.Sprintf("job-%d", jobs)
			text, _ := json.Marshal(job)
			if err := r.event(func() error { return r.jobState().Handle(context.Background(), text) }); err != nil {
				r.t.Fatal(err)
			}
		}
		r.tasks.Expire(token)
		for _, done := range r.tasks.Completions() {
			if done.Token == token && done.Name != contract.NameUnavailable {
				completion.Name, completion.Cause = done.Name, done.Cause
				return completion, false
			}
		}
		r.clock.Advance(2 * time.Minute)
	}
	r.t.Fatal("the task was never completed")
	return completion, false
}

// event has a function called by EventBridge, which Lambda calls twice more.
func (r *run) event(do func() error) (err error) {
	for range 3 {
		if err = r.invoke(do); err == nil {
			return nil
		}
	}
	return err
}

// fails plays the states Fail and Failed, and the event of the execution.
func (r *run) fails(stage, name, cause string) {
	var input contract.Failing
	_ = json.Unmarshal(failing(stage, name, cause), &input)
	input.Input, input.Execution.RedriveCount = r.withErrors(input.Input), r.redrives
	text, _ := json.Marshal(input)
	r.finally(text)
	r.finally(stoppedRun("FAILED", r.redrives))
}

// withErrors is the execution's own input with what its states failed with.
func (r *run) withErrors(failed contract.Execution) contract.Execution {
	input := r.exec
	input.PlanError, input.EncodeError, input.PublishError = failed.PlanError, failed.EncodeError, failed.PublishError
	return input
}

// finally calls Fail until it succeeds.
func (r *run) finally(input json.RawMessage) {
	for try := 0; ; try++ {
		err := r.invoke(func() error { _, err := r.fail().Handle(context.Background(), input); return err })
		if err == nil {
			return
		}
		if try == 10 {
			r.t.Fatalf("fail: %v", err)
		}
		r.clock.Advance(time.Minute)
	}
}

// redrive begins the video anew, mended.
func (r *run) redrive() {
	reopened := false
	for try := 0; try < 10 && !reopened; try++ {
		got, err := r.fail().Handle(context.Background(), failedState(r.t, r.world, r.redrives))
		reopened = err == nil && got.Input != nil
	}
	if !reopened {
		r.t.Fatal("not reopened")
	}
	r.play("one that goes well")
}

// TestAProcessThatDiesAtAnyOfItsCallsDoesNotEndItsVideo kills the function
// that makes a call, after the service has carried it out, under each name
// that Step Functions has for that.
func TestAProcessThatDiesAtAnyOfItsCallsDoesNotEndItsVideo(t *testing.T) {
	for _, name := range []string{"Runtime.ExitError", "Runtime.Unknown", "Lambda.Unknown", "Sandbox.Timedout"} {
		for fatal, calls := 1, 1; fatal <= calls; fatal++ {
			r := &run{world: newWorld(t)}
			calls = 0
			kill := func(string, string) error {
				r.mu.Lock()
				defer r.mu.Unlock()
				if calls++; calls == fatal {
					r.died = death(name)
				}
				return r.died
			}
			dead := func(string, string) error { return r.dead() }
			r.table.Before, r.running.Before = dead, dead
			r.topic.Before = func(contract.Message) error { return r.dead() }
			r.queue.Before = r.topic.Before
			r.tasks.Before = func(testkit.Completion) error { return r.dead() }
			r.table.After, r.running.After = kill, kill
			r.topic.After = func(contract.Message) error { return kill("", "") }
			r.queue.After = r.topic.After
			r.jobs.After = func() error { return kill("", "") }
			r.exec = r.upload("video/a.mp4", []byte("v"))
			for _, file := range []string{"a.mpd", "a.m3u8"} {
				r.destination.Put(guid+"/cmaf/"+file, []byte(file))
			}
			r.play("one that goes well")
			what := fmt.Sprintf("%s at call %d", name, fatal)
			r.check(what, 1)
			if rec := r.table.Record(guid); rec.WorkflowStatus != contract.StatusComplete {
				t.Errorf("%s: the video ends in %s %s", what, rec.WorkflowStatus, rec.ErrorCode)
			}
		}
	}
}

// check looks at all messages that were sent, and counts the repeats.
func (r *run) check(what string, finals int) (repeated int) {
	r.t.Helper()
	for channel, messages := range map[string][]contract.Message{"topic": r.topic.Messages(), "queue": r.queue.Messages()} {
		first := map[string]contract.Message{}
		ingested, ended := false, map[string]bool{}
		for _, m := range messages {
			known, again := first[m.ID]
			if again && known != m {
				r.t.Fatalf("%s: the %s heard another message under the same id:\n%.500s\n%.500s", what, channel, known.Body, m.Body)
			}
			if first[m.ID] = m; again {
				repeated++
			}
			switch {
			case m.Status == contract.StatusIngest:
				ingested = true
			case channel == "topic" && !ingested:
				r.t.Fatalf("%s: the topic hears %s before Ingest", what, m.Status)
			default:
				ended[m.ID] = true
			}
		}
		if len(ended) != finals {
			r.t.Fatalf("%s: the %s heard %d final messages, want %d", what, channel, len(ended), finals)
		}
	}
	return repeated
}

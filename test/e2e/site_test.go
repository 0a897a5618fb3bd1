package e2e

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// A site is one deployed stack with everything that hears of its videos: its
// own result queue, and queues that are subscribed to its topic.
type site struct {
	*rig.Stack
	raw       *rig.Listener // every message, without SNS's envelope
	enveloped *rig.Listener // every message, in SNS's envelope
	finished  *rig.Listener // filter policy: Complete only
	results   *rig.Listener // the stack's SQS result queue
	unknown   *rig.Listener // messages that belong to no row of the video table
	recorder  *rig.Recorder // nil when the run is not recorded
}

// engines are those that were started, or tried to, and must be stopped.
var engines []*rig.Engine

// open starts an engine of its own for a stack, deploys it with these
// arguments of `vod up`, and listens.
func open(ctx context.Context, dir, name string, args ...string) (*site, error) {
	engine, err := rig.NewEngine(filepath.Join(dir, name, "home"), name)
	if err != nil {
		return nil, err
	}
	engine.Proxied = os.Getenv(rig.RecordVariable) != "" // by the recorder
	engines = append(engines, engine)
	if _, err := engine.Up(ctx, args...); err != nil {
		return nil, err
	}
	stack, err := rig.Join(ctx, engine)
	if err != nil {
		return nil, err
	}
	s := &site{Stack: stack}
	if run := os.Getenv(rig.RecordVariable); run != "" {
		s.recorder = &rig.Recorder{Dir: filepath.Join(run, name)}
	}
	if err := s.record(ctx); err != nil {
		return nil, err
	}
	if s.raw, err = stack.Subscribe(ctx, name+"-raw", rig.Subscription{Raw: true}); err != nil {
		return nil, err
	}
	if s.enveloped, err = stack.Subscribe(ctx, name+"-enveloped", rig.Subscription{}); err != nil {
		return nil, err
	}
	if s.finished, err = stack.Subscribe(ctx, name+"-finished", rig.Subscription{Raw: true, Filter: `{"status":["Complete"]}`}); err != nil {
		return nil, err
	}
	s.results = stack.Listen(stack.Outputs["SqsUrl"])
	unknown, err := stack.Resource(ctx, "UnknownVideosQueue")
	if err != nil {
		return nil, err
	}
	s.unknown = stack.Listen(unknown)
	return s, nil
}

// record has the functions recorded that the stack was deployed with last.
func (s *site) record(ctx context.Context) error {
	if s.recorder == nil {
		return nil
	}
	return s.recorder.Attach(ctx, s.Stack)
}

// endRecord ends the record, after the last function.
func (s *site) endRecord() error {
	if s == nil || s.recorder == nil {
		return nil
	}
	return s.recorder.Close()
}

func (s *site) close() {
	for _, l := range []*rig.Listener{s.raw, s.enveloped, s.finished, s.results, s.unknown} {
		if l != nil {
			l.Close()
		}
	}
}

var uploads atomic.Int64

// newKey is a key that no other upload has.
func newKey(file string) string {
	return path.Join("video", fmt.Sprintf("%d-%d", time.Now().Unix(), uploads.Add(1)), file)
}

// upload makes the clip and puts it under a key of its own.
func (s *site) upload(t *testing.T, clip clips.Clip) (key string) {
	t.Helper()
	file, err := world.clips.Make(clip)
	if err != nil {
		t.Fatal(err)
	}
	key = newKey(clip.File)
	if _, err := s.Upload(t.Context(), key, file); err != nil {
		t.Fatal(err)
	}
	return key
}

// about selects the messages of a key, which may be a metadata file's.
func about(key string, statuses ...string) func(rig.Message) bool {
	return func(m rig.Message) bool {
		if m.Text("srcVideo") != key && m.Text("srcMetadataFile") != key {
			return false
		}
		for _, status := range statuses {
			if m.Text("workflowStatus") == status {
				return true
			}
		}
		return len(statuses) == 0
	}
}

// ingested waits for the Ingest message and returns the guid.
func (s *site) ingested(t *testing.T, key string) string {
	t.Helper()
	m, err := s.raw.Wait(t.Context(), time.Minute, about(key, "Ingest"))
	if err != nil {
		t.Fatalf("wait for the Ingest message of %s: %v", key, err)
	}
	return m.Text("guid")
}

// ended waits until the video has ended, well or badly, and returns the last
// message.
func (s *site) ended(t *testing.T, key string, patience time.Duration) rig.Message {
	t.Helper()
	m, err := s.raw.Wait(t.Context(), patience, about(key, "Complete", "Error"))
	if err != nil {
		t.Fatalf("wait for the end of %s: %v", key, err)
	}
	return m
}

// item is the video's record as plain JSON values, with the type that each
// top-level field has in the table.
func (s *site) item(t *testing.T, guid string) (values map[string]any, types map[string]string) {
	t.Helper()
	item, err := s.Record(t.Context(), guid)
	if err != nil {
		t.Fatal(err)
	}
	if item == nil {
		t.Fatalf("the table has no record of %s", guid)
	}
	values, types = map[string]any{}, map[string]string{}
	for name, value := range item {
		values[name], types[name] = plain(value)
	}
	return values, types
}

package teardown

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fakeStacks and fakeBuckets do what their function fields say.
type fakeStacks struct {
	find    func(name string) (Stack, error)
	deletes func(name string) error
}

func (f fakeStacks) Find(_ context.Context, name string) (Stack, error) { return f.find(name) }
func (f fakeStacks) Delete(_ context.Context, name string) error        { return f.deletes(name) }

type fakeBuckets struct {
	empty func(bucket string) (int, error)
}

func (f fakeBuckets) Empty(_ context.Context, bucket string) (int, error) { return f.empty(bucket) }

// world is a development stack with three buckets; it notes what was done.
type world struct {
	stack    Stack
	done     []string
	failures int // deletions that fail before one succeeds
	out      bytes.Buffer
}

func newWorld() *world {
	return &world{stack: Stack{Name: "vod", Place: "eu-central-1 (account 123456789012)", Buckets: []string{"source", "destination", "logs"}}}
}

func (w *world) run(typed string) error {
	return Teardown{
		Stacks: fakeStacks{
			find: func(string) (Stack, error) { return w.stack, nil },
			deletes: func(name string) error {
				w.done = append(w.done, "delete "+name)
				if w.failures--; w.failures >= 0 {
					return errors.New("the bucket you tried to delete is not empty")
				}
				return nil
			},
		},
		Buckets: fakeBuckets{empty: func(b string) (int, error) { w.done = append(w.done, "empty "+b); return 3, nil }},
		In:      strings.NewReader(typed), Out: &w.out,
	}.Run(context.Background(), "vod")
}

func TestBucketsAreEmptiedBeforeTheStackIsDeleted(t *testing.T) {
	w := newWorld()
	if err := w.run("vod\n"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"empty source", "empty destination", "empty logs", "delete vod"}; !slices.Equal(w.done, want) {
		t.Errorf("did %v, want %v", w.done, want)
	}
	for _, part := range []string{"This deletes the stack vod in eu-central-1 (account 123456789012)", "source\n  destination\n  logs", "stack vod is gone"} {
		if !strings.Contains(w.out.String(), part) {
			t.Errorf("%q isn't in\n%s", part, w.out.String())
		}
	}
}

func TestNothingIsDeletedUnlessTheNameIsTyped(t *testing.T) {
	for _, typed := range []string{"", "\n", "yes\n", "vod2\n", "VOD\n"} {
		w := newWorld()
		if err := w.run(typed); !errors.Is(err, ErrNotConfirmed) || len(w.done) > 0 {
			t.Errorf("%q: did %v, error %v", typed, w.done, err)
		}
	}
}

func TestAStackThatKeepsItsDataIsRefusedBeforeAnyQuestion(t *testing.T) {
	for name, change := range map[string]func(*Stack){
		"it keeps its data": func(s *Stack) { s.Kept = []string{"SourceBucket", "TrackingTable"} },
		"it is protected":   func(s *Stack) { s.Protected = true },
	} {
		w := newWorld()
		change(&w.stack)
		err := w.run("vod\n")
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "-c removalPolicy=DESTROY") {
			t.Errorf("error %v, want one that says %s and what to do", err, name)
		}
		if len(w.done) > 0 || w.out.Len() > 0 {
			t.Errorf("%s: did %v, said %s", name, w.done, w.out.String())
		}
	}
}

func TestLogsThatArriveMeanwhileAreRemovedInAnotherRound(t *testing.T) {
	w := newWorld()
	w.failures = 2
	if err := w.run("vod\n"); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(w.done); strings.Count(got, "empty logs") != 3 || strings.Count(got, "delete vod") != 3 {
		t.Errorf("did %v", w.done)
	}
}

func TestADeletionThatKeepsFailingIsToldAsCloudFormationTellsIt(t *testing.T) {
	w := newWorld()
	w.failures = 99
	if err := w.run("vod\n"); err == nil || err.Error() != "destroy vod: the bucket you tried to delete is not empty" {
		t.Errorf("error %v", err)
	}
	if got := fmt.Sprint(w.done); strings.Count(got, "delete vod") != rounds {
		t.Errorf("did %v", w.done)
	}
}

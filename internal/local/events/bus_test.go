package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeRouter answers for the rules.
type fakeRouter struct {
	route func(event []byte) ([]Target, error)
}

func (f fakeRouter) Route(_ context.Context, event []byte) ([]Target, error) { return f.route(event) }

func always(targets ...Target) fakeRouter {
	return fakeRouter{func([]byte) ([]Target, error) { return targets, nil }}
}

// fakeCarrier answers for the targets, and remembers what was buried.
type fakeCarrier struct {
	carry func(to Target, event []byte) error

	mu     sync.Mutex
	buried []Burial
}

func (f *fakeCarrier) Carry(_ context.Context, to Target, event []byte) error {
	return f.carry(to, event)
}

func (f *fakeCarrier) Bury(_ context.Context, b Burial) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buried = append(f.buried, b)
	return nil
}

// noted collects what was delivered.
type noted struct {
	mu  sync.Mutex
	got []string
}

func (n *noted) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.got = append(n.got, s)
}

func (n *noted) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.got)
}

func startBus(t *testing.T, dir string, r Router, c Carrier) *Bus {
	t.Helper()
	b := &Bus{Dir: dir, Account: "000000000000", Region: "eu-central-1", Router: r, Carrier: c, Log: slog.New(slog.DiscardHandler)}
	if err := b.Initialize(); err != nil {
		t.Fatal(err)
	}
	return b
}

func about(key string, n int) Event {
	return Event{
		Source: "aws.s3", DetailType: "Object Created",
		Detail: json.RawMessage(fmt.Sprintf(`{"bucket":{"name":"b"},"object":{"key":%q},"n":%d}`, key, n)),
	}
}

func put(t *testing.T, b *Bus, e Event) {
	t.Helper()
	if err := b.Put(e); err != nil {
		t.Fatal(err)
	}
}

func kept(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

var plain = Target{ARN: "arn:aws:lambda:eu-central-1:000000000000:function:f", Retries: 2, MaxAge: time.Hour}

func TestTargetGetsTheEventAsEventBridgeSendsIt(t *testing.T) {
	dir, got := t.TempDir(), make(chan []byte, 1)
	b := startBus(t, dir, always(plain), &fakeCarrier{carry: func(_ Target, event []byte) error { got <- event; return nil }})
	put(t, b, Event{
		ID: "e1", Source: "aws.s3", DetailType: "Object Created", Detail: json.RawMessage(`{"a":1}`),
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), Resources: []string{"arn:aws:s3:::b"},
	})
	want := `{"version":"0","id":"e1","detail-type":"Object Created","source":"aws.s3","account":"000000000000",` +
		`"time":"2026-01-02T03:04:05Z","region":"eu-central-1","resources":["arn:aws:s3:::b"],"detail":{"a":1}}`
	if event := string(<-got); event != want {
		t.Errorf("sent %s\nwant %s", event, want)
	}
	b.Close()
	if n := kept(t, dir); n != 0 {
		t.Errorf("%d events are kept after their delivery", n)
	}
}

func TestEventsOutliveACrash(t *testing.T) {
	dir := t.TempDir()
	down := fakeRouter{func([]byte) ([]Target, error) { return nil, ErrOutage }}
	first := startBus(t, dir, down, &fakeCarrier{})
	for n := range 3 {
		put(t, first, about("same.mp4", n))
	}
	// No Close: what a crash leaves is what is on the disk now.
	if kept(t, dir) != 3 {
		t.Fatal("Put returned before the event was on the disk")
	}
	crashed := t.TempDir()
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	first.Close()

	var seen noted
	done := make(chan struct{})
	second := startBus(t, crashed, always(plain), &fakeCarrier{carry: func(_ Target, event []byte) error {
		var e struct{ Detail struct{ N int } }
		if err := json.Unmarshal(event, &e); err != nil {
			return err
		}
		seen.add(fmt.Sprint(e.Detail.N))
		if len(seen.all()) == 3 {
			close(done)
		}
		return nil
	}})
	defer second.Close()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the events were not delivered")
	}
	if got := seen.all(); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("delivered in the order %v", got)
	}
}

func TestEventThatNoRuleWantsIsDropped(t *testing.T) {
	dir, asked := t.TempDir(), make(chan struct{}, 1)
	b := startBus(t, dir, fakeRouter{func([]byte) ([]Target, error) { asked <- struct{}{}; return nil, nil }}, &fakeCarrier{})
	put(t, b, about("a", 1))
	<-asked
	b.Close()
	if kept(t, dir) != 0 {
		t.Error("it is kept for ever")
	}
}

func TestEventWaitsForASilentControlPlane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked int
		var seen noted
		b := startBus(t, t.TempDir(), fakeRouter{func([]byte) ([]Target, error) {
			if asked++; asked < 50 {
				return nil, errors.New("connection refused")
			}
			return []Target{plain}, nil
		}}, &fakeCarrier{carry: func(Target, []byte) error { seen.add("x"); return nil }})
		put(t, b, about("a", 1))
		time.Sleep(2 * time.Minute)
		b.Close()
		if len(seen.all()) != 1 {
			t.Errorf("delivered %d times after an outage", len(seen.all()))
		}
	})
}

func TestFailedFunctionIsRunAgainAndThenGivenUpAsItsSettingsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs int
		carrier := &fakeCarrier{carry: func(Target, []byte) error {
			runs++
			return &FunctionError{Retries: 2, MaxAge: time.Hour, Destination: "arn:aws:sqs:::lost", Payload: json.RawMessage(`{}`)}
		}}
		dir := t.TempDir()
		b := startBus(t, dir, always(plain), carrier)
		put(t, b, about("a", 1))
		time.Sleep(time.Minute)
		b.Close()
		if runs != 3 {
			t.Errorf("%d runs, want the first and two more", runs)
		}
		if len(carrier.buried) != 1 || carrier.buried[0].Condition != "RetriesExhausted" || carrier.buried[0].Attempts != 3 {
			t.Errorf("buried %+v", carrier.buried)
		}
		if kept(t, dir) != 0 {
			t.Error("it is still kept")
		}
	})
}

func TestDeliveriesThatFailEndInTheDeadLetterQueue(t *testing.T) {
	for name, c := range map[string]struct {
		err       error
		target    Target
		attempts  int
		condition string
	}{
		"attempts run out": {errors.New("throttled"), Target{Retries: 2, MaxAge: time.Hour}, 3, "MaximumRetryAttempts"},
		"it is too old":    {errors.New("throttled"), Target{Retries: 100, MaxAge: 4 * time.Second}, 3, "MaximumEventAgeInSeconds"},
		"no such function": {&Permanent{errors.New("not found")}, Target{Retries: 100, MaxAge: time.Hour}, 1, "NonRetriableError"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var attempts int
				carrier := &fakeCarrier{carry: func(Target, []byte) error { attempts++; return c.err }}
				b := startBus(t, t.TempDir(), always(c.target), carrier)
				put(t, b, about("a", 1))
				time.Sleep(time.Hour)
				b.Close()
				if attempts != c.attempts || len(carrier.buried) != 1 || carrier.buried[0].Condition != c.condition {
					t.Errorf("%d attempts, buried %+v", attempts, carrier.buried)
				}
			})
		})
	}
}

func TestOutageCountsAsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var attempts int
		carrier := &fakeCarrier{carry: func(Target, []byte) error {
			if attempts++; attempts < 100 {
				return fmt.Errorf("%w: connection refused", ErrOutage)
			}
			return nil
		}}
		b := startBus(t, t.TempDir(), always(Target{Retries: 0, MaxAge: time.Second}), carrier)
		put(t, b, about("a", 1))
		time.Sleep(10 * time.Minute)
		b.Close()
		if attempts != 100 || len(carrier.buried) != 0 {
			t.Errorf("%d attempts, buried %+v", attempts, carrier.buried)
		}
	})
}

func TestOneTargetsFailureDoesNotRepeatTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen noted
		failures := 3
		b := startBus(t, t.TempDir(), always(Target{ARN: "good", Retries: 9, MaxAge: time.Hour}, Target{ARN: "bad", Retries: 9, MaxAge: time.Hour}),
			&fakeCarrier{carry: func(to Target, _ []byte) error {
				seen.add(to.ARN)
				if to.ARN == "bad" && failures > 0 {
					failures--
					return errors.New("throttled")
				}
				return nil
			}})
		put(t, b, about("a", 1))
		time.Sleep(time.Minute)
		b.Close()
		if got := seen.all(); !slices.Equal(got, []string{"good", "bad", "bad", "bad", "bad"}) {
			t.Errorf("delivered to %v", got)
		}
	})
}

func TestBurstRunsAFewTargetsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var now, most, total int
		b := startBus(t, t.TempDir(), always(plain), &fakeCarrier{carry: func(Target, []byte) error {
			mu.Lock()
			now++
			total++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			now--
			mu.Unlock()
			return nil
		}})
		for n := range 200 {
			put(t, b, about(fmt.Sprint(n), n))
		}
		time.Sleep(time.Minute)
		b.Close()
		if most > workers || total != 200 {
			t.Errorf("%d of 200 delivered, %d at once", total, most)
		}
	})
}

func TestEventsAboutOneObjectArriveInOrder(t *testing.T) {
	var seen noted
	done := make(chan struct{})
	b := startBus(t, t.TempDir(), always(plain), &fakeCarrier{carry: func(_ Target, event []byte) error {
		var e struct{ Detail struct{ N int } }
		if err := json.Unmarshal(event, &e); err != nil {
			return err
		}
		time.Sleep(time.Duration(20-e.Detail.N) * time.Millisecond / 10)
		if seen.add(fmt.Sprint(e.Detail.N)); e.Detail.N == 19 {
			close(done)
		}
		return nil
	}})
	defer b.Close()
	for n := range 20 {
		put(t, b, about("one.mp4", n))
	}
	<-done
	if got := seen.all(); !slices.IsSortedFunc(got, func(a, b string) int { return len(a)*100 - len(b)*100 + compare(a, b) }) {
		t.Errorf("arrived as %v", got)
	}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestFullDiskRefusesTheEvent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	b := startBus(t, dir, always(), &fakeCarrier{})
	defer b.Close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.Put(about("a", 1)); err == nil {
		t.Error("an event that is nowhere on the disk was taken")
	}
}

func TestDamagedJournalIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "1.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Bus{Dir: dir}).Initialize(); err == nil {
		t.Error("it started without its events")
	}
}

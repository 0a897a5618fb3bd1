package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// moment is a time that a test moves while the bus reads it.
type moment struct{ nanoseconds atomic.Int64 }

func (m *moment) get() time.Time { return time.Unix(0, m.nanoseconds.Load()) }
func (m *moment) now()           { m.nanoseconds.Store(time.Now().UnixNano()) }

// numbers starts a bus whose targets save when they are told to, and collects
// what they were given.
func numbers(t *testing.T, dir string, saved *moment, carry func(to Target, n int) error, targets ...Target) *Bus {
	t.Helper()
	b := &Bus{
		Dir: dir, Account: "000000000000", Region: "eu-central-1", Router: always(targets...), Log: slog.New(slog.DiscardHandler),
		Saved: func() time.Time { return saved.get() },
		Carrier: &fakeCarrier{carry: func(to Target, event []byte) error {
			var e struct{ Detail struct{ N int } }
			if err := json.Unmarshal(event, &e); err != nil {
				return err
			}
			return carry(to, e.Detail.N)
		}},
	}
	if err := b.Initialize(); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnEventThatItsTargetHasNotSavedIsDeliveredAgainAfterAKill(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var saved moment
		var got noted
		carry := func(_ Target, n int) error { got.add(fmt.Sprint(n)); return nil }
		b := numbers(t, dir, &saved, carry, plain)
		put(t, b, about("old.mp4", 1))
		time.Sleep(time.Second)
		saved.now()
		time.Sleep(time.Second)
		if n := kept(t, dir); n != 0 {
			t.Errorf("%d events are kept that are delivered and saved", n)
		}
		put(t, b, about("new.mp4", 2))
		time.Sleep(time.Minute)
		if n := kept(t, dir); n != 1 {
			t.Errorf("%d events are kept, of one that is delivered and not saved", n)
		}
		if err := os.CopyFS(other, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		saved.now() // a clean stop
		b.Close()
		b.Settle()
		if n := kept(t, dir); n != 0 {
			t.Errorf("%d events are kept after a clean stop", n)
		}
		b = numbers(t, other, &moment{}, carry, plain)
		time.Sleep(time.Second)
		b.Close()
		if want := []string{"1", "2", "2"}; !slices.Equal(got.all(), want) {
			t.Errorf("delivered %v, want %v", got.all(), want)
		}
	})
}

func TestAKillUndoesOnlyTheDeliveriesThatWereNotSaved(t *testing.T) {
	dir, early, late := t.TempDir(), t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		well, ill := plain, plain
		well.ID, ill.ID, ill.Retries = "well", "ill", 100
		var got noted
		var saved moment
		b := numbers(t, dir, &saved, func(to Target, _ int) error {
			if to.ID == "ill" {
				return errors.New("not now")
			}
			got.add("before")
			return nil
		}, well, ill)
		put(t, b, about("a.mp4", 1))
		time.Sleep(10 * time.Second)
		for _, copied := range []string{early, late} {
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
		}
		b.Close()
		carry := func(to Target, _ int) error { got.add(to.ID); return nil }
		for _, copied := range []string{early, late} {
			got.got = nil
			if copied == late {
				saved.now()
			}
			b := numbers(t, copied, &saved, carry, well, ill)
			time.Sleep(time.Minute)
			b.Close()
			want := []string{"well", "ill"}
			if copied == late {
				want = []string{"ill"}
			}
			if !slices.Equal(got.all(), want) {
				t.Errorf("saved until %v: delivered %v, want %v", saved.get(), got.all(), want)
			}
		}
	})
}

func TestAnEventOfWhatIsStoredIsDeliveredThoughTheJournalCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	down, got := true, make(chan string, 10)
	ready := make(chan bool, 10)
	b := startBus(t, dir, fakeRouter{func([]byte) ([]Target, error) {
		if down {
			down = false
			<-ready
			return nil, ErrOutage
		}
		return []Target{plain}, nil
	}}, &fakeCarrier{carry: func(Target, []byte) error { got <- "delivered"; return nil }})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.PutAnyway(about("a.mp4", 1)); err == nil {
		t.Error("the upload is confirmed, and a crash would lose it")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	ready <- true // the next try keeps it
	<-got
	b.Close()
	if n := kept(t, dir); n != 0 {
		t.Errorf("%d events are kept after their delivery", n)
	}
}

func TestAnEventThatCouldNotBeKeptIsOnTheDiskOnceThereIsRoom(t *testing.T) {
	dir := t.TempDir()
	down := fakeRouter{func([]byte) ([]Target, error) { return nil, ErrOutage }}
	b := startBus(t, dir, down, &fakeCarrier{})
	defer b.Close()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.PutAnyway(about("a.mp4", 1)); err == nil {
		t.Error("the upload is confirmed, and a crash would lose it")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); kept(t, dir) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not kept once there is room")
		}
	}
}

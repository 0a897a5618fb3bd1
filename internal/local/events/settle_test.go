package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// numbers starts a bus whose targets save when they are told to, and collects
// what they were given.
func numbers(t *testing.T, dir string, saved *time.Time, carry func(to Target, n int) error, targets ...Target) *Bus {
	t.Helper()
	b := &Bus{
		Dir: dir, Account: "000000000000", Region: "eu-central-1", Router: always(targets...), Log: slog.New(slog.DiscardHandler),
		Saved: func() time.Time { return *saved },
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
		var saved time.Time
		var got noted
		carry := func(_ Target, n int) error { got.add(fmt.Sprint(n)); return nil }
		b := numbers(t, dir, &saved, carry, plain)
		put(t, b, about("old.mp4", 1))
		time.Sleep(time.Second)
		saved = time.Now()
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
		saved = time.Now() // a clean stop
		b.Close()
		b.Settle()
		if n := kept(t, dir); n != 0 {
			t.Errorf("%d events are kept after a clean stop", n)
		}
		b = numbers(t, other, &time.Time{}, carry, plain)
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
		var saved time.Time
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
		for copied, saved := range map[string]time.Time{early: {}, late: time.Now()} {
			got.got = nil
			b := numbers(t, copied, &saved, carry, well, ill)
			time.Sleep(time.Minute)
			b.Close()
			want := []string{"well", "ill"}
			if copied == late {
				want = []string{"ill"}
			}
			if !slices.Equal(got.all(), want) {
				t.Errorf("saved until %v: delivered %v, want %v", saved, got.all(), want)
			}
		}
	})
}

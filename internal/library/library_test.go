package library_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

func TestAChangeBeginsAnewWithTheRowOfTheFasterOne(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	seen := []int64{}
	row, err := library.Change(context.Background(), w.videos, id, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		seen = append(seen, row.Version)
		if len(seen) < 4 {
			w.videos.Put(row.Saved(w.clock.Now()))
		}
		row.Title += "!"
		return row, true, nil
	})
	if err != nil || row.Title != "A title!" || row.Version != 5 || !slices.Equal(seen, []int64{1, 2, 3, 4}) {
		t.Errorf("row %+v, seen %v, %v", row, seen, err)
	}
}

func TestAChangeThatIsNoneWritesNothing(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	refused := errors.New("refused")
	for _, want := range []error{nil, refused} {
		row, err := library.Change(context.Background(), w.videos, id, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
			row.Title = "another"
			return row, want != nil, want
		})
		if !errors.Is(err, want) || w.videos.Row(id).Version != 1 || row.Version != 1 {
			t.Errorf("row %+v, %v", w.videos.Row(id), err)
		}
	}
	if _, err := library.Change(context.Background(), w.videos, otherID, nil); !errors.Is(err, contract.ErrUnknownRow) {
		t.Errorf("error is %v", err)
	}
}

func TestAChangeEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	w.videos.Put(newRow().Created())
	ctx, cancel := context.WithCancel(context.Background())
	_, err := library.Change(ctx, w.videos, id, func(row contract.VideoRow) (contract.VideoRow, bool, error) {
		w.videos.Put(row.Saved(w.clock.Now()))
		cancel()
		row.Title = "another"
		return row, true, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestGuidsAreRememberedOnceAndInOrder(t *testing.T) {
	row := contract.VideoRow{}
	first := library.Remember(row, guidB)
	second := library.Remember(first, guidA, guidB, guidC, guidA)
	if !slices.Equal(second.GUIDs, []string{guidA, guidB, guidC}) || !slices.Equal(first.GUIDs, []string{guidB}) || row.GUIDs != nil {
		t.Errorf("guids are %v, %v, %v", row.GUIDs, first.GUIDs, second.GUIDs)
	}
}

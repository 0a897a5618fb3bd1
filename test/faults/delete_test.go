package faults

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/vodstack/vodstack/test/clips"
)

// A stage is a moment of a video's life: it returns when the video is there.
type stage struct {
	name string
	come func(*trial, *video) error
}

// sweepPatience is how long the leftovers of a deletion may lie about: some are
// for the sweep, which runs on a schedule.
const sweepPatience = 4 * time.Minute

// stages are the ten moments at which a video is deleted.
var stages = []stage{
	{"announced", func(*trial, *video) error { return nil }},
	{"half uploaded", func(tr *trial, v *video) error {
		conn, err := halfSent(tr.ctx, v.upload, v.content, len(v.content)/2)
		if err != nil {
			return err
		}
		// It goes on after the deletion, and may be stored then.
		time.AfterFunc(time.Second, func() {
			_, _ = conn.Write(v.content[len(v.content)/2:])
			conn.Close()
		})
		return nil
	}},
	{"just uploaded", (*trial).put},
	{"taken in", sent(func(tr *trial, v *video) (bool, error) {
		t, err := tr.readTables()
		return len(t.records[v.key]) > 0, err
	})},
	{"Ingest in the row", sent(inRow("Ingest"))},
	{"being encoded", sent(func(tr *trial, v *video) (bool, error) {
		t, err := tr.readTables()
		return len(t.records[v.key]) > 0 && t.records[v.key][0].EncodeJobID != "", err
	})},
	{"a random moment later", func(tr *trial, v *video) error {
		defer tr.pause(tr.moment(4 * time.Second))
		return tr.put(v)
	}},
	{"Complete in the record", sent(func(tr *trial, v *video) (bool, error) {
		t, err := tr.readTables()
		return len(t.records[v.key]) > 0 && t.records[v.key][0].ended(), err
	})},
	{"Complete in the row", sent(inRow("Complete"))},
	{"Complete, and deleted four times at once", sent(inRow("Complete"))},
}

// sent uploads the video and waits for a state.
func sent(ok func(*trial, *video) (bool, error)) func(*trial, *video) error {
	return func(tr *trial, v *video) error {
		if err := tr.put(v); err != nil {
			return err
		}
		return tr.until("its moment", time.Minute, func() (bool, error) { return ok(tr, v) })
	}
}

func inRow(status string) func(*trial, *video) (bool, error) {
	return func(tr *trial, v *video) (bool, error) {
		t, err := tr.readTables()
		return t.rows[v.id].Status == status || ended(t.rows[v.id].Status), err
	}
}

// deletions deletes a video at each of the ten moments. The API says at once
// that it is gone, and nothing of it is left later.
func deletions(tr *trial) error {
	for i, s := range stages {
		v, err := tr.create(clips.Second)
		if err != nil {
			return err
		}
		if err := s.come(tr, v); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		times := 1
		if i == len(stages)-1 {
			times = 4
		}
		if err := tr.remove(v, times); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	tr.healed = time.Now()
	tr.patience = sweepPatience
	tr.note("%d deleted", len(stages))
	return nil
}

// remove deletes a video, several times at once, and asks that nobody finds it
// from then on.
func (tr *trial) remove(v *video, times int) error {
	failed := make([]error, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			failed[i] = tr.persist("delete "+v.id, func(ctx context.Context) error {
				answer, err := tr.house.api.Do(ctx, http.MethodDelete, v.path(), nil)
				if err != nil {
					return err
				}
				if answer.Status != http.StatusAccepted && answer.Status != http.StatusNotFound {
					return fmt.Errorf("DELETE: %s", answer)
				}
				return nil
			})
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	v.deleted = true
	answer, err := tr.house.api.Do(tr.ctx, http.MethodGet, v.path(), nil)
	if err != nil {
		return err
	}
	if answer.Status != http.StatusNotFound {
		return fmt.Errorf("the deleted video answers %s", answer)
	}
	return nil
}

// Package library keeps the video table: it applies the pipeline's messages
// to the rows, and sweeps up what requests have left to do. It talks to the
// world through small interfaces and never sees a cloud service's client.
package library

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// Rows is the part of the video table that a change needs.
type Rows interface {
	// Get reads a row as it is now, or returns contract.ErrUnknownRow.
	Get(ctx context.Context, id string) (contract.VideoRow, error)
	// Save writes a row in the place of the one that was read, or returns
	// contract.ErrRowChanged when somebody else has written it meanwhile.
	Save(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error)
}

// Edit changes a row that was read. It may be called several times, each
// time with the row as it then is. An error ends the change and is returned
// as it is; without a change nothing is written.
type Edit func(row contract.VideoRow) (edited contract.VideoRow, changed bool, err error)

const (
	changeTries = 10
	// longestPause between two tries, in all of which others were faster.
	longestPause = 50 * time.Millisecond
)

// Change reads a row, changes it and writes it, and begins anew when somebody
// else has written it meanwhile. It returns the row as it stands then.
func Change(ctx context.Context, rows Rows, id string, edit Edit) (contract.VideoRow, error) {
	row, err := rows.Get(ctx, id)
	if err != nil {
		return row, fmt.Errorf("read row of video %s: %w", id, err)
	}
	return changeFrom(ctx, rows, row, edit)
}

// changeFrom is Change for a row that has just been read.
func changeFrom(ctx context.Context, rows Rows, row contract.VideoRow, edit Edit) (contract.VideoRow, error) {
	id := row.ID
	for try := 1; ; try++ {
		edited, changed, err := edit(row)
		if err != nil || !changed {
			return row, err
		}
		saved, err := rows.Save(ctx, edited)
		if err == nil {
			return saved, nil
		}
		if !errors.Is(err, contract.ErrRowChanged) || try == changeTries {
			return row, fmt.Errorf("write row of video %s: %w", id, err)
		}
		if err := pause(ctx); err != nil {
			return row, err
		}
		if row, err = rows.Get(ctx, id); err != nil {
			return row, fmt.Errorf("read row of video %s: %w", id, err)
		}
	}
}

// pause keeps writers of one row from meeting again.
func pause(ctx context.Context) error {
	timer := time.NewTimer(rand.N(longestPause))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Remember adds guids to those of a row, each once and in order: whoever
// deletes the video needs all of them.
func Remember(row contract.VideoRow, guids ...string) contract.VideoRow {
	row.GUIDs = slices.Concat(row.GUIDs, guids)
	slices.Sort(row.GUIDs)
	row.GUIDs = slices.Compact(row.GUIDs)
	return row
}

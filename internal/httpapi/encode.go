package httpapi

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/library"
)

// encodeGrace is how long a promised encode may take to be started before
// sweep does it.
const encodeGrace = time.Minute

// promise writes the next encode of a file into its row. What is played of
// the one before stays until the new one is there.
//
// Its guid is random: outputs lie under it, and whoever knows the guid of the
// encode before must not find those of the next. The row keeps it, with the
// request's Idempotency-Key, so that a repeated request finds the same encode.
func (a *API) promise(row *contract.VideoRow, options Options) {
	now := a.Now()
	row.Encodes++
	row.VodGUID = uuid.NewString()
	*row = library.Remember(*row, row.VodGUID)
	row.VodStartedAt = contract.Time(now)
	row.VodEventTime, row.VodSequencer = row.VodStartedAt, ""
	row.EncodingStatus, row.Progress = contract.StatusIngest, new(0)
	row.ErrorCode, row.ErrorMessage = "", ""
	row.PendingWork, row.DueAt = contract.WorkEncode, contract.Time(now.Add(encodeGrace))
	if options != "" {
		row.Options = string(options)
	}
}

// start keeps the promise. A failure is no failure of the request: the
// promise stands.
func (a *API) start(ctx context.Context, row contract.VideoRow, source contract.Source) contract.VideoRow {
	log := a.Log.With("id", row.ID, "guid", row.VodGUID)
	input, err := library.Execution(row.VodGUID, a.SourceBucket, source.Object, row.VodEventTime)
	if err == nil {
		err = a.Executions.Start(ctx, row.VodGUID, input)
	}
	if err != nil {
		log.WarnContext(ctx, "encode not started yet", "error", err.Error())
		return row
	}
	guid := row.VodGUID
	kept, err := a.alter(ctx, row.ID, func(row *contract.VideoRow) (bool, error) {
		if row.VodGUID != guid || row.PendingWork != contract.WorkEncode {
			return false, nil
		}
		row.PendingWork, row.DueAt = "", ""
		return true, nil
	})
	var problem *contract.Problem
	if err != nil {
		if !errors.As(err, &problem) { // deleted meanwhile
			log.WarnContext(ctx, "encode is started, its row does not say so", "error", err.Error())
		}
		return row
	}
	return kept
}

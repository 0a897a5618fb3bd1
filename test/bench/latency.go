package main

import (
	"context"
	"fmt"
	"time"

	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/test/clips"
)

// rounds is how many warm videos are timed.
const rounds = 30

// limit is what our own code may add between the upload and CreateJob.
const limit = 100 * time.Millisecond

// latency times the way from the end of a presigned PUT to CreateJob. In each
// round an empty function and an empty execution are timed too: three
// functions are called on the way (ingest, plan, encode) and one execution is
// started, so three of the one and one of the other are the control plane's
// own share.
func latency(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	y, err := newYardstick(ctx, b)
	if err != nil {
		return err
	}
	say("%d warm videos, one after the other", rounds)
	var whole, function, execution, own []time.Duration
	for i := range rounds + 2 {
		f, err := y.call(ctx)
		if err != nil {
			return err
		}
		e, err := y.execute(ctx)
		if err != nil {
			return err
		}
		w, err := b.untilJob(ctx, fmt.Sprintf("bench/latency-%d.mp4", i))
		if err != nil {
			return err
		}
		if i < 2 {
			continue // the functions are still cold
		}
		whole, function, execution = append(whole, w), append(function, f), append(execution, e)
		own = append(own, w-3*f-e)
	}
	b.report.add(fmt.Sprintf("presigned PUT finished → CreateJob, warm, of %d", rounds), spread(whole))
	b.report.add("  of which the control plane: an empty function", spread(function))
	b.report.add("  of which the control plane: an empty execution", spread(execution))
	share := quantile(own, 0.5)
	b.report.promise("  ours: the rest, without 3 functions and 1 execution", spread(own), "p50 ≤ 100 ms", share <= limit)
	return nil
}

// untilJob is the time from the end of an upload to CreateJob's answer, by
// the record's own stamp; all clocks are this machine's.
func (b *bench) untilJob(ctx context.Context, key string) (time.Duration, error) {
	guid, put, err := b.send(ctx, clips.Tiny, key)
	if err != nil {
		return 0, err
	}
	record, err := b.stack.Record(ctx, guid)
	if err != nil {
		return 0, err
	}
	stamp, ok := record["jobSubmittedAt"].(*ddb.AttributeValueMemberS)
	if !ok {
		return 0, fmt.Errorf("the record of %s does not tell when its job was submitted", guid)
	}
	at, err := time.Parse(time.RFC3339, stamp.Value)
	if err != nil {
		return 0, fmt.Errorf("read jobSubmittedAt: %w", err)
	}
	return at.Sub(put), nil
}

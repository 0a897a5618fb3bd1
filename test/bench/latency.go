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

// latency times the way from the end of a presigned PUT to CreateJob. Each
// round also times the control plane by itself: an empty function until it
// runs (ingest's place), and the twin until its second function runs (plan's
// and encode's). What the whole takes beyond these two is ours.
func latency(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	y, err := newYardstick(ctx, b)
	if err != nil {
		return err
	}
	say("%d warm videos, one after the other", rounds)
	var s samples
	for i := range rounds + 2 {
		if i == 2 {
			s = samples{} // until now the functions were cold
		}
		if err := s.round(ctx, b, y, i); err != nil {
			return err
		}
	}
	b.report.add(fmt.Sprintf("presigned PUT finished → CreateJob, warm, of %d", rounds), spread(s.whole))
	b.report.add("  an empty function by itself", spread(s.function))
	b.report.add("  an empty execution by itself", spread(s.execution))
	b.report.add("  an execution until its second empty function runs", spread(s.twin))
	share := quantile(s.own, 0.5)
	b.report.promise("  ours: the whole without one empty call's start and that", spread(s.own), "p50 ≤ 100 ms", share <= limit)
	return nil
}

// samples are what the rounds have measured.
type samples struct{ whole, function, execution, twin, own []time.Duration }

func (s *samples) round(ctx context.Context, b *bench, y *yardstick, i int) error {
	ran, function, err := y.call(ctx)
	if err != nil {
		return err
	}
	execution, err := y.nothing(ctx)
	if err != nil {
		return err
	}
	twin, err := y.second(ctx)
	if err != nil {
		return err
	}
	whole, err := b.untilJob(ctx, fmt.Sprintf("bench/latency-%d.mp4", i))
	if err != nil {
		return err
	}
	s.whole, s.function = append(s.whole, whole), append(s.function, function)
	s.execution, s.twin = append(s.execution, execution), append(s.twin, twin)
	s.own = append(s.own, whole-ran-twin)
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

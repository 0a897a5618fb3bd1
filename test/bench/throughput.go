package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

const (
	// manyVariable is how many videos the engine's memory is measured over. The
	// first tenth is before the first measure, and the next fifth is timed.
	manyVariable = "VOD_BENCH_VIDEOS"
	manyDefault  = 1000
	manyLeast    = 10
	sentAtOnce   = 16

	throughputTarget = 4.0 // videos a second
	medianTarget     = 8 * time.Second
	maxTarget        = 30 * time.Second
	memoryTarget     = 1.2
)

// throughput sends many short videos, with real encodes, and measures how fast
// the engine is through with them, and what it keeps in memory of them.
func throughput(ctx context.Context, b *bench) error {
	many, err := manyVideos(os.Getenv(manyVariable))
	if err != nil {
		return err
	}
	// Memory is that of an engine that has done nothing else.
	if err := errors.Join(b.pause(), b.open(ctx)); err != nil {
		return err
	}
	few, timed := many/10, many/5
	say("%d short videos, %d at a time", many, sentAtOnce)
	if _, err := b.sendMany(ctx, "few", few); err != nil {
		return err
	}
	before, err := b.memory(ctx)
	if err != nil {
		return err
	}
	f, err := b.sendMany(ctx, "timed", timed)
	if err != nil {
		return err
	}
	f.report(&b.report)
	if _, err := b.sendMany(ctx, "more", many-few-timed); err != nil {
		return err
	}
	after, err := b.memory(ctx)
	if err != nil {
		return err
	}
	ratio := float64(after) / float64(before)
	b.report.promise(fmt.Sprintf("memory of engine and control plane: after %d videos ÷ after %d", many, few),
		fmt.Sprintf("%.2f (%d MB ÷ %d MB)", ratio, after>>20, before>>20), "≤ 1.2", ratio <= memoryTarget)
	return nil
}

func manyVideos(given string) (int, error) {
	if given == "" {
		return manyDefault, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < manyLeast {
		return 0, fmt.Errorf("%s is %q, want a number from %d", manyVariable, given, manyLeast)
	}
	return n, nil
}

// A flow is what was measured of many videos.
type flow struct {
	videos int
	took   time.Duration   // from the first upload to the last record
	waits  []time.Duration // from the end of an upload to its record's end
}

func (f flow) report(r *report) {
	rate := float64(f.videos) / f.took.Seconds()
	median, slowest := quantile(f.waits, 0.5), quantile(f.waits, 1)
	r.promise(fmt.Sprintf("%d one-second videos, %d at a time: videos a second", f.videos, sentAtOnce), fmt.Sprintf("%.1f", rate), "≥ 4", rate >= throughputTarget)
	r.promise("  upload → record, median", fmt.Sprintf("%.1f s", median.Seconds()), "≤ 8 s", median <= medianTarget)
	r.promise("  upload → record, the slowest", fmt.Sprintf("%.1f s", slowest.Seconds()), "≤ 30 s", slowest <= maxTarget)
}

// sendMany uploads n videos and waits for the end of all. An uploader has the
// next one as soon as the bucket has taken the last.
func (b *bench) sendMany(ctx context.Context, name string, n int) (flow, error) {
	file, err := b.clips.Make(clips.Second)
	if err != nil {
		return flow{}, err
	}
	f := flow{videos: n}
	arrived, failed := make([]time.Time, n), make([]error, sentAtOnce)
	began := time.Now()
	var all sync.WaitGroup
	for worker := range sentAtOnce {
		all.Go(func() {
			for i := worker; i < n && failed[worker] == nil; i += sentAtOnce {
				_, failed[worker] = b.stack.Upload(ctx, manyKey(name, i), file)
				arrived[i] = time.Now()
			}
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return f, err
	}
	last := began
	for i := range n {
		end, err := b.recorded(ctx, manyKey(name, i))
		if err != nil {
			return f, err
		}
		f.waits = append(f.waits, end.Sub(arrived[i]))
		if end.After(last) {
			last = end
		}
	}
	f.took = last.Sub(began)
	return f, nil
}

func manyKey(name string, i int) string { return fmt.Sprintf("bench/%s-%d.mp4", name, i) }

// recorded waits for the end of a video, and tells when its record had it, by
// its own stamp; all clocks are this machine's.
func (b *bench) recorded(ctx context.Context, key string) (time.Time, error) {
	guid, err := b.published(ctx, key)
	if err != nil {
		return time.Time{}, err
	}
	record, err := b.stack.Record(ctx, guid)
	if err != nil {
		return time.Time{}, err
	}
	stamp, ok := record["endTime"].(*ddb.AttributeValueMemberS)
	if !ok {
		return time.Time{}, fmt.Errorf("the record of %s does not tell when it ended", guid)
	}
	return time.Parse(time.RFC3339, stamp.Value)
}

// memory is what the engine and its control plane hold, in bytes, once nothing
// runs any more: the functions' processes are not theirs.
func (b *bench) memory(ctx context.Context) (int64, error) {
	for ctx.Err() == nil {
		running, err := b.stack.RunningExecutions(ctx)
		if err != nil {
			return 0, err
		}
		if len(running) == 0 {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	pid, err := b.engine.PID()
	if err != nil {
		return 0, err
	}
	plane, err := b.engine.ControlPlane()
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, p := range []rig.Process{{ID: pid}, plane} {
		bytes, err := p.Memory()
		if err != nil {
			return 0, err
		}
		sum += bytes
	}
	return sum, nil
}

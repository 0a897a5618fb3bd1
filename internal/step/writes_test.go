package step_test

import (
	"context"
	"testing"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

// writes plays one encode of a length and counts how often its record was
// written, and with it the index that copies every field: in all, and for its
// progress alone.
func writes(t *testing.T, length, interval time.Duration) (all, progress int) {
	w := newWorld(t)
	w.prober.media.Duration = length
	before := -1
	w.table.Changed = func(rec contract.Record) {
		all++
		if rec.Progress != nil && *rec.Progress != before {
			if before >= 0 && rec.WorkflowStatus == contract.StatusIngest {
				progress++
			}
			before = *rec.Progress
		}
	}
	w.planned()
	w.wait()
	for passed := interval; passed < length; passed += interval {
		w.clock.Advance(interval)
		w.hear(event(contract.JobStatusUpdate, percent(int(100*passed/length))))
	}
	w.destination.Put(guid+"/cmaf/a.m3u8", []byte("#EXTM3U"))
	w.hear(event(contract.JobComplete))
	if err := w.publish().Handle(context.Background(), step.Waiting{GUID: guid}); err != nil {
		t.Fatal(err)
	}
	return all, progress
}

// All records of one source bucket share a partition of the index, which takes
// 1,000 write units a second (DynamoDB's guide, "Partitions"); a record has
// several kilobytes, a unit each.
func TestTenThousandEncodesAtOnceWriteTheirRecordsLessThan200TimesASecond(t *testing.T) {
	const atOnce, limit = 10_000, 200
	for _, length := range []time.Duration{20 * time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, time.Hour, 12 * time.Hour} {
		for _, interval := range []time.Duration{10 * time.Second, time.Minute} {
			all, progress := writes(t, length, interval)
			rate := func(n int) float64 { return atOnce * float64(n) / length.Seconds() }
			t.Logf("an encode of %s that tells of its progress every %s: %d writes, %d of them progress: %.0f and %.0f a second", length, interval, all, progress, rate(all), rate(progress))
			if rate(progress) >= limit {
				t.Errorf("%s every %s: progress alone is written %.0f times a second", length, interval, rate(progress))
			}
			// What begins and ends an encode is written once, and MediaConvert
			// begins no more than a few a second.
			if length >= 10*time.Minute && rate(all) >= limit {
				t.Errorf("%s every %s: records are written %.0f times a second", length, interval, rate(all))
			}
		}
	}
}

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// cost counts what one plain video takes: states from the execution's
// history, calls from the functions' own logs.
func cost(ctx context.Context, b *bench) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	say("one plain video")
	since := time.Now()
	guid, _, err := b.send(ctx, clips.Tiny, "bench/cost.mp4")
	if err != nil {
		return err
	}
	executions, err := b.stack.Executions(ctx, guid)
	if err != nil || len(executions) != 1 {
		return fmt.Errorf("%d executions, want 1: %w", len(executions), err)
	}
	history, err := b.stack.History(ctx, aws.ToString(executions[0].ExecutionArn))
	if err != nil {
		return err
	}
	calls, progress, err := b.calls(ctx, since)
	if err != nil {
		return err
	}
	states := rig.Entered(history)
	b.report.promise("states entered per plain video (AWS's own solution: 25)", fmt.Sprint(states), "≤ 5", states <= 5)
	b.report.promise("Lambda calls per plain video (AWS's own solution: 15)",
		fmt.Sprintf("%d, and %d for progress", calls, progress), "≤ 6", calls <= 6)
	return nil
}

// calls counts invocations; those of jobstate beyond one, the job's end, are
// progress.
func (b *bench) calls(ctx context.Context, since time.Time) (calls, progress int, err error) {
	for _, name := range rig.Functions {
		n, err := b.stack.Calls(ctx, name, since)
		if err != nil {
			return 0, 0, err
		}
		if name == "jobstate" && n > 1 {
			progress, n = n-1, 1
		}
		calls += n
	}
	return calls, progress, nil
}

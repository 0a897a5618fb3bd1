package events

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// watchInterval is how often executions are looked at; the control plane
// tells nobody about their end.
const watchInterval = 3 * time.Second

// cutOff is the control plane's own name for executions that a stop of it
// has ended. AWS has no such error: there they would count as stopped by
// hand.
const cutOff = "States.ServiceRestart"

var badEnds = []types.ExecutionStatus{types.ExecutionStatusFailed, types.ExecutionStatusTimedOut, types.ExecutionStatusAborted}

// ExecutionWatch sends Step Functions' status change events for executions
// that ended badly, each once; also for those that a restart of the
// control plane has cut off.
type ExecutionWatch struct {
	Client *sfn.Client
	// SeenFile lists the executions that were announced, one ARN a line.
	SeenFile string
	Emit     func(Event) error
	Log      *slog.Logger

	seen   map[string]bool
	cancel context.CancelFunc
	done   chan struct{}
}

// Initialize starts the watch.
func (w *ExecutionWatch) Initialize() error {
	if err := w.load(); err != nil {
		return fmt.Errorf("watch executions: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.done = cancel, make(chan struct{})
	go w.run(ctx)
	return nil
}

// Close stops the watch.
func (w *ExecutionWatch) Close() {
	w.cancel()
	<-w.done
}

func (w *ExecutionWatch) run(ctx context.Context) {
	defer close(w.done)
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		if err := w.look(ctx); err != nil && ctx.Err() == nil {
			w.Log.Warn("executions cannot be looked at", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *ExecutionWatch) load() error {
	w.seen = map[string]bool{}
	f, err := os.Open(w.SeenFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		w.seen[lines.Text()] = true
	}
	return lines.Err()
}

// look announces every bad end that is new.
func (w *ExecutionWatch) look(ctx context.Context) error {
	machines, err := w.Client.ListStateMachines(ctx, &sfn.ListStateMachinesInput{})
	if err != nil {
		return err
	}
	for _, m := range machines.StateMachines {
		for _, status := range badEnds {
			if err := w.lookAt(ctx, aws.ToString(m.StateMachineArn), status); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *ExecutionWatch) lookAt(ctx context.Context, machine string, status types.ExecutionStatus) error {
	in := &sfn.ListExecutionsInput{StateMachineArn: &machine, StatusFilter: status, MaxResults: 1000}
	for {
		out, err := w.Client.ListExecutions(ctx, in)
		if err != nil {
			return err
		}
		for _, e := range out.Executions {
			if arn := aws.ToString(e.ExecutionArn); !w.seen[arn] {
				if err := w.announce(ctx, arn); err != nil {
					return err
				}
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}

func (w *ExecutionWatch) announce(ctx context.Context, arn string) error {
	out, err := w.Client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if err != nil {
		return err
	}
	status := out.Status
	if aws.ToString(out.Error) == cutOff {
		status = types.ExecutionStatusAborted
	}
	detail, err := json.Marshal(map[string]any{
		"executionArn": arn, "stateMachineArn": out.StateMachineArn, "name": out.Name, "status": status,
		"startDate": millis(out.StartDate), "stopDate": millis(out.StopDate),
		"input": out.Input, "inputDetails": map[string]bool{"included": true},
		"output": nil, "outputDetails": nil, "error": out.Error, "cause": out.Cause,
	})
	if err != nil {
		return err
	}
	err = w.Emit(Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change",
		Resources: []string{arn}, Detail: detail,
	})
	if err != nil {
		return err
	}
	return w.remember(arn)
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	return aws.Int64(t.UnixMilli())
}

func (w *ExecutionWatch) remember(arn string) error {
	w.seen[arn] = true
	f, err := os.OpenFile(w.SeenFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, arn)
	return err
}

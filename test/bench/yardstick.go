package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/vodstack/vodstack/test/rig"
)

// A yardstick is an empty function and two state machines in the same control
// plane as the stack: one that does nothing, and a twin of the pipeline up to
// CreateJob, which calls the empty function where that calls plan and encode.
type yardstick struct {
	b     *bench
	empty string // ARN
	twin  string // ARN
}

const (
	emptyFunction = "bench-empty"
	// role is never asked on this machine.
	role       = "arn:aws:iam::000000000000:role/bench"
	emptySteps = `{"StartAt":"Nothing","States":{"Nothing":{"Type":"Pass","End":true}}}`
	twinSteps  = `{"StartAt":"Plan","States":{` +
		`"Plan":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"bench-empty"},"Next":"Encode"},` +
		`"Encode":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"bench-empty"},"End":true}}}`
)

func newYardstick(ctx context.Context, b *bench) (*yardstick, error) {
	archive, err := emptyArchive(ctx, b)
	if err != nil {
		return nil, err
	}
	_, err = b.stack.Lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: aws.String(emptyFunction), Role: aws.String(role), Handler: aws.String("bootstrap"),
		Runtime: lambdatypes.RuntimeProvidedal2023, Code: &lambdatypes.FunctionCode{ZipFile: archive},
		MemorySize: aws.Int32(256), Timeout: aws.Int32(30),
	})
	if err != nil {
		return nil, fmt.Errorf("deploy the empty function: %w", err)
	}
	y := &yardstick{b: b}
	if y.empty, err = y.machine(ctx, "bench-empty", emptySteps); err != nil {
		return nil, err
	}
	y.twin, err = y.machine(ctx, "bench-twin", twinSteps)
	return y, err
}

// machine makes a state machine and returns its ARN.
func (y *yardstick) machine(ctx context.Context, name, steps string) (string, error) {
	out, err := y.b.stack.SFN.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: &name, Definition: &steps, RoleArn: aws.String(role),
	})
	if err != nil {
		return "", fmt.Errorf("make the state machine %s: %w", name, err)
	}
	return aws.ToString(out.StateMachineArn), nil
}

// emptyBinary builds the empty function as the Makefile builds ours, and
// returns its path.
func emptyBinary(ctx context.Context, b *bench) (string, error) {
	root, err := rig.Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(b.dir, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w -buildid=", "-o", path, "./test/bench/empty")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the empty function: %w: %s", err, out)
	}
	return path, nil
}

// emptyArchive is the empty function as it is deployed.
func emptyArchive(ctx context.Context, b *bench) ([]byte, error) {
	path, err := emptyBinary(ctx, b)
	if err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := writer.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := entry.Write(binary); err != nil {
		return nil, err
	}
	err = writer.Close()
	return archive.Bytes(), err
}

// call times one invocation of the empty function: until it runs, and until
// its answer is there.
func (y *yardstick) call(ctx context.Context) (ran, answered time.Duration, err error) {
	began := time.Now()
	out, err := y.b.stack.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(emptyFunction), Payload: []byte("{}")})
	if err != nil {
		return 0, 0, fmt.Errorf("call the empty function: %w", err)
	}
	answered = time.Since(began)
	at, err := strconv.ParseInt(string(out.Payload), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("read the empty function's time: %w", err)
	}
	return time.UnixMicro(at).Sub(began), answered, nil
}

// nothing times an empty execution, from the call that starts it to the
// moment that the control plane notes as its end.
func (y *yardstick) nothing(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	out, err := y.execute(ctx, y.empty)
	if err != nil {
		return 0, err
	}
	return aws.ToTime(out.StopDate).Sub(began), nil
}

// second times an execution of the twin, from the call that starts it to the
// moment at which the second function runs: there the pipeline's encode
// submits the job.
func (y *yardstick) second(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	out, err := y.execute(ctx, y.twin)
	if err != nil {
		return 0, err
	}
	var answer struct{ Payload int64 }
	if err := json.Unmarshal([]byte(aws.ToString(out.Output)), &answer); err != nil {
		return 0, fmt.Errorf("read the twin's output: %w", err)
	}
	return time.UnixMicro(answer.Payload).Sub(began), nil
}

// execute starts an execution and waits for its end.
func (y *yardstick) execute(ctx context.Context, machine string) (*sfn.DescribeExecutionOutput, error) {
	started, err := y.b.stack.SFN.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String("{}")})
	if err != nil {
		return nil, fmt.Errorf("start an execution to measure by: %w", err)
	}
	for ctx.Err() == nil {
		out, err := y.b.stack.SFN.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err != nil {
			return nil, fmt.Errorf("watch an execution to measure by: %w", err)
		}
		if out.Status == sfntypes.ExecutionStatusSucceeded {
			return out, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil, ctx.Err()
}

package rig

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// Functions are the names of the pipeline's functions, as their binaries are
// called.
var Functions = []string{"ingest", "plan", "encode", "jobstate", "publish", "fail"}

// Function is the deployed name of a function.
func (s *Stack) Function(ctx context.Context, name string) (string, error) {
	return s.resource(ctx, "function "+name, func(logical, kind string) bool {
		return kind == "AWS::Lambda::Function" && strings.HasPrefix(strings.ToLower(logical), name)
	})
}

// Lines are the lines that a function has logged since a moment.
func (s *Stack) Lines(ctx context.Context, name string, since time.Time) ([]string, error) {
	function, err := s.Function(ctx, name)
	if err != nil {
		return nil, err
	}
	group, err := s.logGroup(ctx, function)
	if err != nil {
		return nil, err
	}
	var lines []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(s.Logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, StartTime: aws.Int64(since.UnixMilli()),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the log of %s: %w", name, err)
		}
		for _, event := range page.Events {
			lines = append(lines, aws.ToString(event.Message))
		}
	}
	return lines, nil
}

// logGroup is where a function logs: the group that its configuration names,
// or Lambda's own choice.
func (s *Stack) logGroup(ctx context.Context, function string) (string, error) {
	out, err := s.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function})
	if err != nil {
		return "", fmt.Errorf("read the configuration of %s: %w", function, err)
	}
	if out.LoggingConfig != nil && aws.ToString(out.LoggingConfig.LogGroup) != "" {
		return *out.LoggingConfig.LogGroup, nil
	}
	return "/aws/lambda/" + function, nil
}

// Calls counts a function's invocations since a moment, by the START line
// that Lambda itself logs for each.
func (s *Stack) Calls(ctx context.Context, name string, since time.Time) (int, error) {
	lines, err := s.Lines(ctx, name, since)
	if err != nil {
		return 0, err
	}
	calls := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "START RequestId") {
			calls++
		}
	}
	return calls, nil
}

// Entered counts the states that an execution has entered.
func Entered(history []sfntypes.HistoryEvent) int {
	states := 0
	for _, event := range history {
		if event.StateEnteredEventDetails != nil {
			states++
		}
	}
	return states
}

// Tasks counts the Lambda calls that an execution has made.
func Tasks(history []sfntypes.HistoryEvent) int {
	tasks := 0
	for _, event := range history {
		switch event.Type {
		case sfntypes.HistoryEventTypeTaskScheduled, sfntypes.HistoryEventTypeLambdaFunctionScheduled:
			tasks++
		}
	}
	return tasks
}

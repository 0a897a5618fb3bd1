// Package lambda runs a step as a Lambda function: settings from the
// environment, logs as JSON, errors under the names that the state machine
// knows.
package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/caarlos0/env/v11"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
)

// Settings reads a function's settings from the environment. A variable that
// is missing or unreadable is named in the error.
func Settings[T any]() (T, error) {
	settings, err := env.ParseAsWithOptions[T](env.Options{FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[encoding.Options](): func(text string) (any, error) {
			var options encoding.Options
			err := json.Unmarshal([]byte(text), &options)
			return options, err
		},
	}})
	if err != nil {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

// Logger writes JSON lines to the function's log.
func Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, nil))
}

// Main starts a function. What stops the start is said in its log.
func Main(name string, run func() error) {
	runtime.GOMAXPROCS(processors(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), runtime.GOMAXPROCS(0)))
	debug.SetGCPercent(gcPercent)
	if err := run(); err != nil {
		Logger().Error("function not started", "function", name, "error", err.Error())
		os.Exit(1)
	}
}

// wholeCore is the memory at which Lambda gives a function one core, in MB
// (Lambda developer guide, "Configure Lambda function memory").
const wholeCore = 1769

// gcPercent lets the heap grow to 8 MB, or three times what lives, before it is
// collected, twice as far as by default: a tenth less processor time. A larger
// heap costs more again, in pages that are new and caches that are cold
// (test/bench, functions at 128 MB: 100, 200, 400 and 800 took 0.41, 0.34,
// 0.39 and 0.40 s).
const gcPercent = 200

// processors is how many threads run Go code at once: one where the function
// has less than one core. Lambda shows two to each, and threads that wait for
// a share of time wait for each other, too.
func processors(megabytes string, otherwise int) int {
	memory, err := strconv.Atoi(megabytes)
	if err != nil || memory >= wholeCore {
		return otherwise
	}
	return 1
}

// Start serves invocations until the environment is shut down.
func Start[In, Out any](log *slog.Logger, handle func(context.Context, In) (Out, error)) {
	lambda.StartHandlerFunc(named(log, handle))
}

// Serve is Start for a handler that returns nothing but an error.
func Serve[In any](log *slog.Logger, handle func(context.Context, In) error) {
	Start(log, func(ctx context.Context, in In) (struct{}, error) { return struct{}{}, handle(ctx, in) })
}

// named logs an error and gives it the name under which the state machine
// sees it.
func named[In, Out any](log *slog.Logger, handle func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		name := contract.ErrorName(err)
		log.ErrorContext(ctx, "invocation failed", "name", name, "error", err.Error())
		return out, messages.InvokeResponse_Error{Type: name, Message: contract.Sentence(err)}
	}
}

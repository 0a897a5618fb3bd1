package lambda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/testkit"
)

type settings struct {
	Table   string           `env:"TABLE_NAME,notEmpty"`
	Options encoding.Options `env:"ENCODING_OPTIONS,notEmpty"`
	Queue   string           `env:"QUEUE"`
}

func TestSettingsComeFromTheEnvironment(t *testing.T) {
	t.Setenv("TABLE_NAME", "videos")
	t.Setenv("ENCODING_OPTIONS", `{"outputs":["CMAF"],"topRung":1080,"enableSns":true}`)
	set, err := Settings[settings]()
	if err != nil {
		t.Fatal(err)
	}
	if set.Table != "videos" || set.Options.TopRung != 1080 || !set.Options.EnableSns || set.Options.Outputs[0] != encoding.CMAF {
		t.Errorf("settings are %+v", set)
	}
}

func TestAMissingOrUnreadableVariableIsNamed(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	t.Setenv("ENCODING_OPTIONS", `{"topRung":`)
	_, err := Settings[settings]()
	if err == nil || !strings.Contains(err.Error(), "TABLE_NAME") || !strings.Contains(err.Error(), "Options") {
		t.Errorf("error is %v", err)
	}
}

func TestAnErrorHasTheNameThatTheStateMachineKnowsAndIsLogged(t *testing.T) {
	for name, failure := range map[string]error{
		"EmptySource": fmt.Errorf("look: %w", contract.Failf(contract.CodeEmptySource, "no bytes")),
		"Throttled":   fmt.Errorf("probe: %w", contract.ErrThrottled),
		"Internal":    errors.New("odd"),
	} {
		log := &testkit.Log{}
		handle := named(log.Logger(), func(context.Context, string) (int, error) { return 0, failure })
		_, err := handle(context.Background(), "in")
		var answer messages.InvokeResponse_Error
		if !errors.As(err, &answer) || answer.Type != name || answer.Message != contract.Sentence(failure) {
			t.Errorf("answer is %+v", err)
		}
		if !strings.Contains(log.String(), failure.Error()) {
			t.Errorf("log is %s", log)
		}
	}
}

func TestASuccessIsHandedOn(t *testing.T) {
	log := &testkit.Log{}
	out, err := named(log.Logger(), func(_ context.Context, in string) (int, error) { return len(in), nil })(context.Background(), "four")
	if out != 4 || err != nil || log.String() != "" {
		t.Errorf("out %d, %v, log %q", out, err, log)
	}
}

func TestAFunctionWithLessThanACoreRunsOneThread(t *testing.T) {
	for megabytes, want := range map[string]int{"128": 1, "1024": 1, "1768": 1, "1769": 2, "3008": 2, "": 2, "odd": 2} {
		if got := processors(megabytes, 2); got != want {
			t.Errorf("%q MB: %d threads, want %d", megabytes, got, want)
		}
	}
}

package workflow_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/workflow"
)

// TestTheDefinitionChecksAnEncodeAsOftenAsTheConstantSays reads the file, from
// which the configuration's limits follow.
func TestTheDefinitionChecksAnEncodeAsOftenAsTheConstantSays(t *testing.T) {
	r, ok := retrierOf(define(t)["Encode"], "States.Timeout")
	if !ok || r.MaxAttempts != workflow.EncodeChecks {
		t.Errorf("Encode retries States.Timeout %d times, want %d", r.MaxAttempts, workflow.EncodeChecks)
	}
}

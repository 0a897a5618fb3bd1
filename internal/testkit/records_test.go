package testkit_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/testkit"
)

func TestTheTableInMemoryDoesWhatTheStepsCountOn(t *testing.T) {
	testkit.CheckRecords(t, &testkit.Table{})
}

package testkit_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/testkit"
)

func TestTheDoubleOfTheRunningJobsDoesWhatItsUsersCountOn(t *testing.T) {
	testkit.CheckRunningJobs(t, &testkit.RunningJobs{})
}

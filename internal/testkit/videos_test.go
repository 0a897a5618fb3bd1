package testkit_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/testkit"
)

func TestTheVideoTableInMemoryDoesWhatItsUsersCountOn(t *testing.T) {
	testkit.CheckVideos(t, &testkit.Videos{})
}

func TestTheHistoryInMemoryDoesWhatItsUsersCountOn(t *testing.T) {
	testkit.CheckHistory(t, &testkit.History{})
}

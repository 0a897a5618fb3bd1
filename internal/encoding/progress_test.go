package encoding

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

func TestALongVideoTellsOfItsProgressLessOften(t *testing.T) {
	for length, want := range map[time.Duration]types.StatusUpdateInterval{
		0:                            types.StatusUpdateIntervalSeconds10,
		30 * time.Second:             types.StatusUpdateIntervalSeconds10,
		10 * time.Minute:             types.StatusUpdateIntervalSeconds12,
		time.Hour:                    types.StatusUpdateIntervalSeconds60,
		2 * time.Hour:                types.StatusUpdateIntervalSeconds120,
		100 * time.Hour:              types.StatusUpdateIntervalSeconds600,
		9*time.Minute + 59*1e9:       types.StatusUpdateIntervalSeconds10,
		50*time.Minute - time.Second: types.StatusUpdateIntervalSeconds30,
		501 * time.Hour:              types.StatusUpdateIntervalSeconds600,
	} {
		if got := progressInterval(length); got != want {
			t.Errorf("a video of %s: %s, want %s", length, got, want)
		}
	}
}

func TestEveryIntervalIsOneThatTheServiceKnows(t *testing.T) {
	var named []types.StatusUpdateInterval
	for i, interval := range reportIntervals {
		named = append(named, interval.name)
		if i > 0 && interval.every <= reportIntervals[i-1].every {
			t.Errorf("%s is not longer than the one before", interval.name)
		}
		if want := types.StatusUpdateInterval(fmt.Sprintf("SECONDS_%d", int(interval.every.Seconds()))); interval.name != want {
			t.Errorf("%s is called %s", interval.every, interval.name)
		}
	}
	if known := types.StatusUpdateInterval("").Values(); len(known) != len(named) || slices.ContainsFunc(known, func(k types.StatusUpdateInterval) bool { return !slices.Contains(named, k) }) {
		t.Errorf("the service knows %v", known)
	}
}

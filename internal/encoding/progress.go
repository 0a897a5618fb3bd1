package encoding

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// reports is about how often a job tells of its progress, when it takes as
// long as its video plays.
const reports = 50

// reportIntervals are the intervals that the service knows (types.
// StatusUpdateInterval), shortest first.
var reportIntervals = []struct {
	every time.Duration
	name  types.StatusUpdateInterval
}{
	{10 * time.Second, types.StatusUpdateIntervalSeconds10},
	{12 * time.Second, types.StatusUpdateIntervalSeconds12},
	{15 * time.Second, types.StatusUpdateIntervalSeconds15},
	{20 * time.Second, types.StatusUpdateIntervalSeconds20},
	{30 * time.Second, types.StatusUpdateIntervalSeconds30},
	{60 * time.Second, types.StatusUpdateIntervalSeconds60},
	{120 * time.Second, types.StatusUpdateIntervalSeconds120},
	{180 * time.Second, types.StatusUpdateIntervalSeconds180},
	{240 * time.Second, types.StatusUpdateIntervalSeconds240},
	{300 * time.Second, types.StatusUpdateIntervalSeconds300},
	{360 * time.Second, types.StatusUpdateIntervalSeconds360},
	{420 * time.Second, types.StatusUpdateIntervalSeconds420},
	{480 * time.Second, types.StatusUpdateIntervalSeconds480},
	{540 * time.Second, types.StatusUpdateIntervalSeconds540},
	{600 * time.Second, types.StatusUpdateIntervalSeconds600},
}

// progressInterval is how often a job tells of its progress: each time is an
// invocation and a write, so a long video does so less often. One of unknown
// length is taken for short.
func progressInterval(duration time.Duration) types.StatusUpdateInterval {
	interval := reportIntervals[0]
	for _, next := range reportIntervals[1:] {
		if next.every > duration/reports {
			break
		}
		interval = next
	}
	return interval.name
}

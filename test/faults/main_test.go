package faults

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// The settings of a run. Without them the short scenarios run.
const (
	// allVariable is set to anything to run every scenario, or to words of
	// those that are wanted, with commas between them.
	allVariable = "VOD_FAULTS"
	// seedVariable chooses the random moments again that a run has printed.
	seedVariable = "VOD_FAULTS_SEED"
	// losesVariable is how many videos are sent while answers get lost.
	losesVariable = "VOD_FAULTS_LOST"
)

// bound is how long a whole run may take. What has not begun by then is
// reported as not run.
const bound = 10 * time.Minute

// world is what the scenarios share.
var world struct {
	began time.Time
	seed  uint64
	table table
	house *house
}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	world.began = time.Now()
	seed, err := chooseSeed(os.Getenv(seedVariable))
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		return 1
	}
	world.seed = seed
	if world.house, err = newHouse(); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		return 1
	}
	code := m.Run()
	world.table.print(os.Stdout, seed)
	if err := world.house.close(code == 0); err != nil {
		fmt.Fprintln(os.Stderr, "faults: stop the engine:", err)
		return 1
	}
	return code
}

func chooseSeed(given string) (uint64, error) {
	if given == "" {
		return uint64(time.Now().UnixNano()) % 1_000_000, nil
	}
	seed, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, want a number", seedVariable, given)
	}
	return seed, nil
}

package main

import (
	"strings"
	"testing"
)

func TestARegionOfAnotherPartitionIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Setenv("CDK_DEFAULT_REGION", "us-gov-west-1") // the CDK command line sets it
	if err := run(); err == nil || !strings.Contains(err.Error(), "us-gov-west-1 is in partition aws-us-gov") {
		t.Errorf("error %v", err)
	}
}

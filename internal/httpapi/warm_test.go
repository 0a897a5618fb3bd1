package httpapi_test

import (
	"context"
	"strings"
	"testing"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/httpapi"
)

func TestWarmingAsksNobodyAndLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.rows.Before = func(op, id string) error {
		t.Errorf("the video table is asked to %s %s", op, id)
		return nil
	}
	w.api.Warm(context.Background())
	w.as(alice, "POST", "/videos", httpapi.RefusedVideo).problem(t, contract.CodeRequestInvalid, "size")
	if len(w.uploads.calls) != 0 || len(w.started.started) != 0 {
		t.Errorf("storage was asked %v, started was %v", w.uploads.calls, w.started.started)
	}
	if log := w.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "msg=write") { // as() is no function that warms itself
		t.Errorf("the log says %s", log)
	}
}

package e2e

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vodstack/vodstack/test/clips"
	"github.com/vodstack/vodstack/test/rig"
)

// plainVideo runs alone, so that every call counted is this video's.
func plainVideo(t *testing.T) {
	s := world.videos
	since := time.Now()
	key := s.upload(t, clips.Tiny)
	end := s.ended(t, key, 2*time.Minute)
	if end.Text("workflowStatus") != "Complete" {
		t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	once(t, s.results, "message in the result queue", about(key))
	executions, err := s.Executions(t.Context(), end.Text("guid"))
	if err != nil || len(executions) != 1 {
		t.Fatalf("%d executions, want 1 (%v)", len(executions), err)
	}
	history, err := s.History(t.Context(), aws.ToString(executions[0].ExecutionArn))
	if err != nil {
		t.Fatal(err)
	}
	if states := rig.Entered(history); states < 3 || states > 5 {
		t.Errorf("%d states entered, want 3 to 5", states)
	}
	// ingest, and jobstate for the job's end, are called from outside.
	calls := rig.Tasks(history) + 2
	if calls < 5 || calls > 6 {
		t.Errorf("%d Lambda calls by the execution's history, want 5 or 6", calls)
	}
	checkCalls(t, s, since)
}

// checkCalls asks the functions' own logs; jobstate also hears of progress,
// which does not count.
func checkCalls(t *testing.T, s *site, since time.Time) {
	t.Helper()
	sum := 1 // jobstate's, for the job's end
	for _, name := range rig.Functions {
		calls, err := s.Calls(t.Context(), name, since)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d calls", name, calls)
		switch name {
		case "jobstate":
			if calls < 1 {
				t.Error("jobstate was never called")
			}
		case "fail":
			if calls != 0 {
				t.Errorf("fail was called %d times", calls)
			}
		default:
			sum += calls
		}
	}
	if sum != 5 {
		t.Errorf("%d Lambda calls by the functions' logs, want 5", sum)
	}
}

package simulation

import (
	"testing"
)

// The template as infra synthesizes it; infra's own tests hold it to that.
const template = "../../infra/vodstack/testdata/template.golden.json"

func read(t *testing.T) settings {
	t.Helper()
	s, err := readSettings(template)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	slow = burst{uploads: 10_000, over: 60, encodeSeconds: 300, createJobRate: 1, jobsAtOnce: 20, functions: 1000}
	fast = burst{uploads: 100_000, over: 60, encodeSeconds: 60, createJobRate: 10, jobsAtOnce: 200, functions: 1000}
)

func TestABurstOfUploadsIsPublishedWholeHoweverLongItTakes(t *testing.T) {
	s := read(t)
	for name, b := range map[string]burst{
		"10,000 encodes of five minutes at 1 CreateJob a second and 20 jobs at once": slow,
		"100,000 encodes of a minute at 10 CreateJobs a second and 200 jobs at once": fast,
		// A new account may run ten functions at once (Lambda quotas).
		"1,000 encodes of a minute in a new account": {uploads: 1000, over: 60, encodeSeconds: 60, createJobRate: 1, jobsAtOnce: 20, functions: 10},
	} {
		t.Run(name, func(t *testing.T) {
			r := play(s, b, 1)
			ideal := max(float64(b.uploads)/b.createJobRate, float64(b.uploads)*b.encodeSeconds/float64(b.jobsAtOnce)) / 3600
			t.Logf("%d published, %d false errors %v, %d lost; the last one after %.1f h (at best %.1f h); %.1f invocations a video, at most %d events in a history",
				r.Published, b.uploads-r.Published-r.Lost, r.Errors, r.Lost, r.LastHours, ideal, float64(r.Invocations)/float64(b.uploads), r.MaxEvents)
			if r.Published != b.uploads || r.Lost != 0 || len(r.Errors) > 0 || r.Duplicates > 0 {
				t.Errorf("%+v", r)
			}
			if r.MaxEvents > 25_000 {
				t.Errorf("a history has %d events; Step Functions ends an execution at 25,000", r.MaxEvents)
			}
		})
	}
}

// What the settings of an earlier version came to, so that the simulation is
// known to tell.
func TestTheSimulationShowsBudgetsThatAreTooSmall(t *testing.T) {
	s := read(t)
	hour := retrier{ErrorEquals: []string{"Throttled", "Lambda.TooManyRequestsException"}, IntervalSeconds: 2, BackoffRate: 1.5, MaxAttempts: 120, MaxDelaySeconds: 60, JitterStrategy: "FULL"}
	for _, name := range []string{"Plan", "Encode"} {
		changed := *s.states[name]
		changed.Retry = append([]retrier{hour}, changed.Retry...)
		s.states[name] = &changed
	}
	if r := play(s, slow, 1); r.Errors["Throttled"] < slow.uploads/10 {
		t.Errorf("an hour of retries ends in %v", r.Errors)
	}
	s = read(t)
	s.queueDeadline = 24 * 3600
	if r := play(s, slow, 1); r.Errors["JobNotStarted"] == 0 {
		t.Errorf("a queue deadline of a day ends in %v", r.Errors)
	}
	s = read(t)
	s.atOnce, s.maxReceives = 1000, 1
	if r := play(s, fast, 1); r.Lost == 0 {
		t.Error("without bounds nothing is lost at StartExecution")
	}
}

package testkit

import (
	"cmp"
	"context"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/contract"
)

// RunningJobs is the table of running jobs in memory, safe for concurrent
// use.
type RunningJobs struct {
	// Before and After are as in Table.
	Before, After func(op, guid string) error

	mu   sync.Mutex
	jobs map[string]contract.RunningJob
}

// Get reads a job.
func (r *RunningJobs) Get(_ context.Context, guid string) (job contract.RunningJob, err error) {
	_, err = r.do("get", guid, func(contract.RunningJob, bool) (contract.RunningJob, bool) {
		job = r.jobs[guid]
		job.GUID = guid
		return job, false
	})
	return job, err
}

// Await stores a token, and that a job may be submitted from now on.
func (r *RunningJobs) Await(_ context.Context, guid, token, at string) (before contract.RunningJob, err error) {
	_, err = r.do("await", guid, func(job contract.RunningJob, _ bool) (contract.RunningJob, bool) {
		before = job
		before.GUID = guid
		job.TaskToken, job.SubmittingSince = token, cmp.Or(job.SubmittingSince, at)
		return job, true
	})
	return before, err
}

// BeginSubmit notes that a job is about to be submitted again.
func (r *RunningJobs) BeginSubmit(_ context.Context, guid, at string) error {
	_, err := r.do("beginSubmit", guid, func(job contract.RunningJob, _ bool) (contract.RunningJob, bool) {
		job.SubmittingSince = at
		return job, true
	})
	return err
}

// EndSubmit notes that the answer was clear.
func (r *RunningJobs) EndSubmit(_ context.Context, guid string) error {
	_, err := r.do("endSubmit", guid, func(job contract.RunningJob, _ bool) (contract.RunningJob, bool) {
		job.SubmittingSince = ""
		return job, true
	})
	return err
}

// Advance raises the progress.
func (r *RunningJobs) Advance(_ context.Context, guid string, percent int) (after contract.RunningJob, done bool, err error) {
	done, err = r.do("advance", guid, func(job contract.RunningJob, known bool) (contract.RunningJob, bool) {
		if !known || job.Progress >= percent {
			return job, false
		}
		job.Progress = percent
		after = job
		return job, true
	})
	return after, done, err
}

// Recorded notes what the record was told.
func (r *RunningJobs) Recorded(_ context.Context, guid string, percent int, at string) error {
	_, err := r.do("recorded", guid, func(job contract.RunningJob, known bool) (contract.RunningJob, bool) {
		job.RecordedProgress, job.RecordedAt = percent, at
		return job, known
	})
	return err
}

// Delete forgets a job.
func (r *RunningJobs) Delete(_ context.Context, guid string) error {
	_, err := r.do("delete", guid, func(job contract.RunningJob, _ bool) (contract.RunningJob, bool) {
		delete(r.jobs, guid)
		return job, false
	})
	return err
}

// Put remembers a job as it is, and GUIDs are those that are remembered, for
// the tests' own use.
func (r *RunningJobs) Put(job contract.RunningJob) {
	_, _ = r.do("put", job.GUID, func(contract.RunningJob, bool) (contract.RunningJob, bool) { return job, true })
}

// GUIDs are the guids of all jobs, sorted.
func (r *RunningJobs) GUIDs() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.jobs))
}

func (r *RunningJobs) do(op, guid string, change func(job contract.RunningJob, known bool) (contract.RunningJob, bool)) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := call(r.Before, op, guid); err != nil {
		return false, err
	}
	job, known := r.jobs[guid]
	job.GUID = guid
	after, write := change(job, known)
	if write {
		if r.jobs == nil {
			r.jobs = map[string]contract.RunningJob{}
		}
		r.jobs[guid] = after
	}
	return write, call(r.After, op, guid)
}

// RunningJobsTable is a table of running jobs, real or not.
type RunningJobsTable interface {
	Get(ctx context.Context, guid string) (contract.RunningJob, error)
	Await(ctx context.Context, guid, token, at string) (before contract.RunningJob, err error)
	BeginSubmit(ctx context.Context, guid, at string) error
	EndSubmit(ctx context.Context, guid string) error
	Advance(ctx context.Context, guid string, percent int) (contract.RunningJob, bool, error)
	Recorded(ctx context.Context, guid string, percent int, at string) error
	Delete(ctx context.Context, guid string) error
}

// CheckRunningJobs checks that a table does what the steps count on, as
// CheckRecords does.
func CheckRunningJobs(t *testing.T, table RunningJobsTable) {
	t.Helper()
	ctx, guid := context.Background(), uuid.NewString()
	is := func(what string, want contract.RunningJob) {
		t.Helper()
		want.GUID = guid
		got, err := table.Get(ctx, guid)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the job is %+v, want %+v (%v)", what, got, want, err)
		}
	}
	advance := func(percent int, want bool) {
		t.Helper()
		job, done, err := table.Advance(ctx, guid, percent)
		if err != nil || done != want || done && job.Progress != percent {
			t.Errorf("advance to %d: %v, %+v, %v; want %v", percent, done, job, err, want)
		}
	}
	no := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	is("before anything", contract.RunningJob{})
	advance(5, false)
	no(table.Recorded(ctx, guid, 5, "r0"))
	is("a job that no task awaits", contract.RunningJob{})
	no(table.EndSubmit(ctx, guid))
	is("a submission that never began", contract.RunningJob{})
	await := func(token, at string, want contract.RunningJob) {
		t.Helper()
		want.GUID = guid
		before, err := table.Await(ctx, guid, token, at)
		if err != nil || !reflect.DeepEqual(before, want) {
			t.Errorf("await with %s: the job was %+v, want %+v (%v)", token, before, want, err)
		}
	}
	await("t1", "s1", contract.RunningJob{})
	await("t2", "s2", contract.RunningJob{TaskToken: "t1", SubmittingSince: "s1"})
	no(table.BeginSubmit(ctx, guid, "s3"))
	is("a submission that began again", contract.RunningJob{TaskToken: "t2", SubmittingSince: "s3"})
	no(table.EndSubmit(ctx, guid))
	advance(10, true)
	advance(10, false)
	advance(9, false)
	no(table.Recorded(ctx, guid, 10, "r1"))
	advance(100, true)
	is("at its end", contract.RunningJob{TaskToken: "t2", Progress: 100, RecordedProgress: 10, RecordedAt: "r1"})
	no(table.Delete(ctx, guid))
	no(table.Delete(ctx, guid))
	is("forgotten", contract.RunningJob{})
}

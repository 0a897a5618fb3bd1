package mediaconvert

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// running is a job that has a worker.
type running struct {
	progress progress
	cancel   context.CancelCauseFunc
}

// slots are the workers that are taken, by job.
type slots struct {
	mu      sync.Mutex
	running map[string]*running
}

func (s *slots) of(id string) *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id]
}

func (s *slots) taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running)
}

func (s *slots) stop(id string, cause error) {
	if run := s.of(id); run != nil {
		run.cancel(cause)
	}
}

// nudge asks the scheduler to look again.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// schedule starts jobs while workers are free.
func (s *Server) schedule(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for s.slots.taken() < s.Workers && ctx.Err() == nil {
			id, found := s.next()
			if !found {
				break
			}
			s.start(ctx, id)
		}
	}
}

// next chooses a job: first one that an earlier server had begun, then by
// priority, then by age. Paused queues start nothing; what had begun goes on.
func (s *Server) next() (string, bool) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var waiting []*record
	for _, r := range s.state.allLocked() {
		if r.over() || s.slots.of(r.ID) != nil {
			continue
		}
		if r.Status == progressing {
			return r.ID, true
		}
		if s.state.open(r.Queue) {
			waiting = append(waiting, r)
		}
	}
	if len(waiting) == 0 {
		return "", false
	}
	first := slices.MinFunc(waiting, func(a, b *record) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Sequence, b.Sequence))
	})
	return first.ID, true
}

// open says whether a queue lets another job begin; the caller holds the lock.
func (s *state) open(arn string) bool {
	q, err := s.queue(arn)
	if err != nil || q.Status != active {
		return false
	}
	return q.ConcurrentJobs == 0 || s.counted(q).ProgressingJobsCount < q.ConcurrentJobs
}

// start gives a job a worker.
func (s *Server) start(ctx context.Context, id string) {
	ctx, cancel := context.WithCancelCause(ctx)
	run := &running{cancel: cancel}
	s.slots.mu.Lock()
	s.slots.running[id] = run
	s.slots.mu.Unlock()
	s.group.Go(func() {
		defer func() {
			cancel(nil)
			s.slots.mu.Lock()
			delete(s.slots.running, id)
			s.slots.mu.Unlock()
			s.nudge()
		}()
		s.work(ctx, id, run)
	})
}

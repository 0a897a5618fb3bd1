package mediaconvert

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/local/events"
)

// record is a job as it is kept: what clients see, and what the server has
// still to do. Records are never changed in place, so that one can be read
// without a lock.
type record struct {
	Job
	Sequence    int64     // order of submission
	Digest      string    // of the request, to compare a token's second use
	SubmittedAt time.Time // finer than the wire form's seconds
	// Outbox are events that were not handed over yet, oldest first.
	Outbox []events.Event
}

// state is everything that survives a restart.
type state struct {
	mu        sync.Mutex
	jobs      map[string]*record
	tokens    map[string]string // ClientRequestToken → job id
	queues    map[string]*Queue
	templates map[string]*Template
	tags      map[string]*map[string]string // by ARN
	sequence  int64

	jobFiles      folder[record]
	queueFiles    folder[Queue]
	templateFiles folder[Template]
	tagFiles      folder[map[string]string]

	changed func() // called after a job has changed
}

var errNoJob = errors.New("no such job")

func openState(dir string, arn func(string) string) (*state, error) {
	s := &state{tokens: map[string]string{}}
	err := errors.Join(
		openAll(filepath.Join(dir, "jobs"), &s.jobFiles, &s.jobs),
		openAll(filepath.Join(dir, "queues"), &s.queueFiles, &s.queues),
		openAll(filepath.Join(dir, "templates"), &s.templateFiles, &s.templates),
		openAll(filepath.Join(dir, "tags"), &s.tagFiles, &s.tags),
	)
	if err != nil {
		return nil, err
	}
	for id, r := range s.jobs {
		s.sequence = max(s.sequence, r.Sequence)
		s.remember(id, r)
	}
	return s, s.ensureDefaultQueue(arn)
}

func openAll[T any](path string, f *folder[T], all *map[string]*T) (err error) {
	if *f, err = openFolder[T](path); err != nil {
		return err
	}
	*all, err = f.load()
	return err
}

// remember keeps the newest job of a token.
func (s *state) remember(id string, r *record) {
	token := r.ClientRequestToken
	if token == "" {
		return
	}
	if old, known := s.jobs[s.tokens[token]]; !known || old.Sequence <= r.Sequence {
		s.tokens[token] = id
	}
}

// add keeps a new job; the caller holds the lock.
func (s *state) add(r *record) error {
	s.sequence++
	r.Sequence = s.sequence
	if err := s.jobFiles.save(r.ID, r); err != nil {
		return err
	}
	s.jobs[r.ID] = r
	s.remember(r.ID, r)
	return nil
}

// update changes one job: on disk first, then for everybody.
func (s *state) update(id string, change func(*record) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, known := s.jobs[id]
	if !known {
		return errNoJob
	}
	draft := *old
	draft.Outbox = slices.Clone(old.Outbox)
	if err := change(&draft); err != nil {
		return err
	}
	if err := s.jobFiles.save(id, &draft); err != nil {
		return err
	}
	s.jobs[id] = &draft
	if s.changed != nil {
		s.changed()
	}
	return nil
}

func (s *state) job(id string) (*record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, known := s.jobs[id]
	return r, known
}

// all returns the jobs in the order in which they were submitted.
func (s *state) all() []*record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allLocked()
}

func (s *state) allLocked() []*record {
	all := make([]*record, 0, len(s.jobs))
	for _, r := range s.jobs {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *record) int { return int(a.Sequence - b.Sequence) })
	return all
}

// nameOf takes a queue's or template's name out of its name or ARN.
func nameOf(nameOrARN string) string {
	if strings.HasPrefix(nameOrARN, "arn:") {
		if _, name, found := strings.Cut(nameOrARN, "/"); found {
			return name
		}
	}
	return nameOrARN
}

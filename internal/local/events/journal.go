package events

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync/atomic"
	"time"
)

// record is an event in the journal, with what is left to do for it.
type record struct {
	Event Event `json:"event"`
	// Deliveries are what is still owed to the targets; Routed tells an
	// event that nobody has looked at from one that is owed to nobody.
	Routed     bool       `json:"routed"`
	Deliveries []delivery `json:"deliveries,omitempty"`

	path string
	// unkept is an event that the journal does not have yet.
	unkept bool
}

// delivery is one target's copy of an event.
type delivery struct {
	Target Target `json:"target"`
	// Attempts counts what failed on the way to the target, Runs the
	// target function's own failures.
	Attempts int       `json:"attempts"`
	Runs     int       `json:"runs"`
	First    time.Time `json:"first"`
	// Over is when the target, or the place for what cannot be delivered, had
	// it; zero until then.
	Over time.Time `json:"over,omitzero"`
	next time.Time
}

// journal is a folder with a file for each event that is not delivered yet.
// A file is complete and on the disk before it has its name.
type journal struct {
	dir  string
	last atomic.Int64
}

const recordSuffix = ".json"

// load returns what an earlier run has left, oldest first.
func (j *journal) load() ([]*record, error) {
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return nil, fmt.Errorf("event journal: %w", err)
	}
	names, err := filepath.Glob(filepath.Join(j.dir, "*"+recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("event journal %s: %w", j.dir, err)
	}
	sort.Strings(names)
	var records []*record
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("event journal: %w", err)
		}
		r := &record{path: name}
		if err := json.Unmarshal(data, r); err != nil {
			return nil, fmt.Errorf("event journal: %s is damaged: %w", name, err)
		}
		records = append(records, r)
	}
	return records, nil
}

// add makes a new record durable.
func (j *journal) add(e Event) (*record, error) {
	r := j.record(e)
	if err := j.save(r); err != nil {
		return nil, err
	}
	return r, nil
}

// record is what add makes durable.
func (j *journal) record(e Event) *record {
	name := fmt.Sprintf("%020d-%s%s", j.sequence(), safeName(e.ID), recordSuffix)
	return &record{Event: e, path: filepath.Join(j.dir, name)}
}

// save writes the record over its older self.
func (j *journal) save(r *record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("event %s: %w", r.Event.ID, err)
	}
	if err := writeDurably(r.path, data); err != nil {
		return fmt.Errorf("event journal: %w", err)
	}
	return nil
}

// remove forgets a record that is delivered.
func (j *journal) remove(r *record) error {
	return os.Remove(r.path)
}

// sequence numbers records by time, so that their order outlives a restart.
func (j *journal) sequence() int64 {
	for {
		last := j.last.Load()
		next := max(time.Now().UnixNano(), last+1)
		if j.last.CompareAndSwap(last, next) {
			return next
		}
	}
}

func safeName(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, id)
}

func writeDurably(path string, data []byte) error {
	temp := path + ".new"
	f, err := os.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the file's name durable, too.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

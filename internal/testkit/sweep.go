package testkit

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
)

// BeginUpload begins a multipart upload, and Uploads are the keys of those
// that are neither finished nor aborted, for the tests' own use.
func (b *Bucket) BeginUpload(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads = append(b.uploads, key)
}

// Uploads are the keys of unfinished multipart uploads.
func (b *Bucket) Uploads() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.uploads)
}

// AbortUploads ends the multipart uploads under a prefix.
func (b *Bucket) AbortUploads(_ context.Context, prefix string) error {
	if err := call(b.Before, "abortUploads", prefix); err != nil {
		return err
	}
	b.mu.Lock()
	b.uploads = slices.DeleteFunc(b.uploads, func(key string) bool { return strings.HasPrefix(key, prefix) })
	b.mu.Unlock()
	return call(b.After, "abortUploads", prefix)
}

// pageOfVersions is small, so that tests see more than one page.
const pageOfVersions = 2

// Versions are some of the versions and delete markers under a prefix.
func (b *Bucket) Versions(_ context.Context, prefix string) (versions, markers []contract.Object, err error) {
	if err := call(b.Before, "versions", prefix); err != nil {
		return nil, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(b.versions)) {
		for _, v := range b.versions[key] {
			switch {
			case !strings.HasPrefix(key, prefix) || len(versions)+len(markers) == pageOfVersions:
			case v.deleted:
				markers = append(markers, v.Object)
			default:
				versions = append(versions, v.Object)
			}
		}
	}
	return versions, markers, call(b.After, "versions", prefix)
}

// Remove removes versions for good.
func (b *Bucket) Remove(_ context.Context, objects []contract.Object) error {
	if err := call(b.Before, "remove", objects[0].Key); err != nil {
		return err
	}
	b.mu.Lock()
	for _, object := range objects {
		b.removeVersion(object)
	}
	b.mu.Unlock()
	return call(b.After, "remove", objects[0].Key)
}

func (b *Bucket) removeVersion(object contract.Object) {
	left := slices.DeleteFunc(b.versions[object.Key], func(v version) bool { return v.VersionID == object.VersionID })
	if b.versions[object.Key] = left; len(left) == 0 {
		delete(b.versions, object.Key)
	}
}

// Clear deletes some of the objects under a prefix, as from a bucket without
// versions, and returns how many.
func (b *Bucket) Clear(_ context.Context, prefix string) (int, error) {
	if err := call(b.Before, "clear", prefix); err != nil {
		return 0, err
	}
	b.mu.Lock()
	deleted := 0
	for _, key := range slices.Sorted(maps.Keys(b.versions)) {
		if strings.HasPrefix(key, prefix) && deleted < pageOfVersions {
			delete(b.versions, key)
			deleted++
		}
	}
	b.mu.Unlock()
	return deleted, call(b.After, "clear", prefix)
}

// Keys are the keys of all objects that have any version.
func (b *Bucket) Keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.versions))
}

// Summary reads what a row of the video table needs of a record; the double
// has the whole.
func (t *Table) Summary(ctx context.Context, guid string) (contract.Record, error) {
	return t.Get(ctx, guid)
}

// Delete removes a record.
func (t *Table) Delete(_ context.Context, guid string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := call(t.Before, "delete", guid); err != nil {
		return err
	}
	delete(t.items, guid)
	return call(t.After, "delete", guid)
}

// GUIDs are the guids of all records.
func (t *Table) GUIDs() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.items))
}

// Executions are a state machine's. Those that were started run until they
// are ended.
type Executions struct {
	// Before and After are as the Table's, with the execution's name.
	Before func(op, name string) error
	After  func(op, name string) error

	mu      sync.Mutex
	inputs  map[string]string
	running map[string]bool
}

// Start starts an execution. A name that is taken counts as started.
func (e *Executions) Start(_ context.Context, name, input string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := call(e.Before, "start", name); err != nil {
		return err
	}
	if e.inputs == nil {
		e.inputs, e.running = map[string]string{}, map[string]bool{}
	}
	if _, taken := e.inputs[name]; !taken {
		e.inputs[name], e.running[name] = input, true
	}
	return call(e.After, "start", name)
}

// Running tells whether an execution has not ended.
func (e *Executions) Running(_ context.Context, name string) (bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := call(e.Before, "running", name); err != nil {
		return false, err
	}
	return e.running[name], call(e.After, "running", name)
}

// End ends an execution, and Inputs are those of all that were started, by
// name, for the tests' own use.
func (e *Executions) End(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.running, name)
}

// Inputs are the inputs of all executions by name.
func (e *Executions) Inputs() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.inputs)
}

// CDN remembers what it was told to forget.
type CDN struct {
	// Before and After are as the Table's, with the reference.
	Before func(op, reference string) error
	After  func(op, reference string) error

	mu    sync.Mutex
	paths map[string][]string // by reference
}

// Invalidate forgets paths.
func (c *CDN) Invalidate(_ context.Context, reference string, paths []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := call(c.Before, "invalidate", reference); err != nil {
		return err
	}
	if c.paths == nil {
		c.paths = map[string][]string{}
	}
	c.paths[reference] = paths
	return call(c.After, "invalidate", reference)
}

// Forgotten are all paths that it was told to forget.
func (c *CDN) Forgotten() (paths []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, reference := range slices.Sorted(maps.Keys(c.paths)) {
		paths = append(paths, c.paths[reference]...)
	}
	return paths
}

// Kept is a message that was kept aside.
type Kept struct{ Body, Reason string }

// Aside keeps messages aside.
type Aside struct {
	// Before, where set, is called before a message is taken; its error is
	// returned.
	Before func(Kept) error

	mu   sync.Mutex
	kept []Kept
}

// Keep takes a message.
func (a *Aside) Keep(_ context.Context, body, reason string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Before != nil {
		if err := a.Before(Kept{body, reason}); err != nil {
			return err
		}
	}
	a.kept = append(a.kept, Kept{body, reason})
	return nil
}

// Messages are what was kept.
func (a *Aside) Messages() []Kept {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.kept)
}

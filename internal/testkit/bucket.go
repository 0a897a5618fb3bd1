package testkit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vodstack/vodstack/internal/contract"
)

// Bucket is a bucket in memory with versions.
type Bucket struct {
	// Before, where set, is called before each operation; its error is
	// returned. After is called after those of a sweep.
	Before func(op, key string) error
	After  func(op, key string) error

	mu       sync.Mutex
	versions map[string][]version // oldest first
	tags     map[string]string    // "key version" to storage class
	written  map[string]int       // by key: a removed version's id never comes again
	uploads  []string             // keys of unfinished multipart uploads
}

type version struct {
	contract.Object
	data    []byte
	deleted bool
}

// Put writes an object and returns its version id.
func (b *Bucket) Put(key string, data []byte) string {
	return b.put(key, version{data: data})
}

// Delete puts a delete marker on an object.
func (b *Bucket) Delete(key string) { b.put(key, version{deleted: true}) }

func (b *Bucket) put(key string, v version) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.versions == nil {
		b.versions, b.tags, b.written = map[string][]version{}, map[string]string{}, map[string]int{}
	}
	b.written[key]++
	n := b.written[key]
	v.Object = contract.Object{Key: key, VersionID: fmt.Sprintf("v%d", n), ETag: fmt.Sprintf("etag%d", n), Size: int64(len(v.data))}
	b.versions[key] = append(b.versions[key], v)
	return v.VersionID
}

// Head is the current version.
func (b *Bucket) Head(_ context.Context, key string) (contract.Object, error) {
	v, err := b.find("head", key, "")
	return v.Object, err
}

// Read is the start of a version, the current one where none is named.
func (b *Bucket) Read(_ context.Context, key, id string, limit int64) ([]byte, error) {
	v, err := b.find("read", key, id)
	if err != nil {
		return nil, err
	}
	return v.data[:min(int64(len(v.data)), limit)], nil
}

// Open is the current version and its start.
func (b *Bucket) Open(_ context.Context, key string, limit int) (contract.Object, []byte, error) {
	v, err := b.find("open", key, "")
	return v.Object, v.data[:min(len(v.data), limit)], err
}

// Ranges reads parts of a version.
func (b *Bucket) Ranges(_ context.Context, object contract.Object, _ []byte) io.ReaderAt {
	v, err := b.find("ranges", object.Key, object.VersionID)
	if err != nil {
		return unreadable{err}
	}
	return bytes.NewReader(v.data)
}

// unreadable fails every read.
type unreadable struct{ err error }

func (u unreadable) ReadAt([]byte, int64) (int, error) { return 0, u.err }

// List is the current versions under a prefix, in the order of their keys.
func (b *Bucket) List(_ context.Context, prefix string, limit int) ([]contract.Object, error) {
	if b.Before != nil {
		if err := b.Before("list", prefix); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var objects []contract.Object
	for _, key := range slices.Sorted(maps.Keys(b.versions)) {
		last := b.versions[key][len(b.versions[key])-1]
		if strings.HasPrefix(key, prefix) && !last.deleted && len(objects) < limit {
			objects = append(objects, last.Object)
		}
	}
	return objects, nil
}

// Tag marks a version.
func (b *Bucket) Tag(_ context.Context, key, id, class string) error {
	if _, err := b.find("tag", key, id); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tags[key+" "+id] = class
	return nil
}

// TagOf is the storage class that a version is marked for.
func (b *Bucket) TagOf(key, id string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tags[key+" "+id]
}

func (b *Bucket) find(op, key, id string) (version, error) {
	if b.Before != nil {
		if err := b.Before(op, key); err != nil {
			return version{}, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.versions[key]
	for i := len(all) - 1; i >= 0; i-- {
		if id == "" || all[i].VersionID == id {
			if all[i].deleted {
				break
			}
			return all[i], nil
		}
	}
	return version{}, fmt.Errorf("%s %s: %w", op, key, contract.ErrNotFound)
}

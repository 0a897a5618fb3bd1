package mediaconvert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// keepSource is how long a source stays after a probe: the job that follows
// then reads it from disk, and it is fetched once only.
const keepSource = 10 * time.Minute

// fetchAttempts is how often a transfer that breaks off is begun.
const fetchAttempts = 3

// sources fetches objects and keeps them between a probe and its job.
type sources struct {
	dir     string
	objects objects

	mu    sync.Mutex
	known map[string]*source
}

// source is one object as it was at one time.
type source struct {
	path string
	info objectInfo

	mu     sync.Mutex // held while it is fetched or probed
	probed *transcode.ProbeResult
	used   time.Time // guarded by sources.mu
}

// link puts a source's file at path, where it is the caller's own.
func (c *sources) link(ctx context.Context, from location, path string) (*source, error) {
	info, err := c.objects.head(ctx, from)
	if err != nil {
		return nil, err
	}
	s := c.find(from, info)
	s.mu.Lock()
	defer s.mu.Unlock()
	err = os.Link(s.path, path)
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if err := c.fetch(ctx, from, s); err != nil {
		return nil, err
	}
	return s, os.Link(s.path, path)
}

// find is the source of an object's present content.
func (c *sources) find(from location, info objectInfo) *source {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%d", from, info.ETag, info.Size, info.LastModified.UnixNano()))
	id := hex.EncodeToString(sum[:16])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prune()
	s := c.known[id]
	if s == nil {
		s = &source{path: filepath.Join(c.dir, id), info: info}
		if c.known == nil {
			c.known = map[string]*source{}
		}
		c.known[id] = s
	}
	s.used = time.Now()
	return s
}

// prune forgets what nobody came back for; the caller holds the lock.
func (c *sources) prune() {
	for id, s := range c.known {
		if time.Since(s.used) > keepSource {
			delete(c.known, id)
			_ = os.Remove(s.path) // it may be gone already
		}
	}
}

// drop frees the disk of a source that a job has taken.
func (s *source) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = os.Remove(s.path) // it may be gone already
}

// fetch downloads a source beside its place, again when the stream breaks.
func (c *sources) fetch(ctx context.Context, from location, s *source) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return fmt.Errorf("make scratch space: %w", err)
	}
	part := s.path + ".part"
	defer os.Remove(part)
	var err error
	for range fetchAttempts {
		if err = c.objects.download(ctx, from, part); err == nil {
			return os.Rename(part, s.path)
		}
		if ctx.Err() != nil || missing(err) || denied(err) {
			return err
		}
	}
	return err
}

// describe probes a source that is at path, once.
func (s *source) describe(ctx context.Context, t Transcoder, path string) (*transcode.ProbeResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probed != nil {
		return s.probed, nil
	}
	probed, err := t.Probe(ctx, path)
	if err == nil {
		s.probed = probed
	}
	return probed, err
}

package mediaconvert

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// perform fetches the sources, encodes and uploads. A panic is this job's
// error: the other jobs go on.
func (t *task) perform(ctx context.Context) (result *transcode.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			t.Log.Error("mediaconvert: job panicked", "job", t.job.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	settings, err := t.check(t.job.Settings)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if err := t.fetch(ctx); err != nil {
		return nil, err
	}
	if result, err = t.encode(ctx, settings); err != nil {
		return nil, err
	}
	// A short encode ends between two looks.
	if err := t.present(ctx); err != nil {
		return nil, err
	}
	return result, t.publish(ctx, result.Files)
}

// fetch puts every source into the scratch space.
func (t *task) fetch(ctx context.Context) error {
	t.inputs, t.origins = nil, nil
	in := filepath.Join(t.dir, "in")
	if err := os.MkdirAll(in, 0o755); err != nil {
		return fmt.Errorf("make scratch space: %w", err)
	}
	uris, err := inputURIs(t.job.Settings)
	if err != nil {
		return err
	}
	for i, uri := range uris {
		from, err := parseURI(uri)
		if err != nil {
			return err
		}
		path := filepath.Join(in, strconv.Itoa(i)+safeExtension(from.Key))
		source, err := t.sources.link(ctx, from, path)
		if err != nil {
			return inputError(uri, err)
		}
		source.drop()
		t.inputs = append(t.inputs, transcode.Input{Path: path, URI: uri})
		t.origins = append(t.origins, source)
	}
	return nil
}

// safeExtension keeps a file name's ending where ffmpeg may look at it.
func safeExtension(key string) string {
	ext := strings.ToLower(filepath.Ext(key))
	if len(ext) > 6 || strings.ContainsFunc(strings.TrimPrefix(ext, "."), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}) {
		return ""
	}
	return ext
}

// encode runs the transcoder while somebody watches the sources.
func (t *task) encode(ctx context.Context, settings *transcode.Settings) (*transcode.Result, error) {
	out := filepath.Join(t.dir, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("make scratch space: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	informed, watched := make(chan struct{}), make(chan struct{})
	go func() { defer close(informed); t.inform(ctx) }()
	go func() { defer close(watched); t.watch(ctx, cancel) }()
	result, err := t.Transcoder.Run(ctx, transcode.Job{
		Settings: settings, Inputs: t.inputs, Dir: out, Progress: t.run.progress.advance,
	})
	gone, isGone := errors.AsType[*jobError](context.Cause(ctx))
	if err != nil {
		cancel(nil)
	}
	<-informed
	cancel(nil)
	<-watched
	if err != nil && isGone {
		return nil, gone
	}
	return result, err
}

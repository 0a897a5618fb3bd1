package mediaconvert

import (
	"context"
	"path"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// uploads is how many files go to S3 at once.
const uploads = 8

// publish uploads what a job made: first everything that playlists name,
// then the playlists in their order, so that none announces what is not there.
func (t *task) publish(ctx context.Context, files []transcode.File) error {
	var media, playlists []transcode.File
	for _, f := range files {
		if isPlaylist(f) {
			playlists = append(playlists, f)
		} else {
			media = append(media, f)
		}
	}
	var done atomic.Int64
	upload := func(ctx context.Context, f transcode.File) error {
		err := t.upload(ctx, f)
		t.run.progress.advance(transcode.Progress{
			Phase: transcode.PhaseUploading, Percent: int(done.Add(1) * 100 / int64(len(files))),
		})
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for _, f := range media {
		group.Go(func() error { return upload(groupCtx, f) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, f := range playlists {
		if err := upload(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func isPlaylist(f transcode.File) bool {
	ext := path.Ext(f.URI)
	return ext == ".m3u8" || ext == ".mpd"
}

func (t *task) upload(ctx context.Context, f transcode.File) error {
	to, err := parseURI(f.URI)
	if err != nil {
		return err
	}
	if err := t.objects.upload(ctx, f.Path, to, f.ContentType); err != nil {
		return outputError(f.URI, err)
	}
	return nil
}

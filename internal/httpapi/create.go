package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
	"github.com/vodstack/vodstack/internal/video"
)

// create makes the row first. What a crash leaves undone after that, the
// multipart upload, is made by a repeated request or by getUpload.
func (a *API) create(ctx context.Context, in *createIn) (*createOut, error) {
	ext, err := a.check(in.Body)
	if err != nil {
		return nil, err
	}
	row, err := a.createRow(ctx, in, ext)
	if err != nil {
		return nil, err
	}
	out := &createOut{Location: callerOf(ctx).BaseURL + "/videos/" + row.ID}
	if !arrived(row) {
		var upload Upload
		if row, upload, err = a.offer(ctx, row, 1, defaultParts); err != nil {
			return nil, err
		}
		out.Body.Upload = &upload
	}
	out.ETag, out.Body.Video = etagOf(row), videoOf(row)
	return out, nil
}

// createRow writes the row of a request, or finds the one that the same request has
// made before: that is the caller's whatever the limits say.
func (a *API) createRow(ctx context.Context, in *createIn, ext string) (contract.VideoRow, error) {
	id, claimed, err := a.claim(ctx, in.IdempotencyKey)
	if err != nil {
		return contract.VideoRow{}, err
	}
	row := a.newRow(callerOf(ctx), id, in.Body, ext)
	if claimed {
		existing, err := a.Rows.Get(ctx, id)
		if err == nil {
			return repeated(existing, row)
		}
		if !errors.Is(err, contract.ErrUnknownRow) { // that request has died before it wrote the row
			return row, fmt.Errorf("read video %s: %w", id, err)
		}
	}
	if err := a.roomForVideo(ctx); err != nil {
		return row, err
	}
	existing, err := a.Rows.Create(ctx, row)
	switch {
	case err != nil:
		return row, fmt.Errorf("create video %s: %w", row.ID, err)
	case existing != nil:
		return repeated(*existing, row)
	}
	return row.Created(), nil
}

// newRow is the row of a request.
func (a *API) newRow(caller Caller, id string, body NewVideo, ext string) contract.VideoRow {
	row := contract.VideoRow{
		ID: id, S3Key: contract.SourceKey(id, ext), OwnerID: caller.Owner,
		Title: body.Title, FileName: body.FileName, ContentType: body.ContentType, Size: int64(body.Size),
		Metadata: string(body.Metadata), Options: string(body.Options), CreatedAt: contract.Time(a.Now()),
	}
	if row.Size > a.SingleBytes {
		row.PartSize = partSizeOf(row.Size)
	}
	row.RequestHash = hashOf(body)
	awaitUpload(&row, a.expiry())
	return row
}

// repeated is the video that the same request has made before.
func repeated(existing, row contract.VideoRow) (contract.VideoRow, error) {
	switch {
	case existing.DeletedAt != "":
		return row, contract.Problemf(contract.CodeVideoDeleted,
			"the video that this Idempotency-Key has made was deleted; use another key for another video").In(keyHeader)
	case existing.OwnerID != row.OwnerID || existing.RequestHash != row.RequestHash:
		return row, contract.Problemf(contract.CodeIdempotencyKeyReused,
			"this Idempotency-Key came before with another request; use a new key for each video").In(keyHeader)
	}
	return existing, nil
}

// check is what the schema cannot say, or would not say by a code of its own.
func (a *API) check(body NewVideo) (ext string, err error) {
	ext, ok := video.Extension(body.FileName)
	switch {
	case !ok:
		return "", contract.Problemf(contract.CodeFileTypeUnsupported, "fileName is %q, which has no extension of a video that can be encoded; %s are taken",
			body.FileName, strings.Join(video.Extensions(), ", ")).In("fileName")
	case !a.types.MatchString(body.ContentType):
		return "", contract.Problemf(contract.CodeContentTypeForbidden, "contentType is %q; %s are taken, without parameters",
			body.ContentType, strings.Join(a.Types, ", ")).In("contentType")
	case int64(body.Size) > a.MaxBytes:
		return "", contract.Problemf(contract.CodeFileTooLarge, "size is %d bytes; up to %d are taken", body.Size, a.MaxBytes).In("size")
	}
	if err := checkMetadata(body.Metadata); err != nil {
		return "", err
	}
	return ext, a.checkOptions(body.Options)
}

const (
	metadataBytes = 8 << 10
	metadataDepth = 8
)

func checkMetadata(metadata Object) error {
	if n := len(metadata); n > metadataBytes {
		return contract.Problemf(contract.CodeMetadataTooLarge, "metadata has %d bytes of JSON; up to %d are kept", n, metadataBytes).In("metadata")
	}
	if depthOf(string(metadata)) > metadataDepth {
		return contract.Problemf(contract.CodeMetadataTooLarge, "metadata is nested deeper than %d levels", metadataDepth).In("metadata")
	}
	return nil
}

// depthOf is how deep JSON text is nested. The text is valid.
func depthOf(text string) (deepest int) {
	dec := json.NewDecoder(strings.NewReader(text))
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		deepest = max(deepest, depth)
	}
}

// checkOptions refuses what plan would refuse once the file is there, by the
// same code.
func (a *API) checkOptions(options Options) error {
	if options == "" {
		return nil
	}
	if err := a.checkAllowed(options); err != nil {
		return err
	}
	option, why := step.CheckOptions(string(options), a.ArchiveSource)
	if why == "" {
		return nil
	}
	return contract.Problemf(contract.CodeRequestInvalid, "options: %s, or leave it out", why).In(strings.TrimSuffix("options."+option, "."))
}

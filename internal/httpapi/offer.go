package httpapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// What S3 takes, and what we make of it.
const (
	mebibyte     = 1 << 20
	smallestPart = 16 * mebibyte // S3 takes 5 MiB; fewer, larger parts cost less
	mostParts    = 10_000        // S3's own limit
	defaultParts = 100           // on a page
)

// partSizeOf is the size of the parts of a file: whole mebibytes, and no more
// parts than S3 takes.
func partSizeOf(size int64) int64 {
	least := (size + mostParts - 1) / mostParts
	return max(smallestPart, (least+mebibyte-1)/mebibyte*mebibyte)
}

func partCount(row contract.VideoRow) int {
	return int((row.Size + row.PartSize - 1) / row.PartSize)
}

// partBytes is how long a part must be.
func partBytes(row contract.VideoRow, number int) int64 {
	return min(row.PartSize, row.Size-int64(number-1)*row.PartSize)
}

// expiry is until when a row expects its upload: a little longer than its
// URLs live, so that not each page of them is a write.
func (a *API) expiry() time.Time { return a.Now().Add(a.URLLife + a.URLLife/8) }

// offer says how to upload the file of a row. An upload that has expired,
// was aborted or is gone begins again.
func (a *API) offer(ctx context.Context, row contract.VideoRow, first, limit int) (contract.VideoRow, Upload, error) {
	before := row.UploadID
	row, err := a.open(ctx, row)
	if err != nil {
		return row, Upload{}, err
	}
	// X-Amz-Date counts in seconds.
	upload := Upload{Type: "single", ExpiresAt: contract.Time(a.Now().Truncate(time.Second).Add(a.URLLife))}
	if row.PartSize == 0 {
		upload.Method = "PUT"
		upload.Headers = map[string]string{"Content-Type": row.ContentType, "If-None-Match": "*"}
		upload.URL, err = a.Signer.SignPut(ctx, row.S3Key, row.ContentType, row.Size, a.URLLife)
		return row, upload, err
	}
	there := map[int]contract.UploadedPart{}
	if row.UploadID == before { // of one that has just been begun nothing is there
		if there, row, err = a.partsThere(ctx, row, first-1, limit); err != nil {
			return row, upload, err
		}
	}
	upload.Type, upload.PartSize, upload.PartCount = "multipart", row.PartSize, partCount(row)
	last := min(first+limit-1, upload.PartCount)
	if last < upload.PartCount {
		upload.NextPart = last + 1
	}
	for number := first; number <= last; number++ {
		url, err := a.Signer.SignPart(ctx, row.S3Key, row.UploadID, number, partBytes(row, number), a.URLLife)
		if err != nil {
			return row, upload, err
		}
		upload.Parts = append(upload.Parts, Part{Number: number, URL: url, ETag: there[number].ETag})
	}
	return row, upload, nil
}

// open makes sure that a row expects its upload and, where it comes in parts,
// has a multipart upload. Of two who begin one, the loser drops its own.
func (a *API) open(ctx context.Context, row contract.VideoRow) (contract.VideoRow, error) {
	for range tries {
		if arrived(row) {
			return row, uploadComplete()
		}
		wanted, begun, err := a.opened(ctx, row)
		if err != nil || wanted == nil {
			return row, err
		}
		saved, err := a.Rows.Save(ctx, *wanted)
		if err == nil {
			return saved, nil
		}
		if !errors.Is(err, contract.ErrRowChanged) {
			return row, fmt.Errorf("write video %s: %w", row.ID, err)
		}
		if begun != "" {
			if err := a.Multipart.Abort(ctx, row.S3Key, begun); err != nil {
				a.Log.WarnContext(ctx, "upload left behind", "key", row.S3Key, "error", err.Error())
			}
		}
		if err := wait(ctx); err != nil {
			return row, err
		}
		if row, err = a.own(ctx, row.ID); err != nil {
			return row, err
		}
	}
	return row, fmt.Errorf("write video %s: %w", row.ID, contract.ErrRowChanged)
}

// opened is the row that expects its upload, nil when it does already, and
// the multipart upload that was begun for it.
func (a *API) opened(ctx context.Context, row contract.VideoRow) (wanted *contract.VideoRow, begun string, err error) {
	changed := row.EncodingStatus != contract.StatusNew || row.PendingWork != contract.WorkUpload
	if changed || row.URLsExpireAt < contract.Time(a.Now().Add(a.URLLife)) {
		awaitUpload(&row, a.expiry())
		changed = true
	}
	if row.PartSize > 0 && row.UploadID == "" {
		if begun, err = a.Multipart.Begin(ctx, row.S3Key, row.ContentType); err != nil {
			return nil, "", fmt.Errorf("begin upload of %s: %w", row.S3Key, err)
		}
		row.UploadID, changed = begun, true
	}
	if !changed {
		return nil, "", nil
	}
	return &row, begun, nil
}

// partsThere are the parts that have arrived whole, by number. When the
// multipart upload is gone and no file is there, another one is begun.
func (a *API) partsThere(ctx context.Context, row contract.VideoRow, after, limit int) (map[int]contract.UploadedPart, contract.VideoRow, error) {
	parts, err := a.Multipart.Parts(ctx, row.S3Key, row.UploadID, after, limit)
	if errors.Is(err, contract.ErrNotFound) {
		if _, err := a.Sources.Source(ctx, row.S3Key); !errors.Is(err, contract.ErrNotFound) {
			if err == nil {
				err = uploadComplete()
			}
			return nil, row, err
		}
		row.UploadID = ""
		row, err = a.open(ctx, row)
		return nil, row, err
	}
	if err != nil {
		return nil, row, fmt.Errorf("list parts of %s: %w", row.S3Key, err)
	}
	return whole(row, parts), row, nil
}

// whole are the parts that are as long as they must be, by number.
func whole(row contract.VideoRow, parts []contract.UploadedPart) map[int]contract.UploadedPart {
	there := map[int]contract.UploadedPart{}
	for _, part := range parts {
		if part.Number <= partCount(row) && part.Size == partBytes(row, part.Number) {
			there[part.Number] = part
		}
	}
	return there
}

func uploadComplete() *contract.Problem {
	return contract.Problemf(contract.CodeUploadComplete, "the file has arrived: nothing is left to upload or to abort; GET /videos/{id} follows its encode, DELETE /videos/{id} deletes it")
}

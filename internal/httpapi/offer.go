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
	row, there, err := a.openUpload(ctx, row, first-1, limit)
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

// openUpload makes sure that a row expects its upload and, where it comes in
// parts, that its multipart upload is there. It returns the parts that have
// arrived whole, by number, from the one after the number given.
func (a *API) openUpload(ctx context.Context, row contract.VideoRow, after, limit int) (contract.VideoRow, map[int]contract.UploadedPart, error) {
	for range tries {
		opened, begun, err := a.open(ctx, row)
		if row = opened; err != nil || row.PartSize == 0 || begun {
			return row, nil, err
		}
		parts, err := a.Multipart.Parts(ctx, row.S3Key, row.UploadID, after, limit)
		if err == nil {
			return row, whole(row, parts), nil
		}
		if !errors.Is(err, contract.ErrNotFound) {
			return row, nil, fmt.Errorf("list parts of %s: %w", row.S3Key, err)
		}
		// The upload is complete, or it is gone and another one begins.
		if _, err := a.lookFor(ctx, row); err == nil {
			return row, nil, uploadComplete()
		} else if !errors.Is(err, contract.ErrNotFound) {
			return row, nil, fmt.Errorf("look for %s: %w", row.S3Key, err)
		}
		row.UploadID = ""
	}
	return row, nil, fmt.Errorf("open upload of video %s: %w", row.ID, contract.ErrRowChanged)
}

// open makes sure that a row expects its upload and, where it comes in parts,
// names a multipart upload; begun says that it was created just now. Of two
// who create one, the loser aborts its own.
func (a *API) open(ctx context.Context, row contract.VideoRow) (opened contract.VideoRow, begun bool, err error) {
	for range tries {
		if arrived(row) {
			return row, false, uploadComplete()
		}
		wanted, created, err := a.opened(ctx, row)
		if err != nil || wanted == nil {
			return row, false, err
		}
		saved, err := a.Rows.Save(ctx, *wanted)
		if err == nil {
			return saved, created != "", nil
		}
		if !errors.Is(err, contract.ErrRowChanged) {
			return row, false, fmt.Errorf("write video %s: %w", row.ID, err)
		}
		if err := wait(ctx); err != nil {
			return row, false, err
		}
		now, err := a.own(ctx, row.ID)
		a.abortUnused(ctx, row.S3Key, created, now, err)
		if row = now; err != nil {
			return row, false, err
		}
	}
	return row, false, fmt.Errorf("write video %s: %w", row.ID, contract.ErrRowChanged)
}

// abortUnused aborts a multipart upload that was created for a row which
// somebody else has changed meanwhile. The row may name it all the same: when
// Save's answer is lost, the SDK's second try finds a change that came
// after the first.
func (a *API) abortUnused(ctx context.Context, key, created string, now contract.VideoRow, err error) {
	var problem *contract.Problem
	known := err == nil || errors.As(err, &problem) // the row could be read
	if created == "" || !known || now.UploadID == created {
		return
	}
	if err := a.Multipart.Abort(ctx, key, created); err != nil {
		a.Log.WarnContext(ctx, "upload left behind", "key", key, "error", err.Error())
	}
}

// opened is the row that expects its upload, nil when it does already, and
// the multipart upload that was begun for it.
func (a *API) opened(ctx context.Context, row contract.VideoRow) (wanted *contract.VideoRow, begun string, err error) {
	if row.EncodingStatus != contract.StatusNew { // it had ended, and opens again
		if err := a.roomForUpload(ctx); err != nil {
			return nil, "", err
		}
	}
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

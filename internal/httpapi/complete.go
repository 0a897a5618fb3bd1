package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
)

// complete puts a file together, once. Whoever comes late, or again, finds the
// file there and is told the same.
func (a *API) complete(ctx context.Context, in *completeIn) (*videoOut, error) {
	row, err := a.own(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var listed []CompletedPart
	if in.Body != nil {
		listed = in.Body.Parts
	}
	request := requestOf(completeUpload, in.IdempotencyKey, listed)
	done, err := carriedOut(row, request)
	if err == nil && !done && !arrived(row) {
		err = a.finish(ctx, row, listed)
	}
	if err == nil && !done {
		row, err = a.awaitPipeline(ctx, row, request)
	}
	if err != nil {
		return nil, err
	}
	return &videoOut{ETag: etagOf(row), Body: VideoAnswer{Video: videoOf(row)}}, nil
}

// finish makes sure that the file is there as it was announced.
func (a *API) finish(ctx context.Context, row contract.VideoRow, listed []CompletedPart) error {
	if row.PartSize == 0 && listed != nil {
		return contract.Problemf(contract.CodeRequestInvalid, "parts are listed, but the file is uploaded with one PUT; leave them out").In("parts")
	}
	if row.PartSize == 0 || row.UploadID == "" {
		return a.uploaded(ctx, row)
	}
	parts, err := a.listParts(ctx, row, listed)
	var problem *contract.Problem
	switch {
	case errors.Is(err, contract.ErrNotFound):
		return a.uploaded(ctx, row)
	case errors.As(err, &problem):
		if _, missing := a.Sources.Source(ctx, row.S3Key); missing == nil { // by an upload before this one
			return a.uploaded(ctx, row)
		}
		return problem
	case err != nil:
		return err
	}
	err = a.Multipart.Complete(ctx, row.S3Key, row.UploadID, parts)
	if err != nil && !errors.Is(err, contract.ErrNotFound) && !errors.Is(err, contract.ErrUploaded) {
		return fmt.Errorf("complete upload of %s: %w", row.S3Key, err)
	}
	return a.uploaded(ctx, row)
}

// listParts returns the parts to put together. While somebody else completes
// the upload they go one by one, so what is missing is listed twice.
func (a *API) listParts(ctx context.Context, row contract.VideoRow, listed []CompletedPart) ([]contract.UploadedPart, error) {
	for look := 1; ; look++ {
		there, err := a.Multipart.Parts(ctx, row.S3Key, row.UploadID, 0, 0)
		if err != nil {
			return nil, fmt.Errorf("list parts of %s: %w", row.S3Key, err)
		}
		parts, err := allParts(row, whole(row, there), listed)
		var problem *contract.Problem
		if !errors.As(err, &problem) || problem.Code != contract.CodePartsMissing || look == 2 {
			return parts, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(betweenLooks):
		}
	}
}

// uploaded is nil when the file is there as it was announced.
func (a *API) uploaded(ctx context.Context, row contract.VideoRow) error {
	source, err := a.lookFor(ctx, row)
	switch {
	case errors.Is(err, contract.ErrNotFound):
		return contract.Problemf(contract.CodeUploadMissing, "the file has not arrived; GET /videos/{id}/upload says how to upload it")
	case err != nil:
		return fmt.Errorf("look for %s: %w", row.S3Key, err)
	case source.Size != row.Size:
		return contract.Problemf(contract.CodeUploadMismatch,
			"the file that has arrived has %d bytes, announced were %d; delete the video and create it again", source.Size, row.Size)
	}
	return nil
}

// arrivalGrace is how long the news of a file that is there may take, before
// sweep starts its execution: S3's event may be lost.
const arrivalGrace = 2 * time.Minute

// awaitPipeline makes the row of a file that is there wait for the pipeline,
// whatever was said of its upload before, and remember the request. Where the
// pipeline has not been heard of, sweep looks soon, not when the URLs expire:
// one write more for each upload.
func (a *API) awaitPipeline(ctx context.Context, row contract.VideoRow, request *contract.RowRequest) (contract.VideoRow, error) {
	if arrived(row) && request == nil {
		return row, nil
	}
	return a.alter(ctx, row.ID, func(row *contract.VideoRow) (bool, error) {
		if done, err := carriedOut(*row, request); done || err != nil {
			return false, err
		}
		changed := request != nil
		*row = withRequest(*row, request, "")
		soon := a.Now().Add(arrivalGrace)
		switch {
		case arrived(*row):
		case row.EncodingStatus != contract.StatusNew:
			awaitUpload(row, soon)
			changed = true
		case row.DueAt > contract.Time(soon):
			row.DueAt = contract.Time(soon)
			changed = true
		}
		return changed, nil
	})
}

// lookFor looks the file up. While somebody else puts its parts together they
// are gone already, and it is not there yet: then it is worth a few looks.
func (a *API) lookFor(ctx context.Context, row contract.VideoRow) (contract.Source, error) {
	for look := 1; ; look++ {
		source, err := a.Sources.Source(ctx, row.S3Key)
		if row.UploadID == "" || !errors.Is(err, contract.ErrNotFound) || look == looks {
			return source, err
		}
		select {
		case <-ctx.Done():
			return source, ctx.Err()
		case <-time.After(betweenLooks):
		}
	}
}

const (
	looks        = 8
	betweenLooks = 250 * time.Millisecond
)

// allParts are the parts to put together: all of them, each as it has arrived,
// and none other than the client lists, where it does.
func allParts(row contract.VideoRow, there map[int]contract.UploadedPart, listed []CompletedPart) ([]contract.UploadedPart, error) {
	if err := checkOrder(row, listed); err != nil {
		return nil, err
	}
	count := partCount(row)
	parts, missing := make([]contract.UploadedPart, 0, count), []int{}
	for number := 1; number <= count; number++ {
		if part, ok := there[number]; ok {
			parts = append(parts, part)
		} else {
			missing = append(missing, number)
		}
	}
	if len(missing) > 0 {
		return nil, contract.Problemf(contract.CodePartsMissing, "of %d parts these have not arrived: %s; GET /videos/{id}/upload has their URLs", count, ranges(missing))
	}
	if listed == nil {
		return parts, nil
	}
	for i, part := range parts {
		field := fmt.Sprintf("parts[%d]", i)
		if i >= len(listed) || int(listed[i].Number) != part.Number {
			return nil, contract.Problemf(contract.CodePartsInvalid, "part %d has arrived and is not listed; list all %d parts, or none", part.Number, count).In(field)
		}
		if etag := strings.Trim(listed[i].ETag, `"`); etag != part.ETag {
			return nil, contract.Problemf(contract.CodePartsInvalid, "part %d has arrived with the ETag %q, listed is %q; upload it again, or list what has arrived",
				part.Number, part.ETag, etag).In(field + ".etag")
		}
	}
	return parts, nil
}

// checkOrder wants each part once, in order, and none beyond the last.
func checkOrder(row contract.VideoRow, listed []CompletedPart) error {
	count, before, seen := partCount(row), 0, map[int]bool{}
	for i, part := range listed {
		number, why := int(part.Number), ""
		switch {
		case number > count:
			why = fmt.Sprintf("part %d is listed, but the last one is %d", number, count)
		case seen[number]:
			why = fmt.Sprintf("part %d is listed twice; list each part once", number)
		case number < before:
			why = fmt.Sprintf("part %d is listed after part %d; list them in order", number, before)
		}
		if why != "" {
			return contract.Problemf(contract.CodePartsInvalid, "%s", why).In(fmt.Sprintf("parts[%d].partNumber", i))
		}
		before, seen[number] = number, true
	}
	return nil
}

// ranges writes numbers for people: 3, 7-9. What goes on too long is cut.
func ranges(numbers []int) string {
	var said []string
	for i := 0; i < len(numbers); {
		end := i
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		text := strconv.Itoa(numbers[i])
		if end > i {
			text += "-" + strconv.Itoa(numbers[end])
		}
		if said = append(said, text); len(said) == 20 && end+1 < len(numbers) {
			return strings.Join(said, ", ") + " and more"
		}
		i = end + 1
	}
	return strings.Join(said, ", ")
}

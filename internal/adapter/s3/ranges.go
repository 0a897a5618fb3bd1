package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/contract"
)

// Open looks the current version of an object up and reads its first bytes, up
// to a limit, both with one GET.
func (b *Bucket) Open(ctx context.Context, key string, limit int) (contract.Object, []byte, error) {
	out, err := b.get(ctx, key, "", 0, limit)
	if errors.Is(err, io.EOF) { // an object without bytes has no range
		object, err := b.Head(ctx, key)
		return object, nil, err
	}
	if err != nil {
		return contract.Object{}, nil, err
	}
	defer out.Body.Close()
	object := contract.Object{
		Key: key, VersionID: aws.ToString(out.VersionId), ETag: strings.Trim(aws.ToString(out.ETag), `"`), Size: aws.ToInt64(out.ContentLength),
	}
	if _, whole, ok := strings.Cut(aws.ToString(out.ContentRange), "/"); ok {
		if object.Size, err = strconv.ParseInt(whole, 10, 64); err != nil {
			return object, nil, fmt.Errorf("read size of s3://%s/%s: %w", b.Name, key, err)
		}
	}
	start := make([]byte, min(object.Size, int64(limit)))
	if _, err := io.ReadFull(out.Body, start); err != nil {
		return object, nil, fmt.Errorf("read s3://%s/%s: %w", b.Name, key, awsbase.Interrupted(err))
	}
	return object, start, nil
}

// Ranges reads parts of one version, each with one GET, but for what lies in
// its first bytes.
func (b *Bucket) Ranges(ctx context.Context, object contract.Object, start []byte) io.ReaderAt {
	return ranges{ctx: ctx, bucket: b, object: object, start: start}
}

// ranges is an io.ReaderAt, whose method has no room for a context.
type ranges struct {
	ctx    context.Context
	bucket *Bucket
	object contract.Object
	start  []byte
}

// get asks for a range; io.EOF says that it begins past the end.
func (b *Bucket) get(ctx context.Context, key, version string, offset int64, length int) (*s3.GetObjectOutput, error) {
	span := fmt.Sprintf("bytes=%d-%d", offset, offset+int64(length)-1)
	out, err := b.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, VersionId: optional(version), Range: &span})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "InvalidRange" {
		return nil, io.EOF
	}
	return out, awsbase.Explain(err)
}

// ReadAt reads what the range has; past the object's end that is less, with
// io.EOF. A body that ends before its own length was interrupted.
func (r ranges) ReadAt(p []byte, offset int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if offset+int64(len(p)) <= int64(len(r.start)) {
		return copy(p, r.start[offset:]), nil
	}
	out, err := r.bucket.get(r.ctx, r.object.Key, r.object.VersionID, offset, len(p))
	if err != nil {
		return 0, err
	}
	defer out.Body.Close()
	n, err := io.ReadFull(out.Body, p)
	switch {
	case err == nil:
		return n, nil
	case (err == io.EOF || err == io.ErrUnexpectedEOF) && int64(n) >= aws.ToInt64(out.ContentLength):
		return n, io.EOF
	case err == io.EOF:
		err = io.ErrUnexpectedEOF // the other means the object's end
	}
	return n, awsbase.Interrupted(err)
}

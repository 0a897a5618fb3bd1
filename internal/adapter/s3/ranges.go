package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
)

// Ranges reads parts of one version, each with one GET.
func (b *Bucket) Ranges(ctx context.Context, key, version string) io.ReaderAt {
	return ranges{ctx: ctx, bucket: b, key: key, version: version}
}

// ranges is an io.ReaderAt, whose method has no room for a context.
type ranges struct {
	ctx          context.Context
	bucket       *Bucket
	key, version string
}

// ReadAt reads what the range has; past the object's end that is less, with
// io.EOF. A body that ends before its own length was interrupted.
func (r ranges) ReadAt(p []byte, offset int64) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	span := fmt.Sprintf("bytes=%d-%d", offset, offset+int64(len(p))-1)
	out, err := r.bucket.Client.GetObject(r.ctx, &s3.GetObjectInput{
		Bucket: &r.bucket.Name, Key: &r.key, VersionId: optional(r.version), Range: &span,
	})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "InvalidRange" { // it begins past the end
		return 0, io.EOF
	}
	if err != nil {
		return 0, awsbase.Explain(err)
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

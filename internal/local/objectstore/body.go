package objectstore

import (
	"errors"
	"io"

	"github.com/versity/versitygw/s3api/middlewares"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
)

// wholeBody reads a body of a known length and fails where it ends early or
// goes on. fasthttp reports a connection that its client gave up as the end of
// the body, and versitygw then stores what came as if it were all: the error
// here is S3's own, since versitygw takes io.ErrUnexpectedEOF for the end, too.
type wholeBody struct {
	r    io.Reader
	left int64 // bytes
}

// Read passes the bytes on.
func (b *wholeBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if b.left < 0 || ended && b.left > 0 {
		// None of this read is passed on: the backend has no room for more
		// than was said.
		return 0, s3err.GetAPIError(s3err.ErrIncompleteBody)
	}
	return n, err
}

// Algorithm is the checksum's of an aws-chunked body with a trailer, as the
// backend asks for it; empty for any other body.
func (b *wholeBody) Algorithm() string {
	if r, ok := b.r.(middlewares.ChecksumReader); ok {
		return r.Algorithm()
	}
	return ""
}

// Checksum is what the trailer said.
func (b *wholeBody) Checksum() string {
	if r, ok := b.r.(middlewares.ChecksumReader); ok {
		return r.Checksum()
	}
	return ""
}

// whole wraps the body of an upload of length bytes. The file of a browser's
// form ends at the form's last boundary, or fails, and its length is known only
// then.
func whole(body io.Reader, length *int64) io.Reader {
	if _, form := body.(utils.MpFileReader); form || body == nil {
		return body
	}
	return &wholeBody{r: body, left: deref(length)}
}

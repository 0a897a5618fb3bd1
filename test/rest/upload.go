package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// An Upload is how to send a video's bytes, as the contract has it.
type Upload struct {
	Type      string            `json:"type"` // single or multipart
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	ExpiresAt string            `json:"expiresAt"`
	PartSize  int64             `json:"partSize"`
	PartCount int               `json:"partCount"`
	Parts     []Part            `json:"parts"`
	NextPart  int               `json:"nextPart"`
}

// A Part is one part of a multipart upload.
type Part struct {
	PartNumber int    `json:"partNumber"`
	URL        string `json:"url,omitempty"`
	ETag       string `json:"etag,omitempty"` // where it has arrived
}

// Upload is the answer's upload; an error where it has none.
func (a Answer) Upload() (Upload, error) {
	var body struct{ Upload *Upload }
	if err := json.Unmarshal([]byte(a.Text), &body); err != nil || body.Upload == nil {
		return Upload{}, fmt.Errorf("the answer has no upload: %s", a)
	}
	return *body.Upload, nil
}

// Put sends a whole video as the upload says; headers are pairs of name and
// value that are sent instead of the upload's own.
func (u Upload) Put(ctx context.Context, content []byte, headers ...string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, u.Method, u.URL, bytes.NewReader(content))
	if err != nil {
		return Answer{}, err
	}
	for name, value := range u.Headers {
		request.Header.Set(name, value)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return Send(request)
}

// PutPart sends one part out of the whole content.
func (u Upload) PutPart(ctx context.Context, part Part, content []byte) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, part.URL, bytes.NewReader(u.Slice(part.PartNumber, content)))
	if err != nil {
		return Answer{}, err
	}
	return Send(request)
}

// Slice is the content of a part.
func (u Upload) Slice(number int, content []byte) []byte {
	from := int64(number-1) * u.PartSize
	return content[from:min(from+u.PartSize, int64(len(content)))]
}

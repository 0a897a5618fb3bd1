package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/vodstack/vodstack/internal/step"
)

// newVideo is what the API wants to know of a video before its upload.
type newVideo struct {
	FileName    string `json:"fileName"`
	ContentType string `json:"contentType"`
	Size        int64  `json:"size"` // bytes
}

// uploadWay is how the API wants a video to be uploaded: in one PUT, or in
// parts.
type uploadWay struct {
	Type    string            `json:"type"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`

	PartSize int64        `json:"partSize"` // bytes
	Parts    []uploadPart `json:"parts"`
	NextPart int          `json:"nextPart"` // 0 on the last page
}

type uploadPart struct {
	PartNumber int    `json:"partNumber"`
	URL        string `json:"url,omitempty"`
	ETag       string `json:"etag,omitempty"`
}

// upload creates the video through the API and sends the file the way that
// the API says.
func (d *demo) upload(ctx context.Context, path string) (apiVideo, error) {
	var made struct {
		Video  apiVideo  `json:"video"`
		Upload uploadWay `json:"upload"`
	}
	file, size, err := openVideo(path)
	if err != nil {
		return made.Video, err
	}
	defer file.Close()
	kind, err := contentType(file)
	if err != nil {
		return made.Video, err
	}
	err = d.api.call(ctx, http.MethodPost, "/videos", newVideo{filepath.Base(path), kind, size}, &made)
	if err != nil {
		return made.Video, d.explain("create the video", err)
	}
	bar := newBar(d.stderr, "upload", size, true)
	var done struct {
		Parts []uploadPart `json:"parts,omitempty"`
	}
	if body := bar.reader(file); made.Upload.Type == "multipart" {
		done.Parts, err = d.sendParts(ctx, made.Video.ID, made.Upload, body, size)
	} else {
		_, err = d.put(ctx, made.Upload.URL, made.Upload.Headers, body, size)
	}
	if err != nil {
		return made.Video, d.explain("upload "+path, err)
	}
	bar.finish()
	err = d.api.call(ctx, http.MethodPost, "/videos/"+made.Video.ID+"/upload/complete", done, &made)
	if err != nil {
		return made.Video, d.explain("complete the upload", err)
	}
	return made.Video, nil
}

// sendParts uploads part after part, a page of URLs at a time.
func (d *demo) sendParts(ctx context.Context, id string, way uploadWay, body io.Reader, size int64) ([]uploadPart, error) {
	var arrived []uploadPart
	for {
		for _, part := range way.Parts {
			length := min(way.PartSize, size-int64(part.PartNumber-1)*way.PartSize)
			etag, err := d.put(ctx, part.URL, nil, io.LimitReader(body, length), length)
			if err != nil {
				return nil, fmt.Errorf("part %d: %w", part.PartNumber, err)
			}
			arrived = append(arrived, uploadPart{PartNumber: part.PartNumber, ETag: etag})
		}
		if way.NextPart == 0 {
			return arrived, nil
		}
		var page struct {
			Upload uploadWay `json:"upload"`
		}
		next := fmt.Sprintf("/videos/%s/upload?part=%d", id, way.NextPart)
		if err := d.api.call(ctx, http.MethodGet, next, nil, &page); err != nil {
			return nil, err
		}
		way = page.Upload
	}
}

// put sends size bytes to a presigned URL, and returns their ETag.
func (d *demo) put(ctx context.Context, url string, headers map[string]string, body io.Reader, size int64) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, body)
	if err != nil {
		return "", err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if request.ContentLength = size; size == 0 {
		request.Body = http.NoBody
	}
	response, err := d.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusInsufficientStorage {
		return "", fmt.Errorf("the disk that holds %s is full: make room, then try again", d.place.home)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("S3 answers %s", response.Status)
	}
	return response.Header.Get("ETag"), nil
}

func openVideo(path string) (*os.File, int64, error) {
	if !step.IsVideoFile(path) {
		return nil, 0, fmt.Errorf("%s does not end like a video that MediaConvert reads (.mp4, .mov, .mkv, …), so it would start nothing: convert or rename it, or choose another file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("the video cannot be opened: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// sniffed is how much of a file its content type is told by, in bytes.
const sniffed = 512

// contentType is what the file's first bytes look like; any video may also
// be announced as plain bytes.
func contentType(file *os.File) (string, error) {
	start := make([]byte, sniffed)
	n, err := file.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("the video cannot be read: %w", err)
	}
	kind := http.DetectContentType(start[:n])
	if strings.HasPrefix(kind, "video/") || strings.HasPrefix(kind, "audio/") {
		return kind, nil
	}
	return "application/octet-stream", nil
}

package mediaconvert

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// probeResult is one entry of Probe's answer: what the file holds, and what
// the storage knows of it.
type probeResult struct {
	*transcode.ProbeResult
	Metadata probeMetadata `json:"metadata"`
}

type probeMetadata struct {
	ETag         string `json:"eTag"`
	FileSize     int64  `json:"fileSize"`
	LastModified int64  `json:"lastModified"` // epoch seconds
	MIMEType     string `json:"mimeType,omitempty"`
}

func (s *Server) probe(r *http.Request) (int, any, error) {
	var request struct {
		InputFiles []struct {
			FileURL string `json:"fileUrl"`
		} `json:"inputFiles"`
	}
	if err := s.decodeChecked(r, "Probe", &request); err != nil {
		return 0, nil, err
	}
	if len(request.InputFiles) == 0 {
		return 0, nil, badRequest("/inputFiles: Should have at least 1 items")
	}
	results := make([]probeResult, len(request.InputFiles))
	for i, file := range request.InputFiles {
		from, err := parseURI(file.FileURL)
		if err != nil {
			return 0, nil, badRequest("/inputFiles/%d/fileUrl: %v", i, err)
		}
		if results[i], err = s.probeOne(r.Context(), from); err != nil {
			return 0, nil, err
		}
	}
	return http.StatusOK, map[string]any{"probeResults": results}, nil
}

func (s *Server) probeOne(ctx context.Context, from location) (probeResult, error) {
	dir, err := s.temporary("probe-")
	if err != nil {
		return probeResult{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "0"+safeExtension(from.Key))
	source, err := s.sources.link(ctx, from, path)
	if err != nil {
		return probeResult{}, probeFault(from, err)
	}
	probed, err := source.describe(ctx, s.Transcoder, path)
	if unreadable, ok := errors.AsType[*transcode.Error](err); ok {
		source.drop()
		return probeResult{}, unprocessable("Unable to open input file [%s]: %s", from, unreadable.Message)
	}
	return probeResult{probed, probeMetadata{
		source.info.ETag, source.info.Size, source.info.LastModified.Unix(), source.info.ContentType,
	}}, err
}

func (s *Server) temporary(pattern string) (string, error) {
	if err := os.MkdirAll(s.scratch(), 0o755); err != nil {
		return "", fmt.Errorf("make scratch space: %w", err)
	}
	dir, err := os.MkdirTemp(s.scratch(), pattern)
	if err != nil {
		return "", fmt.Errorf("make scratch space: %w", err)
	}
	return dir, nil
}

// probeFault is an object that S3 did not give, in the caller's terms: Probe
// reads with the caller's permissions.
func probeFault(from location, err error) error {
	switch {
	case missing(err):
		return notFound("Unable to open input file [%s]: it does not exist (%s).", from, reason(err))
	case denied(err):
		return forbidden("Unable to open input file [%s]: access was denied (%s).", from, reason(err))
	default:
		return err
	}
}

package mediaconvert

import (
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/vodstack/vodstack/internal/local/transcode"
)

// Codes that jobs end with on account of storage, from the service's error
// code page; the transcoder has its own.
const (
	codeDenied   = 1401
	codeMissing  = 1404
	codeDiskFull = 1050
	codeUnknown  = 1999
)

// jobError is how a job ends that cannot be finished.
type jobError struct {
	Code    int
	Message string
}

func (e *jobError) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// asJobError gives every error a code, so that no job ends without one.
func asJobError(err error) *jobError {
	if ours, ok := errors.AsType[*jobError](err); ok {
		return ours
	}
	if encode, ok := errors.AsType[*transcode.Error](err); ok {
		return &jobError{encode.Code, encode.Message}
	}
	if errors.Is(err, syscall.ENOSPC) {
		return &jobError{codeDiskFull, "There is no room on this machine's disk: " + err.Error()}
	}
	return &jobError{codeUnknown, "The job failed: " + err.Error()}
}

// ofMachine tells a failure of this machine, or of its storage, which another
// try may not have, from one of the job.
func ofMachine(err error) bool {
	if encode, ok := errors.AsType[*transcode.Error](err); ok {
		return encode.OfMachine
	}
	return errors.Is(err, syscall.ENOSPC) || statusOf(err) >= http.StatusInternalServerError
}

// inputError is a source that S3 did not give.
func inputError(uri string, err error) error {
	switch {
	case missing(err):
		return &jobError{codeMissing, fmt.Sprintf("Unable to open input file [%s]: it does not exist (%s).", uri, reason(err))}
	case denied(err):
		return &jobError{codeDenied, fmt.Sprintf("Unable to open input file [%s]: access was denied (%s).", uri, reason(err))}
	default:
		return fmt.Errorf("input file [%s]: %w", uri, err)
	}
}

// outputError is an output that S3 did not take.
func outputError(uri string, err error) error {
	switch {
	case missing(err):
		return &jobError{codeMissing, fmt.Sprintf("Unable to write output file [%s]: the bucket does not exist (%s).", uri, reason(err))}
	case denied(err):
		return &jobError{codeDenied, fmt.Sprintf("Unable to write output file [%s]: access was denied (%s).", uri, reason(err))}
	default:
		return fmt.Errorf("output file [%s]: %w", uri, err)
	}
}

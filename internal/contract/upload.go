package contract

import "errors"

// UploadedPart is a part of a multipart upload that has arrived.
type UploadedPart struct {
	Number int
	ETag   string // without quotes
	Size   int64  // bytes
}

// Source is the current version of an uploaded file.
type Source struct {
	Object
	// Archived says that the file is in a storage class that cannot be read
	// until it is restored.
	Archived bool
}

// ErrUploaded says that there is an object already where a multipart upload
// was to be put together.
var ErrUploaded = errors.New("an object is there already")

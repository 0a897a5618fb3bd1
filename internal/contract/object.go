package contract

import "errors"

// Object is one version of an object in a bucket.
type Object struct {
	Key       string
	VersionID string // empty when the bucket keeps no versions
	ETag      string // without quotes
	Size      int64  // bytes
}

// ErrTagsFull says that an object has as many tags as S3 takes.
var ErrTagsFull = errors.New("the object has 10 tags already, and S3 takes no more")

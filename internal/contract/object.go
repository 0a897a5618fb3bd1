package contract

// Object is one version of an object in a bucket.
type Object struct {
	Key       string
	VersionID string // empty when the bucket keeps no versions
	ETag      string // without quotes
	Size      int64  // bytes
}

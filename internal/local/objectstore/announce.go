package objectstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"github.com/vodstack/vodstack/internal/local/events"
)

// AnnounceTag is the bucket tag that switches the events on, as the
// bucket's EventBridge property does in the template.
const AnnounceTag = "vod:eventbridge"

// S3's reasons for an Object Created event.
const (
	reasonPut       = "PutObject"
	reasonPost      = "POST Object"
	reasonCopy      = "CopyObject"
	reasonMultipart = "CompleteMultipartUpload"
)

// announcing sends an event for every object that is created, before the
// client learns that its upload succeeded.
type announcing struct {
	backend.Backend
	region string
	emit   func(events.Event) error
	log    *slog.Logger
	others listsBuckets // nil where the store has every bucket
}

// created is the detail of S3's "Object Created" event. The key is raw, as
// the client sent it.
type created struct {
	Version         string        `json:"version"`
	Bucket          bucketName    `json:"bucket"`
	Object          createdObject `json:"object"`
	RequestID       string        `json:"request-id"`
	Requester       string        `json:"requester"`
	SourceIPAddress string        `json:"source-ip-address"`
	Reason          string        `json:"reason"`
}

type bucketName struct {
	Name string `json:"name"`
}

type createdObject struct {
	Key       string `json:"key"`
	Size      int64  `json:"size"`
	ETag      string `json:"etag"`
	VersionID string `json:"version-id,omitempty"`
	Sequencer string `json:"sequencer"`
}

// PutObject stores an object and announces it.
func (a *announcing) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	wanted, err := a.wanted(ctx, in.Bucket)
	if err != nil {
		return s3response.PutObjectOutput{}, err
	}
	in.Body = whole(in.Body, in.ContentLength)
	out, err := a.Backend.PutObject(ctx, in)
	if err != nil || !wanted {
		return out, err
	}
	size := deref(in.ContentLength)
	if out.Size != nil {
		size = *out.Size
	}
	reason := reasonPut
	if request(ctx).method == fasthttp.MethodPost {
		reason = reasonPost
	}
	return out, a.announce(ctx, in.Bucket, createdObject{
		Key: deref(in.Key), Size: size, ETag: out.ETag, VersionID: out.VersionID,
	}, reason)
}

// UploadPart stores a part, if all of it came.
func (a *announcing) UploadPart(ctx context.Context, in *s3.UploadPartInput) (*s3.UploadPartOutput, error) {
	part := *in
	part.Body = whole(in.Body, in.ContentLength)
	return a.Backend.UploadPart(ctx, &part)
}

// CompleteMultipartUpload joins the parts and announces the object.
func (a *announcing) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	wanted, err := a.wanted(ctx, in.Bucket)
	if err != nil {
		return s3response.CompleteMultipartUploadResult{}, "", err
	}
	out, version, err := a.Backend.CompleteMultipartUpload(ctx, in)
	if err != nil || !wanted {
		return out, version, err
	}
	object := createdObject{Key: deref(in.Key), ETag: deref(out.ETag), VersionID: version}
	if object.Size, err = a.size(ctx, in.Bucket, in.Key, version); err != nil {
		return out, version, err
	}
	return out, version, a.announce(ctx, in.Bucket, object, reasonMultipart)
}

// ListParts lists the parts of an upload. A completion in another request moves
// them away under the listing, which then is empty or short; so the upload has
// to be there afterwards, too. S3 tells such a caller that it is gone.
func (a *announcing) ListParts(ctx context.Context, in *s3.ListPartsInput) (s3response.ListPartsResult, error) {
	out, err := a.Backend.ListParts(ctx, in)
	if err != nil {
		return out, err
	}
	again := *in
	one := int32(1)
	again.MaxParts = &one
	if _, err := a.Backend.ListParts(ctx, &again); err != nil {
		return s3response.ListPartsResult{}, err
	}
	return out, nil
}

// CopyObject copies an object and announces the copy.
func (a *announcing) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	wanted, err := a.wanted(ctx, in.Bucket)
	if err != nil {
		return s3response.CopyObjectOutput{}, err
	}
	out, err := a.Backend.CopyObject(ctx, in)
	if err != nil || !wanted {
		return out, err
	}
	object := createdObject{Key: deref(in.Key), VersionID: deref(out.VersionId)}
	if out.CopyObjectResult != nil {
		object.ETag = deref(out.CopyObjectResult.ETag)
	}
	if object.Size, err = a.size(ctx, in.Bucket, in.Key, object.VersionID); err != nil {
		return out, err
	}
	return out, a.announce(ctx, in.Bucket, object, reasonCopy)
}

// wanted tells whether a bucket announces its objects. It is asked before
// anything is stored: an object that was stored by the time the answer fails
// would be confirmed and never heard of.
func (a *announcing) wanted(ctx context.Context, bucket *string) (bool, error) {
	tags, err := a.GetBucketTagging(ctx, deref(bucket))
	var known s3err.BucketError
	if errors.As(err, &known) && known.Code == s3err.GetAPIError(s3err.ErrBucketTaggingNotFound).Code {
		return false, nil
	}
	return tags[AnnounceTag] != "", err // S3's own errors, such as NoSuchBucket, as they are
}

// announce puts the event on the bus. A failure is the client's, too: it
// tries again, and a repeated event is harmless.
func (a *announcing) announce(ctx context.Context, bucket *string, object createdObject, reason string) error {
	from, name := request(ctx), deref(bucket)
	object.ETag = strings.Trim(object.ETag, `"`)
	object.Sequencer = sequencer()
	detail, err := json.Marshal(created{
		Version: "0", Bucket: bucketName{name}, Object: object, RequestID: from.id,
		Requester: from.requester, SourceIPAddress: from.ip, Reason: reason,
	})
	if err != nil {
		return fmt.Errorf("event for %s/%s: %w", name, object.Key, err)
	}
	err = a.emit(events.Event{
		Source: "aws.s3", DetailType: "Object Created", Detail: detail,
		Resources: []string{"arn:aws:s3:::" + name},
	})
	if err != nil {
		a.log.Error("an upload could not be announced", "bucket", name, "key", object.Key, "error", err)
		return fmt.Errorf("announce %s/%s: %w", name, object.Key, err)
	}
	return nil
}

// size is asked when the object is stored already, so it does not give up
// with the client.
func (a *announcing) size(ctx context.Context, bucket, key *string, version string) (int64, error) {
	in := &s3.HeadObjectInput{Bucket: bucket, Key: key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := a.HeadObject(context.WithoutCancel(ctx), in)
	if err != nil {
		return 0, err
	}
	return deref(out.ContentLength), nil
}

// caller is what an event tells of the request.
type caller struct{ method, id, ip, requester string }

// localAccount is the account that every request here belongs to.
const localAccount = "000000000000"

func request(ctx context.Context) caller {
	from := caller{requester: localAccount, ip: "127.0.0.1"}
	if r, ok := ctx.(*fasthttp.RequestCtx); ok {
		from.method = string(r.Method())
		from.ip = r.RemoteIP().String()
		from.id = string(r.Response.Header.Peek("x-amz-request-id"))
	}
	if from.id == "" {
		from.id = strings.ToUpper(randomHex(8))
	}
	return from
}

var lastSequence atomic.Int64

// sequencer orders events of one key, as S3's does: a longer or
// lexically greater one is later.
func sequencer() string {
	for {
		last := lastSequence.Load()
		next := max(time.Now().UnixNano(), last+1)
		if lastSequence.CompareAndSwap(last, next) {
			return fmt.Sprintf("%018X", next)
		}
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand never fails
	return hex.EncodeToString(b)
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

package mediaconvert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// S3 says where the objects are.
type S3 struct {
	Endpoint  string // with scheme; addressed by path
	AccessKey string
	SecretKey string
}

// location is an s3:// URI, taken apart. The key is raw: percent signs, plus
// signs and leading slashes belong to it.
type location struct{ Bucket, Key string }

func parseURI(uri string) (location, error) {
	rest, isS3 := strings.CutPrefix(uri, "s3://")
	bucket, key, hasKey := strings.Cut(rest, "/")
	if !isS3 || bucket == "" || !hasKey || key == "" {
		return location{}, fmt.Errorf("%q is not s3://bucket/key", uri)
	}
	return location{bucket, key}, nil
}

func (l location) String() string { return "s3://" + l.Bucket + "/" + l.Key }

// objectInfo is what S3 tells of an object without its bytes.
type objectInfo struct {
	Size         int64
	ETag         string // without quotes
	ContentType  string
	LastModified time.Time
}

// objects is the storage that jobs read from and write to.
type objects interface {
	head(ctx context.Context, from location) (objectInfo, error)
	download(ctx context.Context, from location, path string) error
	upload(ctx context.Context, path string, to location, contentType string) error
	close()
}

type s3Objects struct {
	client   *s3.Client
	transfer *transfermanager.Client
	http     *http.Client
}

func newS3Objects(settings S3, region string) *s3Objects {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 2 * uploads
	web := &http.Client{Transport: transport}
	client := s3.New(s3.Options{
		HTTPClient:   web,
		BaseEndpoint: aws.String(settings.Endpoint), UsePathStyle: true, Region: region,
		Credentials: credentials.NewStaticCredentialsProvider(settings.AccessKey, settings.SecretKey, ""),
		// On loopback, checksums of every byte cost more than they find.
		RequestChecksumCalculation:                aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation:                aws.ResponseChecksumValidationWhenRequired,
		DisableLogOutputChecksumValidationSkipped: true,
		APIOptions: []func(*middleware.Stack) error{v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware},
	})
	return &s3Objects{http: web, client: client, transfer: transfermanager.New(client, func(o *transfermanager.Options) {
		o.MultipartUploadThreshold = 64 << 20
		o.PartSizeBytes = 16 << 20
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})}
}

// close lets go of the connections that wait for another request.
func (o *s3Objects) close() { o.http.CloseIdleConnections() }

func (o *s3Objects) head(ctx context.Context, from location) (objectInfo, error) {
	out, err := o.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &from.Bucket, Key: &from.Key})
	if err != nil {
		return objectInfo{}, fmt.Errorf("look at %s: %w", from, err)
	}
	return objectInfo{
		Size: aws.ToInt64(out.ContentLength), ETag: strings.Trim(aws.ToString(out.ETag), `"`),
		ContentType: aws.ToString(out.ContentType), LastModified: aws.ToTime(out.LastModified),
	}, nil
}

// download fetches an object once, in one stream.
func (o *s3Objects) download(ctx context.Context, from location, path string) error {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &from.Bucket, Key: &from.Key})
	if err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	defer out.Body.Close()
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	_, err = io.CopyBuffer(file, out.Body, make([]byte, 1<<20))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	return nil
}

func (o *s3Objects) upload(ctx context.Context, path string, to location, contentType string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	defer file.Close()
	_, err = o.transfer.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &to.Bucket, Key: &to.Key, Body: file, ContentType: &contentType,
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}

// statusOf is the HTTP status that S3 answered with, 0 when it did not.
func statusOf(err error) int {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return answer.HTTPStatusCode()
	}
	return 0
}

// missing says whether S3 told that the object or its bucket isn't there; a
// delete marker answers GET with 404 and, by its own version, with 405.
func missing(err error) bool {
	status := statusOf(err)
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

func denied(err error) bool {
	status := statusOf(err)
	return status == http.StatusForbidden || status == http.StatusUnauthorized
}

// reason is S3's own error code, for a message.
func reason(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return err.Error()
}

package s3_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

func bucket(t *testing.T, reply func(awstest.Call) awstest.Answer) (*awstest.Service, *s3.Bucket) {
	t.Helper()
	s := &awstest.Service{Reply: reply}
	return s, &s3.Bucket{Client: awss3.NewFromConfig(s.Config(t)), Name: "source"}
}

func always(answer awstest.Answer) func(awstest.Call) awstest.Answer {
	return func(awstest.Call) awstest.Answer { return answer }
}

func TestHeadTellsTheCurrentVersion(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Header: map[string]string{"x-amz-version-id": "v1", "ETag": `"abc"`, "Content-Length": "0"}}))
	object, err := b.Head(context.Background(), "/video/a b+c.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if object != (contract.Object{Key: "/video/a b+c.mp4", VersionID: "v1", ETag: "abc"}) {
		t.Errorf("object is %+v", object)
	}
	call := s.Calls()[0]
	if call.Path != "//video/a%20b%2Bc.mp4" || call.Host != "source.s3.eu-central-1.amazonaws.com" {
		t.Errorf("asked %s%s", call.Host, call.Path)
	}
}

func TestABucketAtAnIPAddressIsAddressedByPath(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{}))
	cfg := s.Config(t)
	b.Client = awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:4567") })
	if _, err := b.Head(context.Background(), "/video/a.mp4"); err != nil {
		t.Fatal(err)
	}
	if call := s.Calls()[0]; call.Host != "127.0.0.1:4567" || call.Path != "/source//video/a.mp4" {
		t.Errorf("asked %s%s", call.Host, call.Path)
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	for name, answer := range map[string]awstest.Answer{
		"head":    {Status: 404},
		"key":     {Status: 404, Body: `<Error><Code>NoSuchKey</Code></Error>`},
		"version": {Status: 404, Body: `<Error><Code>NoSuchVersion</Code></Error>`},
	} {
		_, b := bucket(t, always(answer))
		_, err := b.Head(context.Background(), "k")
		_, readErr := b.Read(context.Background(), "k", "v", 10)
		if !errors.Is(err, contract.ErrNotFound) || !errors.Is(readErr, contract.ErrNotFound) {
			t.Errorf("%s: %v, %v", name, err, readErr)
		}
	}
}

func TestBusyAndForbiddenAreToldApart(t *testing.T) {
	for kind, answer := range map[error]awstest.Answer{
		contract.ErrThrottled:   {Status: 503, Body: `<Error><Code>SlowDown</Code></Error>`},
		contract.ErrDenied:      {Status: 403},
		contract.ErrUnavailable: {Status: 500},
	} {
		_, b := bucket(t, always(answer))
		if _, err := b.Head(context.Background(), "k"); !errors.Is(err, kind) {
			t.Errorf("error is %v, want %v", err, kind)
		}
	}
}

func TestReadIsBoundedAndNamesTheVersion(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Body: strings.Repeat("x", 100)}))
	data, err := b.Read(context.Background(), "k", "v1", 10)
	if err != nil || len(data) != 10 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := b.Read(context.Background(), "k", "null", 10); err != nil {
		t.Fatal(err)
	}
	calls := s.Calls()
	if !strings.Contains(calls[0].Query, "versionId=v1") || strings.Contains(calls[1].Query, "versionId") {
		t.Errorf("asked %q, then %q", calls[0].Query, calls[1].Query)
	}
}

func TestRangesReadOnlyWhatIsAskedFor(t *testing.T) {
	s, b := bucket(t, func(call awstest.Call) awstest.Answer {
		if call.Header.Get("Range") == "bytes=90-109" {
			return awstest.Answer{Status: 206, Body: strings.Repeat("e", 10)}
		}
		return awstest.Answer{Status: 206, Body: "abcd"}
	})
	r := b.Ranges(context.Background(), contract.Object{Key: "k", VersionID: "v1"}, []byte("12"))
	if n, err := r.ReadAt(make([]byte, 2), 0); n != 2 || err != nil || len(s.Calls()) > 0 {
		t.Errorf("of the first bytes: read %d, %v, with %d requests", n, err, len(s.Calls()))
	}
	p := make([]byte, 4)
	if n, err := r.ReadAt(p, 3); n != 4 || err != nil || string(p) != "abcd" {
		t.Errorf("read %d %q, %v", n, p, err)
	}
	if n, err := r.ReadAt(make([]byte, 20), 90); n != 10 || err != io.EOF {
		t.Errorf("at the end: read %d, %v", n, err)
	}
	if got := s.Calls()[0]; got.Header.Get("Range") != "bytes=3-6" || !strings.Contains(got.Query, "versionId=v1") {
		t.Errorf("asked for %s of %s", got.Header.Get("Range"), got.Query)
	}
}

func TestARangeThatCouldNotBeReadIsToldFromTheObjectsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		answer awstest.Answer
		want   error
	}{
		"past the end":          {awstest.Answer{Status: 416, Body: `<Error><Code>InvalidRange</Code></Error>`}, io.EOF},
		"at the end":            {awstest.Answer{Status: 206, Header: map[string]string{"Content-Length": "3"}, Body: "abc"}, io.EOF},
		"cut off on the way":    {awstest.Answer{Status: 206, Header: map[string]string{"Content-Length": "9"}, Body: "abc"}, contract.ErrUnavailable},
		"cut off at its start":  {awstest.Answer{Status: 206, Header: map[string]string{"Content-Length": "9"}}, contract.ErrUnavailable},
		"throttled":             {awstest.Answer{Status: 503, Body: `<Error><Code>SlowDown</Code></Error>`}, contract.ErrThrottled},
		"denied":                {awstest.Answer{Status: 403, Body: `<Error><Code>AccessDenied</Code></Error>`}, contract.ErrDenied},
		"a version that's gone": {awstest.Answer{Status: 404, Body: `<Error><Code>NoSuchVersion</Code></Error>`}, contract.ErrNotFound},
	} {
		_, b := bucket(t, always(c.answer))
		_, err := b.Ranges(context.Background(), contract.Object{Key: "k", VersionID: "v1"}, nil).ReadAt(make([]byte, 9), 0)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error is %v, want %v", name, err, c.want)
		}
		if c.want != io.EOF && errors.Is(err, io.EOF) {
			t.Errorf("%s: %v passes for the end", name, err)
		}
	}
}

func TestOpenTellsTheCurrentVersionAndItsFirstBytesWithOneRequest(t *testing.T) {
	whole := contract.Object{Key: "k", VersionID: "v1", ETag: "abc", Size: 1 << 40}
	header := func(length, span string) map[string]string {
		return map[string]string{"x-amz-version-id": "v1", "ETag": `"abc"`, "Content-Length": length, "Content-Range": span}
	}
	for name, c := range map[string]struct {
		answer awstest.Answer
		object contract.Object
		start  string
		err    error
	}{
		"a long object":  {awstest.Answer{Status: 206, Header: header("4", "bytes 0-3/1099511627776"), Body: "abcd"}, whole, "abcd", nil},
		"a short object": {awstest.Answer{Status: 206, Header: header("2", "bytes 0-1/2"), Body: "ab"}, contract.Object{Key: "k", VersionID: "v1", ETag: "abc", Size: 2}, "ab", nil},
		"cut off":        {awstest.Answer{Status: 206, Header: header("4", "bytes 0-3/1099511627776"), Body: "ab"}, whole, "", contract.ErrUnavailable},
		"a size of none": {awstest.Answer{Status: 206, Header: header("4", "bytes 0-3/*"), Body: "abcd"}, contract.Object{Key: "k", VersionID: "v1", ETag: "abc"}, "", strconv.ErrSyntax},
		"gone":           {awstest.Answer{Status: 404, Body: `<Error><Code>NoSuchKey</Code></Error>`}, contract.Object{}, "", contract.ErrNotFound},
	} {
		s, b := bucket(t, always(c.answer))
		object, start, err := b.Open(context.Background(), "k", 4)
		if object != c.object || string(start) != c.start || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %q, %v", name, object, start, err)
		}
		if calls := s.Calls(); len(calls) != 1 || calls[0].Header.Get("Range") != "bytes=0-3" {
			t.Errorf("%s: asked %+v", name, calls)
		}
	}
}

func TestAnObjectWithoutBytesIsOpenedToo(t *testing.T) {
	_, b := bucket(t, func(call awstest.Call) awstest.Answer {
		if call.Method == http.MethodGet {
			return awstest.Answer{Status: 416, Body: `<Error><Code>InvalidRange</Code></Error>`}
		}
		return awstest.Answer{Header: map[string]string{"x-amz-version-id": "v1", "ETag": `"abc"`, "Content-Length": "0"}}
	})
	object, start, err := b.Open(context.Background(), "k", 4)
	if err != nil || len(start) != 0 || object != (contract.Object{Key: "k", VersionID: "v1", ETag: "abc"}) {
		t.Errorf("opened %+v, %q, %v", object, start, err)
	}
}

func TestListKeepsKeysAsTheyAre(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Body: `<ListBucketResult><Contents><Key>g/a b.m3u8</Key><Size>3</Size><ETag>"e"</ETag></Contents></ListBucketResult>`}))
	objects, err := b.List(context.Background(), "g/", 5000)
	if err != nil || len(objects) != 1 || objects[0] != (contract.Object{Key: "g/a b.m3u8", ETag: "e", Size: 3}) {
		t.Errorf("objects are %+v, %v", objects, err)
	}
	if q := s.Calls()[0].Query; !strings.Contains(q, "max-keys=1000") || !strings.Contains(q, "prefix=g%2F") {
		t.Errorf("asked %s", q)
	}
}

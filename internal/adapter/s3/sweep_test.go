package s3_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/objectstore"
	"github.com/vodstack/vodstack/internal/testkit"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

// testdata is absolute: the object store of these tests goes to a folder of
// its own.
var testdata, _ = filepath.Abs("testdata")

// sent are the calls in short, without what each client writes in its own
// way.
func sent(s *awstest.Service) string {
	var lines []string
	for _, call := range s.Calls() {
		query := slices.DeleteFunc(strings.Split(call.Query, "&"), func(p string) bool { return strings.HasPrefix(p, "x-id=") })
		lines = append(lines, strings.TrimSpace(call.Method+" "+call.Path+"?"+strings.Join(query, "&")+" "+call.Body))
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestAllUploadsUnderAPrefixAreAborted(t *testing.T) {
	page := 0
	s, b := bucket(t, func(call awstest.Call) awstest.Answer {
		switch {
		case call.Method == "DELETE" && strings.Contains(call.Query, "uploadId=gone"):
			return awstest.Answer{Status: 404, Body: `<Error><Code>NoSuchUpload</Code></Error>`}
		case call.Method == "DELETE":
			return awstest.Answer{Status: 204}
		}
		page++
		upload := `<Upload><Key>video/i/media.mp4</Key><UploadId>` + []string{"gone", "u+2"}[page-1] + `</UploadId></Upload>`
		return awstest.Answer{Body: fmt.Sprintf(`<ListMultipartUploadsResult><IsTruncated>%v</IsTruncated>%s</ListMultipartUploadsResult>`, page == 1, upload)}
	})
	if err := b.AbortUploads(context.Background(), "video/i/"); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, filepath.Join(testdata, "abort.txt"), sent(s))
}

func TestVersionsAndDeleteMarkersAreToldApart(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Body: `<ListVersionsResult><Version><Key>video/i/a b.mp4</Key><VersionId>v1</VersionId></Version>` +
		`<DeleteMarker><Key>video/i/a b.mp4</Key><VersionId>m1</VersionId></DeleteMarker><Version><Key>video/i/a b.mp4</Key><VersionId>null</VersionId></Version></ListVersionsResult>`}))
	versions, markers, err := b.Versions(context.Background(), "video/i/")
	key := "video/i/a b.mp4"
	if err != nil || !slices.Equal(versions, []contract.Object{{Key: key, VersionID: "v1"}, {Key: key, VersionID: "null"}}) || !slices.Equal(markers, []contract.Object{{Key: key, VersionID: "m1"}}) {
		t.Errorf("versions %v, markers %v, %v", versions, markers, err)
	}
	testkit.Golden(t, filepath.Join(testdata, "versions.txt"), sent(s))
}

func TestVersionsAreRemovedByNameAndObjectsWithout(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Body: `<DeleteResult></DeleteResult>`}))
	objects := []contract.Object{{Key: "a&b", VersionID: "v1"}, {Key: "c"}, {Key: "d", VersionID: "null"}}
	if err := b.Remove(context.Background(), objects); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, filepath.Join(testdata, "remove.txt"), sent(s))
}

func TestAThousandObjectsAreRemovedInOneCall(t *testing.T) {
	s, b := bucket(t, always(awstest.Answer{Body: `<DeleteResult></DeleteResult>`}))
	objects := make([]contract.Object, 2001)
	for i := range objects {
		objects[i].Key = fmt.Sprint(i)
	}
	if err := b.Remove(context.Background(), objects); err != nil {
		t.Fatal(err)
	}
	var counts []int
	for _, call := range s.Calls() {
		counts = append(counts, strings.Count(call.Body, "<Object>"))
	}
	if !slices.Equal(counts, []int{1000, 1000, 1}) {
		t.Errorf("removed %v", counts)
	}
	if err := b.Remove(context.Background(), nil); err != nil || len(s.Calls()) != 3 {
		t.Errorf("removing nothing: %v, %d calls", err, len(s.Calls()))
	}
}

func TestAnObjectThatIsNotRemovedIsAnErrorThoughTheCallWentWell(t *testing.T) {
	_, b := bucket(t, always(awstest.Answer{Body: `<DeleteResult><Error><Key>g/x</Key><Code>AccessDenied</Code><Message>no</Message></Error><Error><Key>g/y</Key><Code>InternalError</Code></Error></DeleteResult>`}))
	err := b.Remove(context.Background(), []contract.Object{{Key: "g/x"}, {Key: "g/y"}})
	if err == nil || err.Error() != "delete s3://source/g/x: AccessDenied: no (and 1 more)" {
		t.Errorf("error is %v", err)
	}
}

func TestWhatS3CouldNotDeleteIsSentAgainAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := 2
		s, b := bucket(t, func(call awstest.Call) awstest.Answer {
			if fails--; fails < 0 {
				return awstest.Answer{Body: `<DeleteResult></DeleteResult>`}
			}
			return awstest.Answer{Body: `<DeleteResult><Error><Key>g/y</Key><VersionId>v1</VersionId><Code>` + []string{"SlowDown", "InternalError"}[fails] + `</Code></Error></DeleteResult>`}
		})
		began := time.Now()
		if err := b.Remove(context.Background(), []contract.Object{{Key: "g/x"}, {Key: "g/y", VersionID: "v1"}}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took == 0 || took > 3*time.Second {
			t.Errorf("took %s", took)
		}
		calls := s.Calls()
		if len(calls) != 3 || strings.Contains(calls[1].Body, "g/x") || !strings.Contains(calls[2].Body, "<Key>g/y</Key><VersionId>v1</VersionId>") {
			t.Errorf("%d calls: %+v", len(calls), calls)
		}
	})
}

func TestWhatS3CannotDeleteNowIsGivenUpAfterAFewTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := bucket(t, always(awstest.Answer{Body: `<DeleteResult><Error><Key>g/y</Key><Code>SlowDown</Code></Error></DeleteResult>`}))
		began := time.Now()
		err := b.Remove(context.Background(), []contract.Object{{Key: "g/y"}})
		if took := time.Since(began); !errors.Is(err, contract.ErrThrottled) || len(s.Calls()) != 4 || took == 0 || took > 7*time.Second {
			t.Errorf("error is %v after %d calls in %s", err, len(s.Calls()), took)
		}
	})
}

func TestClearTellsHowManyItHasDeleted(t *testing.T) {
	empty := false
	s, b := bucket(t, func(call awstest.Call) awstest.Answer {
		switch {
		case call.Method == "POST":
			return awstest.Answer{Body: `<DeleteResult></DeleteResult>`}
		case empty:
			return awstest.Answer{Body: `<ListBucketResult></ListBucketResult>`}
		}
		return awstest.Answer{Body: `<ListBucketResult><Contents><Key>g/a</Key></Contents><Contents><Key>g/b</Key></Contents></ListBucketResult>`}
	})
	for _, want := range []int{2, 0} {
		empty = want == 0
		if n, err := b.Clear(context.Background(), "g/"); n != want || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
	}
	testkit.Golden(t, filepath.Join(testdata, "clear.txt"), sent(s))
	_, b = bucket(t, always(awstest.Answer{Status: 503, Body: `<Error><Code>SlowDown</Code></Error>`}))
	if _, err := b.Clear(context.Background(), "g/"); !errors.Is(err, contract.ErrThrottled) {
		t.Errorf("error is %v", err)
	}
}

// onMachine is a bucket in the machine's object store.
func onMachine(t *testing.T, versioned bool) *s3.Bucket {
	t.Helper()
	b := &s3.Bucket{Client: storeClient(), Name: "sweep-" + uuid.NewString()}
	if err := objectstore.PrepareBucket(context.Background(), b.Client, objectstore.Bucket{Name: b.Name, Versioned: versioned}); err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t *testing.T, b *s3.Bucket, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if _, err := b.Client.PutObject(context.Background(), &awss3.PutObjectInput{Bucket: &b.Name, Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOnOneMachineAllVersionsOfOneVideoAreRemovedAndNothingElse(t *testing.T) {
	ctx, b := context.Background(), onMachine(t, true)
	put(t, b, "video/i/media.mp4", "video/i/media.mp4", "video/i/media.json", "video/ii/media.mp4")
	gone := aws.String("video/i/media.mp4")
	if _, err := b.Client.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &b.Name, Key: gone}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"video/i/media.mp4", "video/ii/media.mp4"} {
		if _, err := b.Client.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: &b.Name, Key: &key}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing left to do
		if err := b.AbortUploads(ctx, "video/i/"); err != nil {
			t.Fatal(err)
		}
	}
	versions, markers, err := b.Versions(ctx, "video/i/")
	if err != nil || len(versions) != 3 || len(markers) != 1 {
		t.Fatalf("versions %v, markers %v, %v", versions, markers, err)
	}
	for range 2 {
		if err := b.Remove(ctx, slices.Concat(versions, markers)); err != nil {
			t.Fatal(err)
		}
	}
	if versions, markers, err = b.Versions(ctx, "video/i/"); err != nil || len(versions)+len(markers) != 0 {
		t.Errorf("left are %v and %v, %v", versions, markers, err)
	}
	if versions, _, err = b.Versions(ctx, ""); err != nil || len(versions) != 1 || versions[0].Key != "video/ii/media.mp4" {
		t.Errorf("left elsewhere are %v, %v", versions, err)
	}
	unfinished, err := b.Client.ListMultipartUploads(ctx, &awss3.ListMultipartUploadsInput{Bucket: &b.Name})
	if err != nil || len(unfinished.Uploads) != 1 || *unfinished.Uploads[0].Key != "video/ii/media.mp4" {
		t.Errorf("unfinished are %+v, %v", unfinished, err)
	}
}

func TestOnOneMachineOutputsAreClearedWithoutVersions(t *testing.T) {
	ctx, b := context.Background(), onMachine(t, false)
	put(t, b, "g/cmaf/a.m3u8", "g/cmaf/a b+&.mp4", "g/mp4/a.mp4", "gg/a.mp4")
	for _, want := range []int{3, 0} {
		if n, err := b.Clear(ctx, "g/"); n != want || err != nil {
			t.Errorf("%d deleted, want %d: %v", n, want, err)
		}
	}
	if objects, err := b.List(ctx, "", 10); err != nil || len(objects) != 1 || objects[0].Key != "gg/a.mp4" {
		t.Errorf("left are %v, %v", objects, err)
	}
}

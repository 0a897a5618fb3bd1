package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/vodstack/vodstack/internal/adapter/awsbase"
	"github.com/vodstack/vodstack/internal/adapter/s3"
	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/local/events"
	"github.com/vodstack/vodstack/internal/local/objectstore"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
)

// store is the machine's object store; one serves all tests, since there can
// be one in a process.
var store *objectstore.Gateway

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "uploads")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	address := l.Addr().String()
	l.Close()
	store = &objectstore.Gateway{
		Address: address, Dir: dir, Region: "eu-central-1", AccessKey: "000000000000", SecretKey: "test",
		Emit: func(events.Event) error { return nil }, Log: slog.New(slog.DiscardHandler),
	}
	if err := store.Initialize(); err != nil {
		panic(err)
	}
	defer store.Close()
	if err := objectstore.PrepareBucket(context.Background(), storeClient(), objectstore.Bucket{Name: "source", Versioned: true}); err != nil {
		panic(err)
	}
	return m.Run()
}

func storeClient(change ...func(*awss3.Options)) *awss3.Client {
	client := objectstore.Client("http://"+store.Address, store.Region, store.AccessKey, store.SecretKey)
	return awss3.New(client.Options(), change...)
}

// uploads are those of the machine's object store.
func uploads() *s3.Uploads {
	return &s3.Uploads{Client: storeClient(s3.SignWhatIsTold), Name: "source"}
}

func newKey() string { return contract.SourceKey(uuid.NewString(), "mp4") }

// send PUTs a body, and returns the status, the ETag and what was said.
func send(t *testing.T, url, body string, header map[string]string) (status int, etag, said string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPut, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.Trim(resp.Header.Get("ETag"), `"`), string(text)
}

var asSigned = map[string]string{"Content-Type": "video/mp4", "If-None-Match": "*"}

func TestAPresignedPutTakesWhatItIsSignedForAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		header map[string]string
		status int
	}{
		"as signed":            {"twelve bytes", asSigned, 200},
		"longer":               {"twelve bytes and more", asSigned, 403},
		"shorter":              {"twelve", asSigned, 403},
		"empty":                {"", asSigned, 403},
		"another content type": {"twelve bytes", map[string]string{"Content-Type": "text/html", "If-None-Match": "*"}, 403},
		"no content type":      {"twelve bytes", map[string]string{"If-None-Match": "*"}, 403},
		"no If-None-Match":     {"twelve bytes", map[string]string{"Content-Type": "video/mp4"}, 403},
		"another condition":    {"twelve bytes", map[string]string{"Content-Type": "video/mp4", "If-None-Match": `"x"`}, 403},
	} {
		key := newKey()
		url, err := uploads().SignPut(t.Context(), key, "video/mp4", 12, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		status, _, said := send(t, url, c.body, c.header)
		if status != c.status {
			t.Errorf("%s: %d, want %d: %s", name, status, c.status, said)
		}
		_, err = uploads().Source(t.Context(), key)
		if there := err == nil; there != (c.status == 200) {
			t.Errorf("%s: object is there: %v (%v)", name, there, err)
		}
	}
}

func TestAPresignedPutNeverOverwrites(t *testing.T) {
	key := newKey()
	url, err := uploads().SignPut(t.Context(), key, "video/mp4", 3, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, said := send(t, url, "one", asSigned); status != 200 {
		t.Fatalf("%d: %s", status, said)
	}
	if status, _, said := send(t, url, "two", asSigned); status != 412 {
		t.Errorf("a second upload: %d, want 412: %s", status, said)
	}
	if data, err := (&s3.Bucket{Client: storeClient(), Name: "source"}).Read(t.Context(), key, "", 10); err != nil || string(data) != "one" {
		t.Errorf("the object holds %q, %v", data, err)
	}
}

func TestAPresignedPutIsForOneKeyAndExpires(t *testing.T) {
	key, other := newKey(), newKey()
	url, err := uploads().SignPut(t.Context(), key, "video/mp4", 3, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, said := send(t, strings.Replace(url, key, other, 1), "one", asSigned); status != 403 {
		t.Errorf("to another key: %d, want 403: %s", status, said)
	}
	time.Sleep(2100 * time.Millisecond)
	if status, _, said := send(t, url, "one", asSigned); status != 403 {
		t.Errorf("after it has expired: %d, want 403: %s", status, said)
	}
}

const partSize = 5 << 20

func TestAMultipartUploadIsBegunListedAndPutTogether(t *testing.T) {
	u, key := uploads(), newKey()
	id, err := u.Begin(t.Context(), key, "video/mp4")
	if err != nil {
		t.Fatal(err)
	}
	if parts, err := u.Parts(t.Context(), key, id, 0, 0); err != nil || len(parts) != 0 {
		t.Errorf("before the first part: %v, %v", parts, err)
	}
	want := []contract.UploadedPart{{Number: 1, Size: partSize}, {Number: 2, Size: partSize}, {Number: 3, Size: 4}}
	for _, i := range []int{2, 0, 1} {
		body := strings.Repeat(strconv.Itoa(i), int(want[i].Size))
		url, err := u.SignPart(t.Context(), key, id, want[i].Number, want[i].Size, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []string{body[1:], body + "x"} {
			if len(body) == partSize {
				break // a long body that is refused ends in a broken connection
			}
			if status, _, said := send(t, url, wrong, nil); status != 403 {
				t.Errorf("part of a wrong length: %d, want 403: %s", status, said)
			}
		}
		status, etag, said := send(t, url, body, nil)
		if status != 200 {
			t.Fatalf("part %d: %d: %s", i, status, said)
		}
		want[i].ETag = etag
	}
	for after, count := range map[int]int{0: 3, 1: 2, 2: 1, 3: 0} {
		parts, err := u.Parts(t.Context(), key, id, after, 0)
		if err != nil || len(parts) != count || count > 0 && parts[0] != want[after] {
			t.Errorf("parts after %d: %+v, %v; want %+v", after, parts, err, want[after:])
		}
	}
	if err := u.Complete(t.Context(), key, id, want); err != nil {
		t.Fatal(err)
	}
	source, err := u.Source(t.Context(), key)
	if err != nil || source.Size != 2*partSize+4 || source.VersionID == "" || source.Archived {
		t.Errorf("source is %+v, %v", source, err)
	}
	if _, err := u.Parts(t.Context(), key, id, 0, 0); !errors.Is(err, contract.ErrNotFound) {
		t.Errorf("parts of an upload that is complete: %v", err)
	}
	// S3 may confirm it again, or say that it is gone.
	if err := u.Complete(t.Context(), key, id, want); err != nil && !errors.Is(err, contract.ErrNotFound) && !errors.Is(err, contract.ErrUploaded) {
		t.Errorf("complete again: %v", err)
	}
	if err := u.Abort(t.Context(), key, id); err != nil {
		t.Errorf("abort after it is complete: %v", err)
	}
}

func TestAnUploadThatIsAbortedIsGone(t *testing.T) {
	u, key := uploads(), newKey()
	id, err := u.Begin(t.Context(), key, "video/mp4")
	if err != nil {
		t.Fatal(err)
	}
	url, err := u.SignPart(t.Context(), key, id, 1, 3, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := u.Abort(t.Context(), key, id); err != nil {
			t.Errorf("abort: %v", err)
		}
	}
	if _, err := u.Parts(t.Context(), key, id, 0, 0); !errors.Is(err, contract.ErrNotFound) {
		t.Errorf("parts: %v", err)
	}
	if status, _, said := send(t, url, "one", nil); status != 404 {
		t.Errorf("a part of it: %d, want 404: %s", status, said)
	}
}

func TestPuttingTogetherNeverOverwrites(t *testing.T) {
	u, key := uploads(), newKey()
	id, err := u.Begin(t.Context(), key, "video/mp4")
	if err != nil {
		t.Fatal(err)
	}
	url, err := u.SignPart(t.Context(), key, id, 1, 5, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, etag, _ := send(t, url, "parts", nil)
	if url, err = u.SignPut(t.Context(), key, "video/mp4", 5, time.Hour); err != nil {
		t.Fatal(err)
	}
	send(t, url, "whole", asSigned)
	if err := u.Complete(t.Context(), key, id, []contract.UploadedPart{{Number: 1, ETag: etag, Size: 5}}); !errors.Is(err, contract.ErrUploaded) {
		t.Errorf("error is %v, want %v", err, contract.ErrUploaded)
	}
	data, err := (&s3.Bucket{Client: storeClient(), Name: "source"}).Read(t.Context(), key, "", 10)
	if err != nil || !bytes.Equal(data, []byte("whole")) {
		t.Errorf("the object holds %q, %v", data, err)
	}
}

func TestAnArchivedFileIsToldFromOneThatCanBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		header   map[string]string
		archived bool
	}{
		"standard":         {nil, false},
		"infrequent":       {map[string]string{"x-amz-storage-class": "STANDARD_IA"}, false},
		"instant":          {map[string]string{"x-amz-storage-class": "GLACIER_IR"}, false},
		"glacier":          {map[string]string{"x-amz-storage-class": "GLACIER"}, true},
		"deep archive":     {map[string]string{"x-amz-storage-class": "DEEP_ARCHIVE"}, true},
		"being restored":   {map[string]string{"x-amz-storage-class": "GLACIER", "x-amz-restore": `ongoing-request="true"`}, true},
		"restored":         {map[string]string{"x-amz-storage-class": "GLACIER", "x-amz-restore": `ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"`}, false},
		"archived by tier": {map[string]string{"x-amz-storage-class": "INTELLIGENT_TIERING", "x-amz-archive-status": "DEEP_ARCHIVE_ACCESS"}, true},
	} {
		s := &awstest.Service{Reply: always(awstest.Answer{Header: c.header})}
		source, err := s3.NewUploads(s.Config(t), "source").Source(t.Context(), "k")
		if err != nil || source.Archived != c.archived {
			t.Errorf("%s: archived %v, %v", name, source.Archived, err)
		}
	}
}

func TestWhatS3SaysOfAnUploadHasTheContractsWords(t *testing.T) {
	for code, want := range map[string]error{
		"NoSuchUpload": contract.ErrNotFound, "PreconditionFailed": contract.ErrUploaded, "InvalidPart": contract.ErrUnavailable,
		"ConditionalRequestConflict": contract.ErrUnavailable, "SlowDown": contract.ErrThrottled, "AccessDenied": contract.ErrDenied,
	} {
		s := &awstest.Service{Reply: always(awstest.Answer{Status: 400, Body: "<Error><Code>" + code + "</Code></Error>"})}
		u := s3.NewUploads(s.Config(t), "source")
		if err := u.Complete(t.Context(), "k", "u", nil); !errors.Is(err, want) {
			t.Errorf("%s is %v, want %v", code, err, want)
		}
		if err := u.Abort(t.Context(), "k", "u"); (err == nil) != (code == "NoSuchUpload") {
			t.Errorf("abort after %s: %v", code, err)
		}
	}
}

func TestAllPagesOfPartsAreRead(t *testing.T) {
	s := &awstest.Service{Reply: func(call awstest.Call) awstest.Answer {
		if strings.Contains(call.Query, "part-number-marker=0") {
			return awstest.Answer{Body: `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>2</NextPartNumberMarker><Part><PartNumber>1</PartNumber><ETag>"a"</ETag><Size>5</Size></Part><Part><PartNumber>2</PartNumber></Part></ListPartsResult>`}
		}
		return awstest.Answer{Body: `<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>3</PartNumber></Part></ListPartsResult>`}
	}}
	u := s3.NewUploads(s.Config(t), "source")
	parts, err := u.Parts(t.Context(), "k", "u", 0, 0)
	if err != nil || len(parts) != 3 || parts[0] != (contract.UploadedPart{Number: 1, ETag: "a", Size: 5}) || parts[2].Number != 3 {
		t.Errorf("parts are %+v, %v", parts, err)
	}
	if parts, err := u.Parts(t.Context(), "k", "u", 0, 2); err != nil || len(parts) != 2 || len(s.Calls()) != 3 {
		t.Errorf("a page: %+v, %v, %d calls", parts, err, len(s.Calls()))
	}
}

func TestPuttingPartsTogetherMayTakeLongerThanOtherCalls(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(400 * time.Millisecond)
		_, _ = w.Write([]byte(`<CompleteMultipartUploadResult/>`))
	}))
	defer slow.Close()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL_S3": slow.URL,
	} {
		t.Setenv(name, value)
	}
	cfg, err := awsbase.Config(context.Background(), 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	uploads := s3.NewUploads(cfg, "source")
	if err := uploads.Complete(context.Background(), "k", "u", []contract.UploadedPart{{Number: 1, ETag: "e"}}); err != nil {
		t.Errorf("complete: %v", err)
	}
	if _, err := uploads.Begin(context.Background(), "k", "video/mp4"); !errors.Is(err, contract.ErrUnavailable) {
		t.Errorf("another call waits as long: %v", err)
	}
}

package objectstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const foreignBucket = "stack-of-another"

// controlPlane stands in for the control plane's S3.
type controlPlane struct {
	server *httptest.Server
	mu     sync.Mutex
	answer http.HandlerFunc
	verify func(*http.Request) error
}

var others = newControlPlane()

func newControlPlane() *controlPlane {
	c := new(controlPlane)
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		answer := c.answer
		c.mu.Unlock()
		switch {
		case r.Method == http.MethodGet && r.URL.Path == "/":
			fmt.Fprintf(w, `<ListAllMyBucketsResult><Buckets><Bucket><Name>%s</Name></Bucket><Bucket><Name>%s</Name></Bucket></Buckets></ListAllMyBucketsResult>`, foreignBucket, testBucket)
		case answer != nil:
			answer(w, r)
		default:
			http.Error(w, `<Error><Code>NoSuchBucket</Code></Error>`, http.StatusNotFound)
		}
	}))
	return c
}

func (c *controlPlane) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", c.server.Listener.Addr().String())
}

func (c *controlPlane) check(r *http.Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.verify == nil {
		return nil
	}
	return c.verify(r)
}

// answers sets what the control plane does during a test.
func (c *controlPlane) answers(t *testing.T, answer http.HandlerFunc) {
	c.mu.Lock()
	c.answer = answer
	c.mu.Unlock()
	t.Cleanup(func() {
		c.mu.Lock()
		c.answer, c.verify = nil, nil
		c.mu.Unlock()
	})
}

func foreignURL(rest string) string {
	return fmt.Sprintf("http://%s/%s/%s", store.Address, foreignBucket, rest)
}

func TestABucketThatOnlyTheControlPlaneHasIsServedAsItIsAsked(t *testing.T) {
	type seen struct {
		method, host, uri, body, check string
		length                         int64
	}
	var got seen
	others.answers(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, r.Host, r.RequestURI, string(body), r.Header.Get("X-Amz-Meta-Check") + r.Header.Get("If-None-Match"), r.ContentLength}
		w.Header().Set("ETag", `"e"`)
		w.Header().Set("Content-Type", "video/mp4")
		w.Header().Set("X-Amz-Request-Id", "theirs")
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "12345")
			return
		}
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = io.WriteString(w, "their answer")
	})
	for method, want := range map[string]struct {
		body, answer string
		status       int
		length       int64
	}{
		"PUT": {"their bytes", "their answer", 200, 12}, "GET": {"", "their answer", 200, 12},
		"HEAD": {"", "", 200, 12345}, "DELETE": {"", "", 204, 0}, "POST": {"<x/>", "their answer", 200, 12},
	} {
		req, _ := http.NewRequest(method, foreignURL("a%20b/%C3%BC%2Fc+d?versionId=1&x-id=Y&list-type=2"), strings.NewReader(want.body))
		req.Header.Set("X-Amz-Meta-Check", "kept")
		req.Header.Set("If-None-Match", "*")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != want.status || string(answer) != want.answer || max(resp.ContentLength, 0) != want.length || resp.Header.Get("Etag") != `"e"` ||
			resp.Header.Get("Content-Type") != "video/mp4" || !slices.Equal(resp.Header.Values("X-Amz-Request-Id"), []string{"theirs"}) {
			t.Errorf("%s is answered %s %q of %d with %v (%v)", method, resp.Status, answer, resp.ContentLength, resp.Header, err)
		}
		wanted := seen{method, store.Address, "/" + foreignBucket + "/a%20b/%C3%BC%2Fc+d?versionId=1&x-id=Y&list-type=2", want.body, "kept*", int64(len(want.body))}
		if got != wanted {
			t.Errorf("the control plane sees %+v, want %+v", got, wanted)
		}
	}
}

func TestABucketOfTheStoreIsTheStoresOwn(t *testing.T) {
	others.answers(t, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the control plane is asked %s %s", r.Method, r.URL)
	})
	put(t, quietBucket, "ours.txt", "ours")
	if err := PrepareBucket(t.Context(), client, Bucket{Name: quietBucket}); err != nil {
		t.Error(err)
	}
	if err := PrepareBucket(t.Context(), client, Bucket{Name: "made-by-a-deploy"}); err != nil {
		t.Error(err)
	}
	put(t, "made-by-a-deploy", "ours.txt", "ours")
}

func TestAnApplicationsNewBucketIsTheControlPlanes(t *testing.T) {
	var made string
	others.answers(t, func(_ http.ResponseWriter, r *http.Request) { made = r.Method + " " + r.URL.Path })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("my-templates")}); err != nil {
		t.Error(err)
	}
	if made != "PUT /my-templates" {
		t.Errorf("the control plane was asked %q", made)
	}
}

func TestABucketMayBeNamedInTheHost(t *testing.T) {
	var got string
	others.answers(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Host + r.RequestURI
		_, _ = io.WriteString(w, "theirs")
	})
	_, port, _ := net.SplitHostPort(store.Address)
	put(t, quietBucket, "a/hosted file.txt", "ours")
	for bucket, want := range map[string]string{quietBucket: "ours", foreignBucket: "theirs"} {
		host := bucket + ".localhost:" + port
		req := presignedGet(t, "http://"+host+"/a/hosted%20file.txt")
		req.URL.Host = store.Address
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(answer) != want {
			t.Errorf("%s: %s %s", host, resp.Status, answer)
		}
	}
	if want := foreignBucket + ".localhost:" + port + "/" + foreignBucket + "/a/hosted%20file.txt?"; !strings.HasPrefix(got, want) {
		t.Errorf("the control plane sees %s, want %s…", got, want)
	}
}

func TestTheAccountsBucketsAreThoseOfBothSides(t *testing.T) {
	for _, atOnce := range []int32{1000, 2} {
		names := listBuckets(t, atOnce)
		if !slices.IsSorted(names) || !slices.Contains(names, foreignBucket) || !slices.Contains(names, quietBucket) {
			t.Errorf("%d at once, the buckets are %v", atOnce, names)
		}
		if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) {
			t.Errorf("%d at once, a bucket is there twice: %v", atOnce, names)
		}
	}
}

func listBuckets(t *testing.T, atOnce int32) (names []string) {
	t.Helper()
	in := &s3.ListBucketsInput{MaxBuckets: &atOnce}
	for {
		out, err := client.ListBuckets(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range out.Buckets {
			names = append(names, *b.Name)
		}
		if in.ContinuationToken = out.ContinuationToken; in.ContinuationToken == nil {
			return names
		}
	}
}

func TestAnUploadToTheControlPlaneThatIsCutArrivesCut(t *testing.T) {
	ended := make(chan error, 1)
	others.answers(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	})
	body := testBody(cutSize)
	for end, cut := range senders {
		for _, share := range []int{1, 50, 99} {
			req := newUpload(t, foreignURL("cut.bin"), body)
			head, sent := onTheWire(t, req)
			cut(t, append(head, sent[:len(sent)*share/100]...))
			<-entrance.done
			if err := <-ended; err == nil {
				t.Errorf("%s at %d %%: the control plane takes it for whole", end, share)
			}
		}
	}
	if status := sendWhole(t, newUpload(t, foreignURL("cut.bin"), body)); status != http.StatusOK {
		t.Errorf("sent again: %d", status)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A server may answer before it has the body, and its client may then wait for
// the answer before it goes on.
func TestAnAnswerBeforeTheBodysEndReachesTheClient(t *testing.T) {
	others.answers(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	head, sent := onTheWire(t, newUpload(t, foreignURL("early.bin"), testBody(cutSize)))
	conn := send(t, append(head, sent[:100_000]...))
	defer conn.Close()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("the answer is %v, %v", resp, err)
	}
	<-entrance.done
}

func TestLargeObjectsOfTheControlPlaneDoNotFillMemory(t *testing.T) {
	const size = 256 << 20
	var got int64
	others.answers(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.CopyN(w, zeros{}, size)
			return
		}
		got, _ = io.Copy(io.Discard, r.Body)
	})
	before := peakMemory(t)
	req, _ := http.NewRequest(http.MethodPut, foreignURL("large.bin"), io.LimitReader(zeros{}, size))
	req.ContentLength = size
	if status := sendWhole(t, req); status != http.StatusOK || got != size {
		t.Errorf("%d, the control plane has %d bytes", status, got)
	}
	resp, err := http.Get(foreignURL("large.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, resp.Body); n != size || err != nil {
		t.Errorf("%d bytes came back (%v)", n, err)
	}
	if grown := peakMemory(t) - before; grown > 64<<20 {
		t.Errorf("256 MiB made the process %d MiB larger", grown>>20)
	}
}

func TestARequestThatTheControlPlaneWouldNotTakeIsRefused(t *testing.T) {
	others.answers(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("it is asked %s", r.URL) })
	others.mu.Lock()
	others.verify = func(*http.Request) error { return errors.New("no signature") }
	others.mu.Unlock()
	resp, err := http.Get(foreignURL("x"))
	if err != nil {
		t.Fatal(err)
	}
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusForbidden || !bytes.Contains(answer, []byte("AccessDenied")) {
		t.Errorf("the answer is %s %s", resp.Status, answer)
	}
}

// The CDK's signatures are of the length, too.
func TestWhoVerifiesASignatureIsToldTheBodysLength(t *testing.T) {
	others.answers(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	told := int64(-1)
	others.mu.Lock()
	others.verify = func(r *http.Request) error { told = r.ContentLength; return nil }
	others.mu.Unlock()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, foreignURL("a"), strings.NewReader("12345"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if told != 5 || resp.StatusCode != http.StatusOK {
		t.Errorf("told %d bytes, answered %s", told, resp.Status)
	}
}

func TestAControlPlaneThatIsAwayIsSaid(t *testing.T) {
	others.answers(t, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	if status := sendWhole(t, newUpload(t, foreignURL("x"), testBody(10))); status != http.StatusInternalServerError {
		t.Errorf("the answer is %d", status)
	}
}

func presignedGet(t *testing.T, target string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, target+"?X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, _, err := newSigner().PresignHTTP(t.Context(), keys(t), req, "UNSIGNED-PAYLOAD", "s3", store.Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	req, err = http.NewRequest(http.MethodGet, signed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

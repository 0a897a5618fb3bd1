package objectstore

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/md5" // S3's own Content-MD5
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// cutSize is such that even a hundredth of it is more than fasthttp reads
// before it calls the first handler.
const cutSize = 1 << 20

// watchHeader marks the requests that the tests follow through the gateway.
const watchHeader = "X-Watch"

// door is the gateway's guard in the tests: it tells when a marked request is
// let in, and when all of its work is done.
type door struct{ in, done chan struct{} }

var entrance = door{make(chan struct{}, 16), make(chan struct{}, 16)}

func (d door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Refuse") != "" {
			w.Header().Set("X-Guard", "refused")
			http.Error(w, "not through this door", http.StatusForbidden)
			return
		}
		w.Header().Set("X-Guard", "admitted")
		watched := r.Header.Get(watchHeader) != ""
		if watched {
			d.in <- struct{}{}
		}
		next.ServeHTTP(w, r)
		if watched {
			d.done <- struct{}{}
		}
	})
}

// A sender writes what it is given to the gateway and ends the connection in
// its own way as soon as the gateway is at work on it.
var senders = map[string]func(t *testing.T, wire []byte){
	"FIN":        func(t *testing.T, wire []byte) { send(t, wire).Close() },
	"RST":        sendAndReset,
	"half-close": sendAndHalfClose,
	"killed":     sendFromKilledProcess,
}

func send(t *testing.T, wire []byte) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", store.Address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(wire); err != nil {
		t.Fatal(err)
	}
	<-entrance.in
	return conn.(*net.TCPConn)
}

func sendAndReset(t *testing.T, wire []byte) {
	conn := send(t, wire)
	_ = conn.SetLinger(0)
	conn.Close()
}

func sendAndHalfClose(t *testing.T, wire []byte) {
	conn := send(t, wire)
	defer conn.Close()
	_ = conn.CloseWrite()
	from := bufio.NewReader(conn)
	resp, err := http.ReadResponse(from, nil)
	if err == nil && resp.StatusCode == http.StatusContinue {
		resp, err = http.ReadResponse(from, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), "IncompleteBody") {
		t.Errorf("the client that still listens is told %s %s", resp.Status, answer)
	}
}

// senderVariable makes this test binary the process that is killed.
const senderVariable = "OBJECTSTORE_TEST_SEND_TO"

func sendFromKilledProcess(t *testing.T, wire []byte) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	client := exec.Command(program)
	client.Env = append(os.Environ(), senderVariable+"="+store.Address)
	client.Stdin = bytes.NewReader(wire)
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	<-entrance.in
	_ = client.Process.Kill()
	_ = client.Wait()
}

// sendAll is what the killed process does.
func sendAll(address string) {
	wire, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	if _, err := conn.Write(wire); err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, conn)
}

// Every way to sign and check an upload.
var uploadKinds = map[string]func(t *testing.T, target string, body []byte) *http.Request{
	"presigned": presignedUpload,
	"presigned, after 100 Continue": func(t *testing.T, target string, body []byte) *http.Request {
		req := presignedUpload(t, target, body)
		req.Header.Set("Expect", "100-continue")
		return req
	},
	"checksum and MD5": func(t *testing.T, target string, body []byte) *http.Request {
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body))
		digest := md5.Sum(body)
		return signedUpload(t, target, body, "UNSIGNED-PAYLOAD", http.Header{
			"X-Amz-Checksum-Crc32": {base64.StdEncoding.EncodeToString(sum)},
			"Content-Md5":          {base64.StdEncoding.EncodeToString(digest[:])},
		})
	},
	"signed body": func(t *testing.T, target string, body []byte) *http.Request {
		sum := sha256.Sum256(body)
		return signedUpload(t, target, body, hex.EncodeToString(sum[:]), nil)
	},
	"chunks": func(t *testing.T, target string, body []byte) *http.Request {
		return chunkedUpload(t, target, body, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
	},
	"signed chunks": func(t *testing.T, target string, body []byte) *http.Request {
		return chunkedUpload(t, target, body, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
	},
	"signed chunks with a trailer": func(t *testing.T, target string, body []byte) *http.Request {
		return chunkedUpload(t, target, body, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
	},
}

func presignedUpload(t *testing.T, target string, body []byte) *http.Request {
	t.Helper()
	req := newUpload(t, target, body)
	query := req.URL.Query()
	query.Set("X-Amz-Expires", "60")
	req.URL.RawQuery = query.Encode()
	url, _, err := newSigner().PresignHTTP(t.Context(), keys(t), req, "UNSIGNED-PAYLOAD", "s3", store.Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	presigned := newUpload(t, url, body)
	return presigned
}

func signedUpload(t *testing.T, target string, body []byte, payload string, header http.Header) *http.Request {
	t.Helper()
	req := newUpload(t, target, body)
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("X-Amz-Content-Sha256", payload)
	if err := newSigner().SignHTTP(t.Context(), keys(t), req, payload, "s3", store.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	return req
}

// newUpload is a PUT of an object that must not be there, or of a part.
func newUpload(t *testing.T, target string, body []byte) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPut, target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if !req.URL.Query().Has("partNumber") {
		req.Header.Set("If-None-Match", "*")
	}
	return req
}

// chunkedUpload encodes the body as
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
// tells, in chunks of 64 KiB.
func chunkedUpload(t *testing.T, target string, body []byte, payload string) *http.Request {
	t.Helper()
	signed, trailer := !strings.Contains(payload, "UNSIGNED"), strings.HasSuffix(payload, "-TRAILER")
	header := http.Header{"Content-Encoding": {"aws-chunked"}, "X-Amz-Decoded-Content-Length": {fmt.Sprint(len(body))}}
	sum := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)))
	if trailer {
		header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
	}
	encode := func(signature, date string) []byte {
		chain := chunkSigner{previous: signature, date: date}
		var out bytes.Buffer
		for rest := body; ; rest = rest[min(len(rest), 64<<10):] {
			chunk := rest[:min(len(rest), 64<<10)]
			fmt.Fprintf(&out, "%x", len(chunk))
			if signed {
				out.WriteString(";chunk-signature=" + chain.sign("PAYLOAD", hexSum(""), hexSum(string(chunk))))
			}
			out.WriteString("\r\n")
			if len(chunk) == 0 {
				break
			}
			out.Write(chunk)
			out.WriteString("\r\n")
		}
		if trailer {
			line := "x-amz-checksum-crc32:" + sum
			out.WriteString(line + "\r\n")
			if signed {
				out.WriteString("x-amz-trailer-signature:" + chain.sign("TRAILER", hexSum(line+"\n")) + "\r\n")
			}
		}
		out.WriteString("\r\n")
		return out.Bytes()
	}
	// The length is signed, and the chunks' signatures begin with the
	// request's: so it is signed with a body of the right length first.
	draft := encode(strings.Repeat("0", 64), "20260101T000000Z")
	req := signedUpload(t, target, draft, payload, header)
	_, signature, _ := strings.Cut(req.Header.Get("Authorization"), "Signature=")
	req.Body = io.NopCloser(bytes.NewReader(encode(signature, req.Header.Get("X-Amz-Date"))))
	return req
}

// chunkSigner signs chunk after chunk, each with the one before.
type chunkSigner struct{ previous, date string }

func (c *chunkSigner) sign(what string, hashes ...string) string {
	day := c.date[:8]
	key := []byte("AWS4" + store.SecretKey)
	for _, part := range []string{day, store.Region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	lines := append([]string{"AWS4-HMAC-SHA256-" + what, c.date, day + "/" + store.Region + "/s3/aws4_request", c.previous}, hashes...)
	c.previous = hex.EncodeToString(mac(key, strings.Join(lines, "\n")))
	return c.previous
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// newSigner signs as S3 wants it: the path is escaped once.
func newSigner() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
}

func keys(t *testing.T) aws.Credentials {
	t.Helper()
	c, err := client.Options().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// onTheWire is a request's head and its body.
func onTheWire(t *testing.T, req *http.Request) (head, body []byte) {
	t.Helper()
	req.Header.Set(watchHeader, "yes")
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		t.Fatal(err)
	}
	end := bytes.Index(wire.Bytes(), []byte("\r\n\r\n")) + 4
	return wire.Bytes()[:end], wire.Bytes()[end:]
}

// sendWhole sends a request to its end and returns the status.
func sendWhole(t *testing.T, req *http.Request) int {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		t.Logf("%s: %s", resp.Status, answer)
	}
	return resp.StatusCode
}

// An upload that is cut stores nothing, announces nothing, leaves no file, and
// can be sent again; so can a part.
func TestAnUploadThatIsCutLeavesNothingAndCanBeSentAgain(t *testing.T) {
	body := testBody(cutSize)
	bus.take(t)
	for kind, prepare := range uploadKinds {
		for end, cut := range senders {
			for _, share := range []int{1, 50, 99, 100} {
				if share == 100 && !strings.Contains(kind, "chunks") {
					continue // all of the data, without the last chunk
				}
				name := fmt.Sprintf("%s/%s at %d %%", kind, end, share)
				t.Run("object/"+name, func(t *testing.T) {
					target := fmt.Sprintf("http://%s/%s/%s", store.Address, testBucket, keyFor(t))
					cutAt(t, prepare(t, target, body), share, cut)
					if _, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(testBucket), Key: aws.String(keyFor(t))}); err == nil {
						t.Error("the object is there")
					}
					if got := bus.take(t); len(got) != 0 {
						t.Errorf("announced: %+v", got)
					}
					if status := sendWhole(t, prepare(t, target, body)); status != http.StatusOK {
						t.Errorf("sent again: %d", status)
					}
					checkStored(t, body, reasonPut)
				})
				t.Run("part/"+name, func(t *testing.T) { cutPart(t, body, prepare, share, cut) })
			}
		}
	}
}

func cutPart(t *testing.T, body []byte, prepare func(*testing.T, string, []byte) *http.Request, share int, cut func(*testing.T, []byte)) {
	bucket, key := aws.String(testBucket), aws.String(keyFor(t))
	up, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	target := fmt.Sprintf("http://%s/%s/%s?partNumber=1&uploadId=%s", store.Address, testBucket, *key, *up.UploadId)
	cutAt(t, prepare(t, target, body), share, cut)
	if parts := partsOf(t, bucket, key, up.UploadId); len(parts) != 0 {
		t.Errorf("the part counts as arrived: %+v", parts)
	}
	if status := sendWhole(t, prepare(t, target, body)); status != http.StatusOK {
		t.Fatalf("sent again: %d", status)
	}
	parts := partsOf(t, bucket, key, up.UploadId)
	if len(parts) != 1 || *parts[0].Size != int64(len(body)) {
		t.Fatalf("after the part was sent again: %+v", parts)
	}
	_, err = client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: parts[0].ETag, PartNumber: aws.Int32(1)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	checkStored(t, body, reasonMultipart)
}

// cutAt sends a share of the request's body, in hundredths, and waits until
// the gateway has done with it.
func cutAt(t *testing.T, req *http.Request, share int, cut func(*testing.T, []byte)) {
	t.Helper()
	head, body := onTheWire(t, req)
	n := len(body) * share / 100
	if share == 100 {
		n = bytes.LastIndex(body, []byte("\r\n0")) // where the last chunk begins
	}
	before := files(t)
	cut(t, append(head, body[:n]...))
	<-entrance.done
	if left := files(t); left != before {
		t.Errorf("there were %d files, and are %d", before, left)
	}
}

// files counts all that the gateway keeps on disk.
func files(t *testing.T) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(store.Dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && entry.Type().IsRegular() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func partsOf(t *testing.T, bucket, key, upload *string) []types.Part {
	t.Helper()
	out, err := client.ListParts(t.Context(), &s3.ListPartsInput{Bucket: bucket, Key: key, UploadId: upload})
	if err != nil {
		t.Fatal(err)
	}
	return out.Parts
}

func checkStored(t *testing.T, body []byte, reason string) {
	t.Helper()
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(testBucket), Key: aws.String(keyFor(t))})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if got, err := io.ReadAll(out.Body); err != nil || !bytes.Equal(got, body) {
		t.Errorf("the object has %d bytes that are not those that were sent (%v)", len(got), err)
	}
	if got := bus.take(t); len(got) != 1 || got[0].Object.Size != int64(len(body)) || got[0].Reason != reason {
		t.Errorf("announced: %+v", got)
	}
}

// keyFor is a key of the test's own.
func keyFor(t *testing.T) string { return "cut/" + hexSum(t.Name())[:16] }

func testBody(size int) []byte {
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i>>8) ^ byte(i)
	}
	return body
}
